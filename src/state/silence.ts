import { type Static, Type } from 'typebox';
import { storedReader } from './read-stored.ts';
import { instant, members, name, oneOf, text } from './shapes.ts';

const StoredMatcher = members({
  label: Type.String({ minLength: 1, maxLength: 1_000 }),
  op: oneOf('=', '!=', '=~', '!~'),
  value: name,
});

const Silence = members({
  v: Type.Literal(1),
  id: name,
  /** At least one: a silence without matchers would hold back everything. */
  matchers: Type.Unsafe<readonly Static<typeof StoredMatcher>[]>(Type.Array(StoredMatcher, { minItems: 1, maxItems: 1_000 })),
  starts_at: instant,
  ends_at: instant,
  created_by: text,
  comment: text,
});
/** A silence, in Alertmanager's words: alerts whose labels fit all matchers are not notified between `starts_at` and `ends_at`. Stored names. */
export type Silence = Static<typeof Silence>;

/** Reads the shape of a silence; matchers are parsed elsewhere. */
export const readSilence = storedReader(Silence);
