import { type Static, Type } from 'typebox';
import { about, instant, list, members, name, text } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const Person = members({
  user: about('Whose sessions they are: how one signed in, and the name of the token or what the provider calls the user.', name),
  name: about('For people.', text),
  signed_in: about('When they last signed in.', instant),
  until: about('When the last session that this entry is about ends by itself. The entry is removed after it.', instant),
  ended_before: about('Sessions that began before are over.', Type.Optional(instant)),
  ended: about('IDs of single sessions that are over.', Type.Optional(list(name))),
});
const SignIns = members({
  v: about('Version of the document.', Type.Literal(1)),
  people: about('Who signed in lately, and which of their sessions were ended.', list(Person)),
  all_before: about('Sessions of anyone that began before are over.', Type.Optional(instant)),
});
/** Who has signed in to the pages, and which of their sessions were ended before their time. Stored names. */
export type SignIns = Static<typeof SignIns>;

/** The one document of `tocsin-sign-ins` in a namespace. */
export const SIGN_INS = storedKind({ name: 'sign-ins', index: 'sign-ins', schema: SignIns, indexed: [] });
