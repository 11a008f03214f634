import { type Static, Type } from 'typebox';
import { about, instant, members, name, text } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const Acknowledgement = members({
  v: about('Version of the document.', Type.Literal(1)),
  alert: about('ID of the alert; only the latest acknowledgement of an alert is stored.', name),
  episode: about('The acknowledged episode; the next one needs its own acknowledgement.', name),
  rule: name,
  level: about('The acknowledged severity; a worse one is not acknowledged.', name),
  at: about('When it was acknowledged. Indexed: it is valid for 30 days, and deleted some time later.', instant),
  by: about('Who acknowledged it, for display.', text),
  comment: about('What is being done, for display.', text),
  expired_at: about('When it was removed.', Type.Optional(instant)),
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
