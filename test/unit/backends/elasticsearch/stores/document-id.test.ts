import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentId } from '../../../../../src/backends/elasticsearch/stores/document-id.ts';

describe('the id of a document', () => {
  it('begins with its namespace and can be read', () => {
    expect(documentId('team', 'stub 5xx/überall')).toBe('team:stub 5xx/überall');
  });

  it('is never longer than Elasticsearch takes', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 700 });
    fc.assert(fc.property(texts, texts, (namespace, id) => Buffer.byteLength(documentId(namespace, id)) <= 512));
  });

  it('is another one for another document, also of a namespace that looks like a part of the id', () => {
    const texts = fc.oneof(
      fc.constantFrom('a', 'a:', 'a:b', ':', 'x'.repeat(600), `${'x'.repeat(600)}y`),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.tuple(texts, texts), fc.tuple(texts, texts), (one, other) => {
        expect(documentId(...one) === documentId(...other)).toBe(one[0] === other[0] && one[1] === other[1]);
      }),
      { numRuns: 2_000 },
    );
  });
});
