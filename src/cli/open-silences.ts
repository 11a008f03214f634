import type { Config } from '../config/config.ts';
import type { Clock } from '../core/time.ts';
import type { Silences } from '../notify/silences.ts';
import type { FileSilences } from '../silence-files/file-silence.ts';
import { loadSilences } from '../silence-files/load.ts';
import { withFileSilences } from '../silence-files/with-files.ts';
import { nearPath } from './open-rules.ts';

/** Reads the silences of the configuration's files. `whole: false`: the receivers of the configuration are not known. */
export function openSilences(
  { silences, routing }: Pick<Config, 'silences'> & Partial<Pick<Config, 'routing'>>,
  folder: string,
  whole = true,
): Promise<FileSilences> {
  const shown = (path: string) => nearPath(path, folder);
  const receivers = whole && routing !== undefined ? { receivers: Object.keys(routing.destinations) } : {};
  return loadSilences({ ...silences, shown }, receivers);
}

/** The backend with the silences of files among the stored ones. */
export function withSilencesOf<B extends { readonly silences: Silences }>(
  backend: B,
  { silences }: FileSilences,
  clock: Pick<Clock, 'now'>,
): B {
  return { ...backend, silences: withFileSilences(backend.silences, () => silences, clock.now) };
}
