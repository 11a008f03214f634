import type { JsonObject } from '../../core/json.ts';
import { own, put } from '../../core/record.ts';
import type { Message } from '../../messages/message.ts';
import { bareTitle } from '../../messages/title.ts';
import { whySent } from '../../messages/wording.ts';
import { boundedMessage } from '../bounded.ts';
import { clip } from '../clean-text.ts';
import { incidentStep } from '../incidents.ts';
import { markedUp, PLAIN_TEXT, SIZES } from '../marked-up.ts';
import { onScale, SCALES } from '../severity-scales.ts';

/** https://docs.opsgenie.com/docs/alert-api#create-alert */
const OPSGENIE_LIMITS = {
  message: 130,
  alias: 512,
  description: 15_000,
  tags: 20,
  tag: 50,
  details: 8_000,
  entity: 512,
  note: 25_000,
} as const;

/** A message as what is done to the alert of Opsgenie that has its `dedupKey` as alias: created, changed, or closed. */
export function opsgenieAlert(whole: Message, tags: readonly string[]): JsonObject {
  const message = boundedMessage(whole);
  const alias = clip(message.dedupKey, OPSGENIE_LIMITS.alias);
  if (incidentStep(message) === 'close') {
    return { step: 'close', alias, body: { source: 'Tocsin', note: clip(whySent(message), OPSGENIE_LIMITS.note) } };
  }
  const { text } = markedUp(message, PLAIN_TEXT, { most: OPSGENIE_LIMITS.description, sizeOf: SIZES.units });
  return {
    step: 'create',
    alias,
    // Opsgenie counts a repeat under the alias of an open alert and leaves its text: the first message needs no further requests.
    changes: message.reason !== 'first' && message.reason !== 'event',
    note: clip(whySent(message), OPSGENIE_LIMITS.note),
    body: {
      message: clip(bareTitle(message.title), OPSGENIE_LIMITS.message),
      alias,
      description: text,
      priority: onScale(SCALES.opsgenie, message.severity),
      source: 'Tocsin',
      entity: clip(Object.values(message.groupLabels).join(' '), OPSGENIE_LIMITS.entity),
      tags: [...new Set([...tags, `severity:${message.severity}`].map((tag) => clip(tag, OPSGENIE_LIMITS.tag)))].slice(
        0,
        OPSGENIE_LIMITS.tags,
      ),
      details: detailsOf(message),
    },
  };
}

/** Labels that all alerts share, as far as they fit. */
function detailsOf({ alerts }: Message): JsonObject {
  const [first, ...others] = alerts;
  const details: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(first?.labels ?? {})) {
    if (!others.every(({ labels }) => own(labels, name) === value)) continue;
    size += name.length + value.length;
    if (size > OPSGENIE_LIMITS.details) break;
    put(details, name, value);
  }
  return details;
}
