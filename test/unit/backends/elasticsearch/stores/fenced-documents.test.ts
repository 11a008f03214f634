import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { fencedDocuments } from '../../../../../src/backends/elasticsearch/stores/fenced-documents.ts';
import type { Wire, WireRequest } from '../../../../../src/backends/elasticsearch/wire.ts';
import type { JsonObject } from '../../../../../src/core/json.ts';
import { members, name } from '../../../../../src/state/shapes.ts';
import { storedKind } from '../../../../../src/state/stored-kind.ts';
import { answered, linesOf, refused, scriptedWire } from '../../../../support/elasticsearch-backend/scripted-wire.ts';

interface Note {
  readonly v: 1;
  readonly text: string;
}

const { read } = storedKind({ name: 'note', index: 'notes', schema: members({ v: Type.Literal(1), text: name }), indexed: [] });

function notes(wire: Wire, made: string[] = []) {
  const ensureIndex = async () => {
    made.push('index');
    return { ok: true as const, value: undefined };
  };
  return fencedDocuments<Note>(
    { wire, index: 't-notes', namespace: 'team', ensureIndex },
    { indexed: ({ text }) => ({ length: text.length }), read },
  );
}

const stored = (id: string, seqNo: number, body: unknown) => ({
  _id: `team:${id}`,
  found: true,
  _seq_no: seqNo,
  _primary_term: 1,
  _source: { body },
});
const note = (text: string): Note => ({ v: 1, text });
const docsOf = ({ body }: WireRequest) => (body as JsonObject)['docs'];
const held = (seqNo: number, text: string) => ({ document: note(text), version: { seqNo, primaryTerm: 1 } });

describe('loading documents', () => {
  it('by id gives those that are there', async () => {
    const wire = scriptedWire(() => answered({ docs: [stored('a', 3, note('one')), { _id: 'team:b', found: false }] }));
    expect(await notes(wire).load(['a', 'b'])).toEqual({ ok: true, value: new Map([['a', held(3, 'one')]]) });
    expect(wire.requests[0]).toMatchObject({ path: '/t-notes/_mget', repeatable: true });
  });

  it('that are too large together asks for them in halves', async () => {
    const wire = scriptedWire((request) => {
      const docs = docsOf(request) as readonly { readonly _id: string }[];
      if (docs.length > 2) return { kind: 'oversized', message: 'the answer has more than 64 MiB' };
      return answered({ docs: docs.map(({ _id }) => stored(_id.slice(5), 1, note(_id))) });
    });
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const loaded = await notes(wire).load(ids);
    expect(loaded.ok && [...loaded.value.keys()]).toEqual(ids);
    expect(wire.requests.map((request) => (docsOf(request) as readonly unknown[]).length)).toEqual([5, 3, 2, 1, 2]);
  });

  it('of which one is too large by itself fails, and says so', async () => {
    const wire = scriptedWire(() => ({ kind: 'oversized', message: 'the answer has more than 64 MiB' }));
    const message = 'document team:a of t-notes exceeds the size limit of a response';
    expect(await notes(wire).load(['a'])).toEqual({ ok: false, message, unreadable: new Map([['a', message]]) });
  });

  it('of which some are held asks for their versions, and only for bodies that are not known', async () => {
    const have = new Map([
      ['same', held(1, 'as before')],
      ['moved', held(2, 'old')],
      ['gone', held(3, 'was here')],
    ]);
    const wire = scriptedWire((_request, sent) =>
      sent === 1
        ? answered({ docs: [stored('same', 1, undefined), stored('moved', 5, undefined), { found: false }] })
        : answered({ docs: [stored('new', 9, note('new')), stored('moved', 5, note('changed'))] }),
    );
    const loaded = await notes(wire).load(['same', 'moved', 'gone', 'new'], have);
    expect(loaded).toEqual({
      ok: true,
      value: new Map([
        ['same', held(1, 'as before')],
        ['new', held(9, 'new')],
        ['moved', held(5, 'changed')],
      ]),
    });
    expect(wire.requests.map(docsOf)).toEqual([
      ['same', 'moved', 'gone'].map((id) => ({ _id: `team:${id}`, _source: false })),
      ['new', 'moved'].map((id) => ({ _id: `team:${id}`, _source: true })),
    ]);
  });

  it.each([
    ['edited by hand', { v: 1, text: 7 }, /^document team:a of t-notes is invalid at text: must be string, got 7/, true],
    ['without a body', undefined, /team:a of t-notes has no body/, true],
    ['of a newer Tocsin', { v: 2 }, /team:a of t-notes was written by a newer Tocsin \(version 2/, false],
    ['of no version', { text: 'x' }, /has version undefined/, true],
  ])('fails by name for one %s', async (_name, body, message, mayBeReplaced) => {
    const wire = scriptedWire(() => answered({ docs: [stored('a', 1, body)] }));
    expect(await notes(wire).load(['a'])).toEqual({
      ok: false,
      message: expect.stringMatching(message),
      unreadable: new Map([['a', expect.stringMatching(message)]]),
      replaceable: new Map(mayBeReplaced ? [['a', { seqNo: 1, primaryTerm: 1, body }]] : []),
    });
  });

  it.each([
    ['the cluster is away', { kind: 'unreachable', message: 'connection refused' } as const],
    [
      'a shard is away',
      answered({ docs: [{ _id: 'team:a', error: { type: 'no_shard_available_action_exception', reason: 'none' } }] }),
    ],
    ['the answer is too short', answered({ docs: [] })],
    ['permission denied', refused(403, 'security_exception', 'unauthorized')],
    ['the answer has no version', answered({ docs: [{ found: true, _source: {} }] })],
  ])('fails when %s, and is never an empty answer', async (_name, reply) => {
    expect(await notes(scriptedWire(() => reply)).load(['a'])).toMatchObject({ ok: false });
  });

  it('from an index that someone deleted makes it again, before a write could do so without its mapping', async () => {
    const made: string[] = [];
    const missing = { _id: 'team:a', error: { type: 'index_not_found_exception', reason: 'no such index [t-notes]' } };
    expect(
      await notes(
        scriptedWire(() => answered({ docs: [missing] })),
        made,
      ).load(['a']),
    ).toEqual({ ok: true, value: new Map() });
    expect(made).toEqual(['index']);
  });
});

describe('saving documents', () => {
  it('creates what has no version and replaces exactly the version that was read', async () => {
    const wire = scriptedWire(() =>
      answered({
        items: [
          { create: { status: 201, _seq_no: 1, _primary_term: 1 } },
          { index: { status: 200, _seq_no: 2, _primary_term: 1 } },
        ],
      }),
    );
    const version = { seqNo: 4, primaryTerm: 3 };
    const saved = await notes(wire).save([
      { id: 'a', document: note('one'), version: undefined },
      { id: 'b', document: note('three'), version },
    ]);
    expect(saved.map(({ kind }) => kind)).toEqual(['saved', 'saved']);
    expect(linesOf(wire.requests[0])).toEqual([
      { create: { _id: 'team:a' } },
      { namespace: 'team', id: 'a', length: 3, body: { v: 1, text: 'one' } },
      { index: { _id: 'team:b', if_seq_no: 4, if_primary_term: 3 } },
      { namespace: 'team', id: 'b', length: 5, body: { v: 1, text: 'three' } },
    ]);
  });
});
