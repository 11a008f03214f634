/** A field that a Lucene text names, and where (0-based). */
export interface LuceneField {
  readonly field: string;
  readonly offset: number;
  /** What a range compares it with: `> 5`, `[1 TO 5]`. */
  readonly compared?: string;
}

/** What holds no names of fields: quoted texts, and regular expressions as values. */
const OPAQUE = /"(?:\\.|[^"\\])*"|(?<=:)\/(?:\\.|[^/\\])*\//g;
const NAME = /(?<![\w.@\\-])[-+!]?((?:[\w.@-]|\\.)+):(?=\S)/g;
const RANGE = /^(?:[<>]=?([^\s()]+)|[[{]([^\s\]}]+) TO ([^\s\]}]+)[\]}])/;
const LONGEST_RANGE = 200;
const EXISTS = /^(\w(?:[\w.@-]|\\.)*)/;

/**
 * The fields that a Lucene text names before a colon, and after `_exists_:`, in the order of the text; patterns are left out. It is for
 * advice only: the text is not parsed.
 */
export function fieldsOfLucene(text: string): readonly LuceneField[] {
  const plain = text.replace(OPAQUE, (whole) => ' '.repeat(whole.length));
  return [...plain.matchAll(NAME)].flatMap((match): readonly LuceneField[] => {
    const [whole, name = ''] = match;
    const end = match.index + whole.length;
    const compared = RANGE.exec(plain.slice(end, end + LONGEST_RANGE));
    const bound = [compared?.[1], compared?.[2], compared?.[3]].find((one) => one !== undefined && one !== '*');
    if (name !== '_exists_')
      return [{ field: unescaped(name), offset: end - 1 - name.length, ...(bound !== undefined && { compared: bound }) }];
    const field = EXISTS.exec(plain.slice(end))?.[1];
    return field === undefined || /^\*/.test(plain.slice(end + field.length)) ? [] : [{ field: unescaped(field), offset: end }];
  });
}

function unescaped(name: string): string {
  return name.replace(/\\(.)/g, '$1');
}
