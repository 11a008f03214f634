import { type Static, Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { count, flag, list, members, name } from '../../../src/state/shapes.ts';
import { indexedOf, migration, storedKind } from '../../../src/state/stored-kind.ts';

/** A kind with two migrations: one text became a list, then a count of them was added and a member went. */
const Note1 = members({ v: Type.Literal(1), due: count, text: name, draft: Type.Optional(flag) });
const Note2 = members({ v: Type.Literal(2), due: count, lines: list(name), draft: flag });
const Note3 = members({ v: Type.Literal(3), due: count, lines: list(name), written: count });
type Note3 = Static<typeof Note3>;

const from1 = ({ text, draft = false, ...rest }: Static<typeof Note1>) => ({ ...rest, lines: [text], draft });
const from2 = ({ draft, ...rest }: Static<typeof Note2>) => ({ ...rest, written: draft ? 0 : rest.lines.length });

function notes(migrations = { 1: migration(Note1, from1), 2: migration(Note2, from2) }) {
  return storedKind({ name: 'note', index: 'notes', schema: Note3, indexed: ['due'], migrations });
}

const CURRENT: Note3 = { v: 3, due: 5, lines: ['a'], written: 1 };

describe('a stored document', () => {
  it.each([
    ['of version 1', { v: 1, due: 5, text: 'a' }],
    ['of version 2', { v: 2, due: 5, lines: ['a'], draft: false }],
    ['of the current version', CURRENT],
  ])('%s is read as the current one', (_name, body) => {
    expect(notes().read(Object.freeze(body))).toEqual({ ok: true, document: CURRENT });
  });

  it('keeps members that no version knows', () => {
    expect(notes().read({ v: 1, due: 5, text: 'a', more: { of: 1 } })).toEqual({
      ok: true,
      document: { ...CURRENT, more: { of: 1 } },
    });
  });

  it.each([
    ['without a body', undefined, 'has no body', true],
    ['without a version', { due: 5 }, 'has version undefined, not 1 to 3', true],
    ['of version 0', { ...CURRENT, v: 0 }, 'has version 0, not 1 to 3', true],
    ['of a version that is no whole number', { ...CURRENT, v: 3.5 }, 'has version 3.5, not 1 to 3', true],
    ['of a version that is a text', { ...CURRENT, v: '3' }, 'has version "3", not 1 to 3', true],
    ['of a version that is null', { ...CURRENT, v: null }, 'has version null, not 1 to 3', true],
    ['of a version that is a list', { ...CURRENT, v: [3] }, 'has version [3], not 1 to 3', true],
    ['of a version beyond 2^53', { ...CURRENT, v: 9_007_199_254_740_993n }, 'has version 9007199254740993, not 1 to 3', true],
    ['that is a list', [CURRENT], 'has no body', true],
    ['with an integer beyond 2^53', { ...CURRENT, due: 2n ** 60n }, `is invalid at due: must be integer, got ${2n ** 60n}`, true],
    ['with one inside of what is wrong', { ...CURRENT, due: { of: 2n ** 60n } }, `got {"of":${2n ** 60n}}`, true],
    ['that is damaged', { ...CURRENT, lines: [7] }, 'is invalid at lines.0: must be string, got 7', true],
    ['of an older version that is damaged', { v: 1, due: 5, text: 7 }, 'is invalid at text: must be string, got 7', true],
    ['of a much newer Tocsin', { v: 1e9 }, 'was written by a newer Tocsin (version 1000000000, this one reads up to 3)', false],
    ['of a newer Tocsin', { v: 4 }, 'was written by a newer Tocsin (version 4, this one reads up to 3): upgrade this one', false],
  ])('%s is not read, and may be replaced or not', (_name, body, message, replaceable) => {
    expect(notes().read(body)).toEqual({ ok: false, replaceable, message: expect.stringContaining(message) });
  });

  it.each([
    ['throws', () => notes({ 1: migration(Note1, from1), 2: migration(Note2, thrower) }), 2],
    [
      'makes what the next version does not know',
      () => notes({ 1: migration(Note1, ({ due }) => ({ due })), 2: migration(Note2, from2) }),
      1,
    ],
    [
      'makes what the last version does not know',
      () => notes({ 1: migration(Note1, from1), 2: migration(Note2, () => ({})) }),
      2,
    ],
  ])('that is sound is not replaced because a migration %s', (_name, kind, version) => {
    const bodies = { 1: { v: 1, due: 5, text: 'a' }, 2: { v: 2, due: 5, lines: ['a'], draft: false } };
    const read = kind().read(bodies[version as 1 | 2]);
    expect(read).toMatchObject({ ok: false, replaceable: false, message: expect.stringContaining('a fault of Tocsin') });
    expect(read).toMatchObject({ message: expect.stringContaining(`of version ${version} `) });
  });

  it('has a kind that names every migration', () => {
    expect(() => notes({ 1: migration(Note1, from1) } as never)).toThrow('note: no migration begins at version 2');
    expect(() => storedKind({ name: 'x', index: 'x', schema: members({ text: name }), indexed: [] })).toThrow(
      'names its version',
    );
  });

  it('is indexed by the members that its kind names, null ones too', () => {
    const kind = { indexed: ['due', 'gone', 'none'], derived: { late: ({ due }: { due: number }) => due < 6 } };
    expect(indexedOf(kind, { due: 5, none: null, text: 'a' })).toEqual({ due: 5, none: null, late: true });
  });
});

function thrower(): object {
  throw new Error('it broke');
}
