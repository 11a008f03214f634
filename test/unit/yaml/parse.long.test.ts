import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import type { FaultCodes } from '../../../src/yaml/codes.ts';
import { parseOnly, parseYaml } from '../../../src/yaml/parse.ts';
import { HOSTILE_YAML } from './hostile-yaml.ts';

const CODES: FaultCodes = {
  yaml: 'test/yaml',
  'too-large': 'test/too-large',
  'duplicate-key': 'test/duplicate-key',
  'unknown-key': 'test/unknown-key',
  'missing-key': 'test/missing-key',
  invalid: 'test/invalid',
  exclusive: 'test/exclusive',
};

function parse(text: string) {
  const { documents, problems } = parseYaml({ file: 'f', text }, CODES);
  return { values: documents.map(({ value }) => value), problems: problems.map(formatProblem) };
}

describe('the documents of a file', () => {
  it.each([
    ['nothing', ''],
    ['blank lines', '\n\n'],
    ['comments', '# a\n# b\n'],
    ['empty documents', '---\n---\n'],
  ])('are none where it holds %s', (_what, text) => {
    expect(parse(text)).toEqual({ values: [], problems: [] });
  });

  it('are those that hold something', () => {
    expect(parse('---\na: 1\n---\n# nothing\n---\nb: 2\n')).toEqual({ values: [{ a: 1 }, { b: 2 }], problems: [] });
  });

  it('are read though one of them is broken', () => {
    const { values, problems } = parse('a: [1\n---\nb: 2\n---\nc: 1\nc: 2\n');
    expect(values).toEqual([{ b: 2 }]);
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual(['f:1:4', 'f:6:1']);
  });

  it.each([
    ['not valid YAML', 'a: [1', 'test/yaml'],
    ['a sign of YAML in front of a text', 'a: !b c', 'test/yaml'],
    ['a key twice', 'a: 1\na: 2', 'test/duplicate-key'],
    ['too deep', '['.repeat(1_000), 'test/too-large'],
    ['too long', 'a: 1\n---\n'.repeat(6_000), 'test/too-large'],
  ])('have problems under the codes of the room: %s', (_what, text, code) => {
    expect(parseYaml({ file: 'f', text }, CODES).problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('may be one only', () => {
    const only = (text: string) => parseOnly({ file: 'f', text }, CODES, 'join them');
    expect(only('a: 1\n').document?.value).toEqual({ a: 1 });
    expect(only('# nothing').document).toBeUndefined();
    expect(only('a: 1\n---\nb: 2\n').problems.map(formatProblem)).toEqual([
      "f:3:1: expected one document, found another after '---' (join them)",
    ]);
  });
});

describe('a value', () => {
  it('joins merge keys, its own keys first', () => {
    expect(parse('a: &x { p: 1, q: 2 }\nb: { <<: *x, q: 3 }\nc: { <<: [*x, { p: 4, r: 5 }] }\n').values).toEqual([
      { a: { p: 1, q: 2 }, b: { p: 1, q: 3 }, c: { p: 1, q: 2, r: 5 } },
    ]);
  });

  it('cannot change what objects are', () => {
    const { values } = parse('__proto__: { polluted: 1 }\n');
    expect(Object.keys(values[0] ?? {})).toEqual(['__proto__']);
    expect((values[0] as Readonly<Record<string, unknown>>)['polluted']).toBeUndefined();
  });

  it.each([
    ['of many lines', Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['of one long line', JSON.stringify(Array.from({ length: 2_000 }, (_, i) => ({ a: i, b: { c: [i, '- a: ? ['] } })))],
  ])('may be large: one %s', (_what, text) => {
    expect(parse(text).problems).toEqual([]);
  });
});

describe('a place in a document', () => {
  const text = 'a: &x { p: 1, "q r": [2, "th\\tree"] }\nb: { <<: *x, s: 4 }\nc: *x\nd:\n';
  const document = parseOnly({ file: 'f', text }, CODES, '').document;

  it.each([
    [['a'], 'key', '1:1'],
    [['a', 'p'], 'value', '1:12'],
    [['a', 'q r'], 'key', '1:15'],
    [['a', 'q r', 1], 'value', '1:26'],
    [['b', 'p'], 'key', '1:9'],
    [['b', 's'], 'value', '2:17'],
    [['c', 'p'], 'value', '1:12'],
    [['d'], 'key', '4:1'],
    [['a', 'q r', 7], 'value', '1:22'],
    [['e', 'f'], 'value', '1:1'],
  ] as const)('%j, its %s, is at %s', (path, part, place) => {
    const at = document?.place(path, part);
    expect(`${at?.line}:${at?.column}`).toBe(place);
  });

  it('is that of a character inside a text', () => {
    expect(document?.placeInText(['a', 'q r', 1], 3)).toEqual({ file: 'f', line: 1, column: 31 });
  });
});

describe('hostile YAML is refused in bounded time', () => {
  it.each(HOSTILE_YAML)('%s', (_what, text, said) => {
    const { values, problems } = parse(text());
    expect(problems[0]).toContain(said);
    expect(problems.length).toBeLessThanOrEqual(100);
    expect(values).toEqual([]);
  });
});

describe('brackets that are not closed', () => {
  it.each([
    ['name: a\nindex: [a, b\nquery: x\n\nwindow: 5m\n', '2:8', '['],
    ['a: 1\nmetrics: [\n', '2:10', '['],
    ['a: 1\nmetrics: { m: { avg: x }\ncondition: m > 1\n', '2:10', '{'],
    ['a: 1\nb: [x, [y, z]\nc: 2', '2:4', '['],
    ['a: [ {x: 1, ]\nb: 1\n', '1:6', '{'],
    ['a: [1,\n2]\nb: 1\n', '1:4', '['],
  ])('in %j are reported where they begin', (text, place, sign) => {
    expect(parse(text).problems).toEqual([
      expect.stringMatching(`^f:${place}: not valid YAML: this \\${sign} is not closed \\(close it with [\\]}], and indent`),
    ]);
  });
});
