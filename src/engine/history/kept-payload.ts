import type { Payload } from '../../channels/channel.ts';
import { NO_PICTURE } from '../../channels/chart-key.ts';
import { isObject, type Json, type JsonObject, jsonText } from '../../core/json.ts';
import { truncate } from '../../core/truncate.ts';

/** The most characters of JSON that are kept of what was sent with one message. */
export const MOST_KEPT_OF_PAYLOAD = 100_000;
/** Texts that no person reads, such as a picture, and texts of payloads that are too long as a whole. */
const LONGEST_TEXTS = [20_000, 2_000, 200] as const;

/** What is kept of a payload: JSON text; `cut`: parts of it were left out. */
export interface KeptPayload {
  readonly text: string;
  readonly cut: boolean;
}

/** What history keeps of what was sent: all of it but pictures, and of what is too long the beginning of each text. */
export function keptPayload(payload: Payload): KeptPayload {
  const bare = withoutPictures(payload);
  const whole = jsonText(bare);
  if (whole.length <= MOST_KEPT_OF_PAYLOAD) return { text: whole, cut: false };
  for (const longest of LONGEST_TEXTS) {
    const text = jsonText(shortened(bare, longest));
    if (text.length <= MOST_KEPT_OF_PAYLOAD) return { text, cut: true };
  }
  return { text: jsonText({ left_out: `${whole.length} characters` }), cut: true };
}

function withoutPictures(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutPictures);
  if (!isObject(value)) return value;
  return mapped(value as JsonObject, (one, key) =>
    key === 'png' && typeof one === 'string' ? NO_PICTURE : withoutPictures(one),
  );
}

function shortened(value: Json, longest: number): Json {
  if (typeof value === 'string') return truncate(value, longest);
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => shortened(one, longest));
  return isObject(value) ? mapped(value as JsonObject, (one) => shortened(one, longest)) : value;
}

function mapped(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
