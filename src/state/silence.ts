import { type Static, Type } from 'typebox';
import { about, instant, members, name, oneOf, text } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const StoredMatcher = members({
  label: Type.String({ minLength: 1, maxLength: 1_000 }),
  op: oneOf('=', '!=', '=~', '!~'),
  value: name,
});

const Silence = members({
  v: about('Version of the document.', Type.Literal(1)),
  id: about('Unique in its namespace.', name),
  matchers: about(
    'Matchers for the labels of the alerts that it suppresses. At least one: a silence without matchers would hold back everything.',
    Type.Unsafe<readonly Static<typeof StoredMatcher>[]>(Type.Array(StoredMatcher, { minItems: 1, maxItems: 1_000 })),
  ),
  starts_at: about('Indexed.', instant),
  ends_at: about('Indexed. The silence is deleted some time after it.', instant),
  created_by: about('For people.', text),
  comment: about('The reason, for display.', text),
  link: about('For display, e.g. to the ticket of a maintenance.', Type.Optional(text)),
  notify: about('The receiver that is notified when it ends while alerts that it matched still fire.', Type.Optional(name)),
  created_at: about('When it was created.', Type.Optional(instant)),
  updated_at: about('When it was last extended or expired.', Type.Optional(instant)),
});
/** A silence, in Alertmanager's words: alerts whose labels fit all matchers are not notified between `starts_at` and `ends_at`. Stored names. */
export type Silence = Static<typeof Silence>;

/** The documents of `tocsin-silences`. Whether the matchers can be read is for the room that knows matchers. */
export const SILENCE = storedKind({ name: 'silence', index: 'silences', schema: Silence, indexed: ['starts_at', 'ends_at'] });
