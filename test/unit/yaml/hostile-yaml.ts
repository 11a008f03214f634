const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map((name, i) => `${name}: &${name} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
];
const MERGE_BOMB = BOMB.map((line, i) => (i === 0 ? 'a: &a { k: 1 }' : line.replace('[', '{ <<: [').replace(']', '] }')));
const STEPS = (count: number) => Array.from({ length: count }, (_, i) => `${' '.repeat(i)}a:`).join('\n');

/** Texts that would take a careless reader long, or its stack or memory whole: a name, the text, and what the refusal says. */
export const HOSTILE_YAML: readonly (readonly [name: string, text: () => string, said: string])[] = [
  ['an alias bomb', () => BOMB.join('\n'), 'more than 100000 values, aliases included'],
  ['a bomb of merge keys', () => MERGE_BOMB.join('\n'), 'more than 100000 values, aliases included'],
  ['an alias inside itself', () => 'a: &a [*a]', 'refers to a value that contains it'],
  ['an alias of nothing', () => 'a: *b', 'refers to an anchor, but no anchor above has this name'],
  ['deep brackets', () => `a: ${'['.repeat(100_000)}`, 'nested deeper than 100 levels'],
  ['closed deep brackets', () => `a: ${'['.repeat(100)}${']'.repeat(100)}`, 'nested deeper than 100 levels'],
  ['deep braces', () => '{a: '.repeat(20_000), 'nested deeper than 100 levels'],
  ['keys that are keys', () => '? '.repeat(500), 'nested deeper than 100 levels'],
  ['a key that is a mapping', () => '? { a: 1 }\n: 2', 'a key must be a plain word'],
  ['many keys that are mappings', () => Array.from({ length: 10_000 }, (_, i) => `? {a: ${i}}\n: 1`).join('\n'), 'nested deeper'],
  ['a row of keys', () => 'a: '.repeat(1_500), 'nested deeper than 100 levels'],
  ['steps', () => STEPS(800), 'nested deeper than 100 levels'],
  ['seventy levels', () => STEPS(70), 'nested deeper than'],
  ['dashes', () => '- '.repeat(200_000), 'nested deeper than 100 levels'],
  ['commas', () => `[${','.repeat(900_000)}]`, 'more than 200000 tokens'],
  ['a hundred thousand documents', () => 'a: 1\n---\n'.repeat(6_000), 'more than 5000 documents'],
  ['the same key over and over', () => 'k: 1\n'.repeat(20_000), 'duplicate key'],
];
