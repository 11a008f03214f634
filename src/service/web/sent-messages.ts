import { payloadView } from '../../channels/payload-view.ts';
import { asError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { RecordedPayload, RunHistory } from '../../engine/history/run-history.ts';
import type { SentMessage } from '../../server/web/ports.ts';

/** Gives one message with what was sent, as people may see it; never rejects. */
export function sentMessages(
  history: Pick<RunHistory, 'payload'>,
  shown: (text: string) => string,
): (id: string) => Promise<StoreAnswer<SentMessage | undefined>> {
  return async (id) => {
    try {
      const read = await history.payload(id);
      if (!read.ok) return { ok: false, message: shown(read.message) };
      return { ok: true, value: read.value && sentMessage(read.value, shown) };
    } catch (thrown) {
      return { ok: false, message: shown(asError(thrown).message) };
    }
  };
}

function sentMessage({ message, payload, cut }: RecordedPayload, shown: (text: string) => string): SentMessage {
  if (payload === undefined) return { message, sent: undefined };
  // No payload has a secret; should a rule's text quote one, it is not shown here.
  const data = dataOf(shown(payload));
  if (data === undefined) return { message, sent: undefined };
  return { message, sent: { ...payloadView(message.channel, data, message.title), data, cut } };
}

/** Undefined where the record was changed by hand. */
function dataOf(payload: string): JsonObject | undefined {
  try {
    const data: unknown = parseJson(payload);
    return isObject(data) ? (data as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
