import { describe, expect, it } from 'vitest';
import { classifyItem, classifyWhole, writeBulk } from '../../../../../src/backends/elasticsearch/stores/bulk.ts';
import type { WireReply } from '../../../../../src/backends/elasticsearch/wire.ts';
import { answered, linesOf, refused, scriptedWire } from '../../../../support/elasticsearch-backend/scripted-wire.ts';

const failedItem = (status: number, type: string) => ({ create: { status, error: { type, reason: 'because' } } });
const savedItem = { create: { status: 201, _seq_no: 7, _primary_term: 2, result: 'created' } };

describe('one write of a bulk', () => {
  it.each([
    ['saved when it was created', savedItem, 'saved'],
    ['saved when it was replaced', { index: { status: 200, _seq_no: 8, _primary_term: 2 } }, 'saved'],
    ['a conflict when another was faster', failedItem(409, 'version_conflict_engine_exception'), 'conflict'],
    ['unclear when its shard did not answer in time', failedItem(503, 'unavailable_shards_exception'), 'unclear'],
    ['unclear when a node refused it under way', failedItem(429, 'es_rejected_execution_exception'), 'unclear'],
    ['unclear when the server failed', failedItem(500, 'null_pointer_exception'), 'unclear'],
    ['unclear when the answer says nothing of it', { create: { status: 201 } }, 'unclear'],
    ['unclear when the answer is none', null, 'unclear'],
    ['refused when it cannot be mapped', failedItem(400, 'document_parsing_exception'), 'refused'],
    ['refused when the index is read-only', failedItem(403, 'cluster_block_exception'), 'refused'],
    ['refused when the disk is full', failedItem(429, 'cluster_block_exception'), 'refused'],
    ['refused without the right to write', failedItem(403, 'security_exception'), 'refused'],
    ['refused when the index is gone and may not be made', failedItem(404, 'index_not_found_exception'), 'refused'],
  ])('is %s', (_name, item, kind) => {
    expect(classifyItem(item).kind).toBe(kind);
  });

  it('bears the version that it was saved at', () => {
    expect(classifyItem(savedItem)).toEqual({ kind: 'saved', version: { seqNo: 7, primaryTerm: 2 } });
  });
});

describe('a bulk that was not answered write by write', () => {
  const rows: readonly (readonly [string, WireReply, string])[] = [
    ['is unclear when the answer was lost', { kind: 'timeout', message: 'no answer' }, 'unclear'],
    ['is unclear when the connection broke', { kind: 'unreachable', message: 'reset' }, 'unclear'],
    ['is unclear when the answer is garbled', { kind: 'garbled', message: 'what' }, 'unclear'],
    ['is unclear when a proxy gave up', answered('<html>', 504), 'unclear'],
    ['is unclear when the server was busy', refused(429, 'es_rejected_execution_exception', 'busy'), 'unclear'],
    ['is refused without a login', refused(401, 'security_exception', 'no'), 'refused'],
    ['is refused when it is too large', answered('', 413), 'refused'],
    ['is refused when it makes no sense', refused(400, 'action_request_validation_exception', 'id is too long'), 'refused'],
  ];
  it.each(rows)('%s', (_name, reply, kind) => {
    expect(classifyWhole(reply).kind).toBe(kind);
  });
});

describe('writing in bulk', () => {
  const writes = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ action: { create: { _id: `d${i}` } }, document: { i } }));
  const itemsFor = (lines: readonly unknown[]) => answered({ items: Array.from({ length: lines.length / 2 }, () => savedItem) });

  it('sends each write once, in as many requests as the limits make it', async () => {
    const wire = scriptedWire((request) => itemsFor(linesOf(request)));
    const saved = await writeBulk(wire, { path: '/i/_bulk' }, writes(7), { bytes: 1_000_000, writes: 3, one: 1_000_000 });
    expect(saved.map(({ kind }) => kind)).toEqual(Array.from({ length: 7 }, () => 'saved'));
    expect(wire.requests.map((request) => linesOf(request).length / 2)).toEqual([3, 3, 1]);
    expect(wire.requests.every((request) => !request.repeatable && request.query?.['timeout'] === '8000ms')).toBe(true);
  });

  it('counts bytes, and sends what is too large by itself', async () => {
    const wire = scriptedWire((request) => itemsFor(linesOf(request)));
    const documents = [10, 10, 500, 10].map((size) => ({ action: { create: {} }, document: { text: 'ä'.repeat(size) } }));
    await writeBulk(wire, { path: '/i/_bulk' }, documents, { bytes: 200, writes: 100, one: 10_000 });
    expect(wire.requests.map((request) => linesOf(request).length / 2)).toEqual([2, 1, 1]);
  });

  it('refuses what could never be read back, and writes the rest', async () => {
    const wire = scriptedWire((request) => itemsFor(linesOf(request)));
    const documents = [10, 34 * 1_048_576, 10].map((size) => ({ action: { create: {} }, document: { text: 'x'.repeat(size) } }));
    const saved = await writeBulk(wire, { path: '/i/_bulk' }, documents);
    expect(saved.map(({ kind }) => kind)).toEqual(['saved', 'refused', 'saved']);
    expect(saved[1]).toMatchObject({
      message: 'a document of 34.0 MiB is too large, at most 32.0 MiB: lower max_groups, or group by fewer fields',
    });
    expect(wire.requests.map((request) => linesOf(request).length / 2)).toEqual([2]);
  });

  it('halves what the server finds too large, until it is one write', async () => {
    const wire = scriptedWire((request) =>
      request.lines?.some((line) => line.includes('"i":2')) ? answered('', 413) : itemsFor(linesOf(request)),
    );
    const saved = await writeBulk(wire, { path: '/i/_bulk' }, writes(4));
    expect(saved.map(({ kind }) => kind)).toEqual(['saved', 'saved', 'refused', 'saved']);
  });

  it('leaves all writes of a portion unclear when the answer does not fit them', async () => {
    const wire = scriptedWire(() => answered({ items: [savedItem] }));
    const saved = await writeBulk(wire, { path: '/i/_bulk' }, writes(2));
    expect(saved.map(({ kind }) => kind)).toEqual(['unclear', 'unclear']);
    expect(wire.requests).toHaveLength(1);
  });
});
