import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDocumentFiles, readMappingFile, timeNotes } from '../../../src/cli/dry-run/documents.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mapping-'));
});
afterAll(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

describe('documents of a dry run', () => {
  test('whose time no window can find are counted and named', async () => {
    const lines = ['{"ts":"01/Jan/2026:10:00:00 +0000"}', '{"ts":1767261600}', '{"ts":"2026-01-01T10:00:00Z"}', '{}'];
    const store = await readDocumentFiles([await file('a.ndjson', lines.join('\n'))], { most: 10, signal, read: () => {} });
    expect(timeNotes(store, ['ts', '@timestamp'])).toEqual([
      '1 of 4 documents have a ts that is not a date, such as "01/Jan/2026:10:00:00 +0000": no window finds them. Give its `format` in a mapping: --mapping FILE',
      '1 of 4 documents have a ts of 1970, such as 1767261600: if these are seconds, give `format: epoch_second` in a mapping: --mapping FILE',
    ]);
  });

  test('are read by their mapping', async () => {
    const mapping = await readMappingFile(
      await file('m.json', '{"logs":{"mappings":{"properties":{"ts":{"type":"date","format":"epoch_second"}}}}}'),
    );
    const store = await readDocumentFiles([await file('b.ndjson', '{"ts":1767261600}')], {
      most: 10,
      signal,
      read: () => {},
      mapping,
    });
    expect(timeNotes(store, ['ts'])).toEqual([]);
    const from = Date.parse('2026-01-01T10:00:00Z');
    expect(store.within('ts', { from, to: from + 1 })).toHaveLength(1);
  });

  test.each([
    ['no JSON', '{', 'cannot be read'],
    ['something else', '{"a":1,"b":2}', 'has no mapping'],
  ])('a mapping that is %s is named', async (_name, text, message) => {
    await expect(readMappingFile(await file('bad.json', text))).rejects.toThrow(message);
  });
});
