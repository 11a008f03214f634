import { HOUR, type Instant } from '../core/time.ts';
import type { KnownSilence, Silences } from '../notify/silences.ts';
import type { FileSilence } from './file-silence.ts';
import { occurrenceAt } from './occurrences.ts';

/** Why a silence of a file is not changed by a command, and what changes it. */
export function ofAFile(origin: string): string {
  return `is planned in ${origin}: change or remove it there; the change applies with the next reload`;
}

/**
 * The stored silences and, among them, those of files, each with the occurrence that is active or comes next. `now`: where silences of the past are
 * asked for as well, those of files are as they are now.
 */
export function withFileSilences(
  stored: Silences,
  files: () => readonly FileSilence[],
  now: () => Instant = () => Number.NEGATIVE_INFINITY,
): Silences {
  const at = (from: Instant) => {
    const present = Math.max(from, now());
    // Who asks for the last half hour as well wants to know what ended then.
    const since = Math.max(from, present - HOUR);
    return files().flatMap((silence) => {
      const [before, active] = [silenceAt(silence, since), silenceAt(silence, present)];
      return [before, active?.ends_at === before?.ends_at ? undefined : active].filter((one) => one !== undefined);
    });
  };
  return {
    ...stored,
    list: async (from) => {
      const read = await stored.list(from);
      return read.ok ? { ...read, value: [...read.value, ...at(from)] } : read;
    },
    get: async (id) => {
      const found = at(0).find((silence) => silence.id === id);
      return found === undefined
        ? stored.get(id)
        : { ok: true, value: { document: found, version: { seqNo: 0, primaryTerm: 0 } } };
    },
    put: async (silence, over) => {
      const planned = files().find(({ id }) => id === silence.id);
      return planned === undefined ? stored.put(silence, over) : { ok: false, message: `it ${ofAFile(originOf(planned))}` };
    },
  };
}

/** A silence of a file as the others are: with the occurrence that is active at `now`, or comes next; undefined: it has ended. */
function silenceAt(silence: FileSilence, now: Instant): KnownSilence | undefined {
  const occurrence = occurrenceAt(silence, now);
  if (occurrence === undefined) return undefined;
  const { id, matchers, author, comment, link, notify } = silence;
  return {
    ...{
      v: 1,
      id,
      matchers,
      created_by: author,
      comment,
      ...(link !== undefined && { link }),
      ...(notify !== undefined && { notify }),
    },
    starts_at: occurrence.from,
    ends_at: occurrence.to,
    origin: originOf(silence),
  };
}

function originOf({ position: { file, line } }: FileSilence): string {
  return `${file}:${line}`;
}
