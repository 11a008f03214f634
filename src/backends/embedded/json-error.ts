/** Plain characters of a string, as many as there are: repeating a group over megabytes would exhaust the stack. */
const PLAIN = /[ !#-[\]-\u{10FFFF}]*/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'end';

/** Where a text stops being JSON (an offset in it), and what was expected there; undefined when it is JSON to its end. */
export function findJsonError(text: string): { readonly offset: number; readonly expected: string } | undefined {
  const open: ('[' | '{')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const past = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const pastString = (): boolean => {
    const start = at;
    at += 1;
    do past(PLAIN);
    while (past(ESCAPE));
    if (text[at] === '"') {
      at += 1;
      return true;
    }
    at = start;
    return false;
  };
  const afterValue = (): Expected => (open.length === 0 ? 'end' : open.at(-1) === '[' ? ', or ]' : ', or }');
  const close = (): Expected => {
    open.pop();
    at += 1;
    return afterValue();
  };
  /** Takes the next token; undefined when it does not fit. */
  const step = (): Expected | undefined => {
    const next = text[at];
    if (expected === 'value' || expected === 'value or ]') {
      if (next === ']' && expected === 'value or ]') return close();
      if (next !== '[' && next !== '{') return (next === '"' ? pastString() : past(SCALAR)) ? afterValue() : undefined;
      open.push(next);
      at += 1;
      return next === '[' ? 'value or ]' : 'key or }';
    }
    if (expected === 'key' || expected === 'key or }') {
      if (next === '}' && expected === 'key or }') return close();
      return next === '"' && pastString() ? ':' : undefined;
    }
    if (next === ':' && expected === ':') return advance('value');
    if (next === ',' && expected !== ':') return advance(expected === ', or ]' ? 'value' : 'key');
    return expected.endsWith(`${next}`) && expected !== ':' ? close() : undefined;
  };
  const advance = (to: Expected): Expected => {
    at += 1;
    return to;
  };
  for (;;) {
    past(SPACE);
    if (expected === 'end') return at === text.length ? undefined : { offset: at, expected: 'the end of the line' };
    const next = at === text.length ? undefined : step();
    if (next === undefined) return { offset: at, expected: words(expected) };
    expected = next;
  }
}

function words(expected: Expected): string {
  switch (expected) {
    case 'value':
    case 'value or ]':
      return 'a value';
    case 'key':
    case 'key or }':
      return 'a name in double quotes';
    default:
      return expected === 'end' ? 'the end of the line' : `${expected}`;
  }
}
