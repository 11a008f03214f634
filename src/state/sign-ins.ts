import { type Static, Type } from 'typebox';
import { about, instant, list, members, name, text } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const Person = members({
  user: about('The user: the method of sign-in, and the name of the token or the provider’s ID of the user.', name),
  name: about('For people.', text),
  signed_in: about('Last sign-in.', instant),
  until: about('When the last session of this entry expires. The entry is removed afterwards.', instant),
  ended_before: about('Sessions that started before this time have ended.', Type.Optional(instant)),
  ended: about('IDs of individual ended sessions.', Type.Optional(list(name))),
});
const SignIns = members({
  v: about('Version of the document.', Type.Literal(1)),
  people: about('Recent sign-ins, and which of their sessions were ended.', list(Person)),
  all_before: about('All sessions that started before this time have ended.', Type.Optional(instant)),
});
/** Who has signed in to the pages, and which of their sessions were ended before their time. Stored names. */
export type SignIns = Static<typeof SignIns>;

/** The one document of `tocsin-sign-ins` in a namespace. */
export const SIGN_INS = storedKind({ name: 'sign-ins', index: 'sign-ins', schema: SignIns, indexed: [] });
