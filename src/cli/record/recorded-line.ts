import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { type Json, jsonText } from '../../core/json.ts';
import { own, put } from '../../core/record.ts';
import { iso } from '../../core/time.ts';
import type { HitRow } from '../../search/answer.ts';

/** How a document is written: the time field, the fields whose values are hashed, and the key of the hashes. */
export interface RecordingRules {
  readonly timeField: string;
  /** Fields, each with what lies below it: its multi-fields hold the same value. */
  readonly hashed: readonly string[];
  /** Left out, as `hashed`: a pattern of names may bring them along. */
  readonly dropped: readonly string[];
  /** Of this recording alone: equal values stay equal in it, and say nothing anywhere else. */
  readonly salt: Uint8Array;
}

/** A document as one line of a file that `--documents` reads. */
export function recordedLine({ index, at, fields }: HitRow, recording: RecordingRules): string {
  const source: Record<string, Json> = {};
  for (const [field, values] of Object.entries(fields)) {
    if (values.length === 0 || isOf(recording.dropped, field)) continue;
    const written = isOf(recording.hashed, field) ? values.map((value) => hashedValue(value, recording.salt)) : values;
    put(source, field, written.length === 1 ? (written[0] ?? null) : written);
  }
  const [moment] = own(fields, recording.timeField) ?? [];
  put(source, recording.timeField, typeof moment === 'string' ? moment : iso(at));
  return `${jsonText({ _index: dataStreamOf(index), _source: source })}\n`;
}

/** Whether a field is one of some, or lies below one. */
export function isOf(fields: readonly string[], field: string): boolean {
  return fields.some((name) => field === name || field.startsWith(`${name}.`));
}

/** Another value in its place: an address stays an address (of a private network), everything else becomes a text. */
export function hashedValue(value: Json, salt: Uint8Array): string {
  const text = typeof value === 'string' ? value : jsonText(value);
  const hash = createHmac('sha256', salt).update(text).digest('hex');
  if (isIP(text) === 0) return `h-${hash.slice(0, 20)}`;
  const parts = hash.slice(0, 28).match(/.{4}/g) ?? [];
  return `fd00:${parts.join(':')}`;
}

/** Rules name data streams, and documents say in which of their indices they lie. */
function dataStreamOf(index: string): string {
  return /^\.ds-(.+)-\d{4}\.\d{2}\.\d{2}-\d{6}$/.exec(index)?.[1] ?? index;
}
