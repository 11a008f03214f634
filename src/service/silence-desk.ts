import type { Clock } from '../core/time.ts';
import {
  changeSilence,
  expireSilence,
  extendSilence,
  newSilence,
  type SilenceChange,
  silenceState,
} from '../notify/silence-changes.ts';
import { CHANGED_MEANWHILE, type Silence, type Silences } from '../notify/silences.ts';
import type { ServedSilence, SilenceDesk, SilenceSaved, WantedSilence } from '../server/api/alertmanager.ts';
import { ofAFile } from '../silence-files/with-files.ts';

/** How often a change is tried again when another one comes in between. */
const TRIES = 3;

interface DeskParts {
  readonly silences: Silences;
  readonly clock: Pick<Clock, 'now'>;
  readonly newId: () => string;
}

/** Silences for the API: each change is made of what is stored now, and written over that alone. */
export function silenceDesk({ silences, clock, newId }: DeskParts): SilenceDesk {
  const served = (silence: Silence): ServedSilence => ({ silence, state: silenceState(silence, clock.now()) });

  const write = async (change: SilenceChange, over?: Parameters<Silences['put']>[1]): Promise<SilenceSaved> => {
    if (!change.ok) return { kind: 'invalid', message: `${change.message}; ${change.hint}` };
    const saved = await silences.put(change.silence, over);
    return saved.ok ? { kind: 'saved', id: change.silence.id } : { kind: 'failed', message: saved.message };
  };

  /** A new silence begins now at the earliest: it does not change what has been. */
  const add = (wanted: WantedSilence) => {
    const now = clock.now();
    return write(newSilence(newId(), { ...wanted, starts_at: Math.max(now, wanted.starts_at) }, now));
  };

  const onStored = async (
    id: string,
    change: (silence: Silence) => SilenceChange | undefined,
    otherwise: (silence: Silence) => Promise<SilenceSaved>,
  ): Promise<SilenceSaved> => {
    for (let left = TRIES; ; left--) {
      const read = await silences.get(id);
      if (!read.ok) return { kind: 'failed', message: read.message };
      if (read.value === undefined) return { kind: 'unknown', message: 'there is no silence with this ID' };
      const { document, version } = read.value;
      if (document.origin !== undefined) return { kind: 'invalid', message: `the silence ${ofAFile(document.origin)}` };
      const changed = change(document);
      if (changed === undefined) return otherwise(document);
      const saved = await write(changed, version);
      if (saved.kind !== 'failed' || saved.message !== CHANGED_MEANWHILE || left <= 1) return saved;
    }
  };

  const expire = (id: string) =>
    onStored(
      id,
      (silence) => expireSilence(silence, clock.now()),
      async () => ({ kind: 'saved', id }),
    );

  return {
    list: async () => {
      const found = await silences.list(0);
      return found.ok ? { ok: true, value: found.value.map(served) } : found;
    },
    get: async (id) => {
      const found = await silences.get(id);
      return found.ok ? { ok: true, value: found.value && served(found.value.document) } : found;
    },
    save: (wanted, id) => {
      if (id === undefined) return add(wanted);
      return onStored(
        id,
        (silence) => changeSilence(silence, wanted, clock.now()),
        async (silence) => {
          const added = await add(wanted);
          // The new one first: in between both suppress, rather than none.
          if (added.kind === 'saved' && silenceState(silence, clock.now()) !== 'expired') await expire(silence.id);
          return added;
        },
      );
    },
    expire,
    extend: (id, by) => {
      const now = clock.now();
      return onStored(
        id,
        (silence) => extendSilence(silence, Math.max(now, silence.starts_at) + by, now),
        async () => ({ kind: 'saved', id }),
      );
    },
  };
}
