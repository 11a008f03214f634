import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonError } from '../../../../src/backends/embedded/json-error.ts';
import { readNdjson } from '../../../../src/backends/embedded/ndjson.ts';
import { formatProblem } from '../../../../src/core/problems.ts';

async function read(chunks: readonly (string | Uint8Array)[], maxLine?: number): Promise<readonly unknown[]> {
  async function* stream() {
    yield* chunks;
  }
  const lines: unknown[] = [];
  for await (const line of readNdjson('docs.ndjson', stream(), maxLine)) {
    lines.push(line.ok ? line.value : line.problems.map(formatProblem).join('; '));
  }
  return lines;
}

describe('a file of documents', () => {
  it('has a document a line: its source, or its source with its index and id', async () => {
    const lines = '{"n":1}\n\n{"_index":"logs-a","_id":"x","_source":{"n":2}}\r\n{"_source":{"n":3}}';
    expect(await read([lines])).toEqual([
      { source: { n: 1 } },
      { source: { n: 2 }, index: 'logs-a', id: 'x' },
      { source: { n: 3 } },
    ]);
  });

  it.each<[string, string, string]>([
    ['no JSON', '{"n":1}\n{"n":x}', 'docs.ndjson:2:6: invalid JSON: expected a value'],
    ['JSON that ends too early', '{"n":1', 'docs.ndjson:1:7: invalid JSON: expected , or }'],
    ['a comma too many', '{"n":1,}', 'docs.ndjson:1:8: invalid JSON: expected a name in double quotes'],
    ['two values in a line', '{"n":1} {"n":2}', 'docs.ndjson:1:9: invalid JSON: expected the end of the line'],
    ['a list', '  [1]', 'docs.ndjson:1:3: a document is a JSON object'],
    ['a source that is no object', '{"_source":5}', 'docs.ndjson:1:1: `_source` must be a JSON object'],
    ['an index that is no text', '{"_source":{},"_index":5}', 'docs.ndjson:1:1: `_index` must be a string'],
  ])('with %s names the place', async (_name, text, expected) => {
    expect((await read([text])).at(-1)).toEqual(expect.stringContaining(expected));
  });

  it('goes on after a bad line', async () => {
    expect(await read(['{"n":1}\nbad\n{"n":2}\n'])).toEqual([
      { source: { n: 1 } },
      expect.stringContaining('docs.ndjson:2:1'),
      { source: { n: 2 } },
    ]);
  });

  it('does not hold a line that is too long', async () => {
    const long = `{"text":"${'x'.repeat(200)}"}`;
    expect(await read([`{"n":1}\n${long.slice(0, 90)}`, `${long.slice(90)}\n{"n":2}\n`], 100)).toEqual([
      { source: { n: 1 } },
      expect.stringContaining('docs.ndjson:2:1: this line is longer than 100 characters'),
      { source: { n: 2 } },
    ]);
  });

  it.each([
    ['is never closed', `{"text":"${'x'.repeat(9_000_000)}`, 'docs.ndjson:1:9: invalid JSON: expected a value'],
    ['is full of escapes', `{"text":"${'\\u0041'.repeat(1_000_000)}"`, 'docs.ndjson:1:6000011: invalid JSON: expected'],
    ['is as deep as it is long', `${'{"a":'.repeat(100_000)}x`, 'docs.ndjson:1:500001: invalid JSON: expected a value'],
    ['is deep and whole', `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`, ''],
  ])('says where a line of megabytes breaks that %s', async (_name, text, said) => {
    const [line] = await read([text]);
    if (said === '') expect(line).toHaveProperty('source');
    else expect(line).toEqual(expect.stringContaining(said));
  });

  it('reads the same however it is cut into chunks', async () => {
    const bytes = new TextEncoder().encode('{"text":"東京 😀"}\n{"n":2}\n{"ü":"ö"}');
    const whole = await read([bytes]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 6 }), async (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((end, at) => bytes.slice(edges[at], end));
        expect(await read(chunks)).toEqual(whole);
      }),
    );
  });
});

describe('the place of a JSON error', () => {
  it('is found exactly where there is one', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', '}', ',', '"', 'x', '\\', '\u0001', '0', ' '), (json, at, strange) => {
        const place = at % (json.length + 1);
        const text = json.slice(0, place) + strange + json.slice(place + (strange === '' ? 1 : 0));
        expect(findJsonError(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2_000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
