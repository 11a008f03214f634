import { type Static, Type } from 'typebox';
import { about, dictionary, flag, instant, labels, members, name, text } from './shapes.ts';
import { storedKind } from './stored-kind.ts';

const ReceivedAlert = members({
  v: about('Version of the document.', Type.Literal(1)),
  id: about('Hash of its labels: an alert with the same labels is the same alert.', name),
  labels: about('Labels as they were sent, without empty ones.', labels),
  annotations: about('As they were sent.', dictionary(text)),
  generator_url: about('Where it comes from, for display.', Type.Optional(text)),
  starts_at: about('The earliest start that was sent for this episode.', instant),
  ends_at: about('Indexed. It fires until then; the document is deleted some time after it.', instant),
  timeout: about('The sender set no end: it ends at `ends_at` unless it is sent again.', Type.Optional(flag)),
  received_at: about('When it was last received.', instant),
  source: about('Who sent it last: the name of the token or the user, otherwise the address.', text),
});
/** An alert that another system has sent, in Alertmanager's words. Stored names. */
export type ReceivedAlert = Static<typeof ReceivedAlert>;

/** The documents of `tocsin-received-alerts`. */
export const RECEIVED_ALERT = storedKind({
  name: 'received alert',
  index: 'received-alerts',
  schema: ReceivedAlert,
  indexed: ['ends_at'],
});
