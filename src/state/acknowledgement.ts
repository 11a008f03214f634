import { type Static, Type } from 'typebox';
import { about, instant, members, name, text } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const Acknowledgement = members({
  v: about('Version of the document.', Type.Literal(1)),
  alert: about('ID of the alert; each has one acknowledgement, the last.', name),
  episode: about('The episode that it is about: it says nothing of the next one.', name),
  rule: name,
  level: about('The severity that was acknowledged: a worse one is not.', name),
  at: about('When. Indexed: it holds for 30 days, and is deleted some time after.', instant),
  by: about('Who, for people.', text),
  comment: about('For people: what is being done.', text),
  expired_at: about('When it was taken back.', Type.Optional(instant)),
});
/** Someone works on an alert: its episode makes no reminders and does not escalate until it gets worse. Stored names. */
export type Acknowledgement = Static<typeof Acknowledgement>;

/** The documents of `tocsin-acknowledgements`. */
export const ACKNOWLEDGEMENT = storedKind({
  name: 'acknowledgement',
  index: 'acknowledgements',
  schema: Acknowledgement,
  indexed: ['at'],
});
