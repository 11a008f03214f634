import { type ConfiguredBackend, createBackend } from '../../backends/create-backend.ts';
import { TocsinError } from '../../core/errors.ts';
import type { Versioned } from '../../core/stored.ts';
import type { Instant } from '../../core/time.ts';
import { hintOf } from '../../engine/alert-list/no-match.ts';
import { alertsReport } from '../../engine/alert-list/read-alerts.ts';
import { listedSilence } from '../../engine/silence-list.ts';
import type { SilenceChange } from '../../notify/silence-changes.ts';
import type { KnownSilence, Silence, Silences } from '../../notify/silences.ts';
import type { ChangedSilences } from '../../reports/silences-text.ts';
import type { InhibitRule } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { FileSilences } from '../../silence-files/file-silence.ts';
import { ofAFile } from '../../silence-files/with-files.ts';
import type { CommandLine, GlobalOptions } from '../command-line.ts';
import { openConfigForReading } from '../open-config.ts';
import { openRules } from '../open-rules.ts';
import { openSilences, withSilencesOf } from '../open-silences.ts';

/** Fewer characters of an ID are more likely a slip than an ID. */
const SHORTEST = 4;

/** What every subcommand works on. */
export interface SilenceWork {
  readonly backend: ConfiguredBackend;
  readonly namespace: string;
  readonly now: Instant;
  readonly rules: readonly Rule[];
  readonly inhibitRules: readonly InhibitRule[] | undefined;
  readonly files: FileSilences;
  /** Undefined: not known. */
  readonly receivers: readonly string[] | undefined;
}

/** Opens what is worked on, and closes it afterwards. Errors of the configuration outside of the store are shown and do not end the command. */
export async function withState(
  line: CommandLine,
  options: GlobalOptions,
  work: (state: SilenceWork) => Promise<void>,
): Promise<void> {
  const { config, whole } = await openConfigForReading(line, options);
  const { rules } = await openRules([], config, line.folder, whole);
  const files = await openSilences(config, line.folder, whole);
  const backend = await createBackend(config);
  try {
    const state = { namespace: config.namespace, now: line.clock.now(), rules, inhibitRules: config.routing.inhibitRules };
    const receivers = whole ? Object.keys(config.routing.destinations) : undefined;
    await work({ ...state, backend: withSilencesOf(backend, files, line.clock), files, receivers });
  } finally {
    await backend.close();
  }
}

/** Changes and saves the silences of these IDs, or beginnings of IDs. Throws TocsinError for the first that cannot be. */
export async function changeEach(
  ids: readonly string[],
  { backend }: SilenceWork,
  change: (silence: Silence) => SilenceChange,
): Promise<readonly Silence[]> {
  // All of them are found before the first is changed.
  const found = [];
  for (const id of [...new Set(ids)]) found.push(await oneSilence(id, backend.silences));
  const done: Silence[] = [];
  for (const { document, version } of found) {
    if (document.origin !== undefined)
      throw new TocsinError('cli/silence', `silence ${document.id} ${ofAFile(document.origin)}`, {
        hint: 'until then, `tocsin silence list` shows it',
      });
    const silence = acceptedSilence(change(document), document.id);
    checkSaved(await backend.silences.put(silence, version), silence.id);
    done.push(silence);
  }
  return done;
}

/** The state of silences, and which alerts each of them matches now. */
export async function changeReport(
  done: ChangedSilences['done'],
  silences: readonly Silence[],
  state: SilenceWork,
): Promise<ChangedSilences> {
  const { now } = state;
  const { alerts } = await alertsReport(state.backend, { ...state, all: false });
  const listed = silences.map((silence) => listedSilence(silence, alerts, now));
  const [first] = silences;
  const matchesNone = first !== undefined && listed[0]?.alerts.length === 0;
  const hint = matchesNone ? hintOf(first.matchers, alerts) : undefined;
  return { now, done, silences: listed, ...hint };
}

/** Finds the silence with this ID, or the only one whose ID begins so. Throws TocsinError if no silence matches, or several do. */
async function oneSilence(text: string, silences: Pick<Silences, 'list' | 'get'>): Promise<Versioned<KnownSilence>> {
  const listed = await silences.list(0);
  if (!listed.ok) throw new TocsinError('store/unanswered', `the silences cannot be read: ${listed.message}`);
  const ids = listed.value.map(({ id }) => id);
  const invalid = listed.unreadable?.get(text);
  if (invalid !== undefined) {
    throw new TocsinError('cli/silence', invalid, { hint: 'it suppresses nothing; delete it by hand' });
  }
  const found = ids.includes(text) ? [text] : text.length < SHORTEST ? [] : ids.filter((id) => id.startsWith(text));
  if (found.length !== 1) throw unknown(text, found);
  const read = await silences.get(found[0] ?? '');
  if (!read.ok) throw new TocsinError('store/unanswered', `the silence cannot be read: ${read.message}`);
  if (read.value === undefined) throw unknown(text, []);
  return read.value;
}

function unknown(text: string, found: readonly string[]): TocsinError {
  if (found.length > 1) {
    const message = `${found.length} silences have an ID that begins with ${JSON.stringify(text)}`;
    return new TocsinError('cli/silence', message, { hint: found.slice(0, 5).join(', ') });
  }
  const short = text.length < SHORTEST ? `; the beginning of an ID has at least ${SHORTEST} characters` : '';
  return new TocsinError('cli/silence', `there is no silence ${JSON.stringify(text)}${short}`, {
    hint: '`tocsin silence list --expired` shows all of them',
  });
}

/** The silence of a change; throws TocsinError where it was refused. */
export function acceptedSilence(change: SilenceChange, id?: string): Silence {
  if (change.ok) return change.silence;
  throw new TocsinError('cli/silence', id === undefined ? change.message : `silence ${id}: ${change.message}`, {
    hint: change.hint,
  });
}

/** Throws TocsinError where a silence was not, or may not have been, saved. */
export function checkSaved(answer: { readonly ok: true } | { readonly ok: false; readonly message: string }, id: string): void {
  if (answer.ok) return;
  throw new TocsinError('cli/silence', `silence ${id} may not have been saved: ${answer.message}`, {
    hint: '`tocsin silence list` shows what is stored; the login needs the privilege to write tocsin-silences',
  });
}
