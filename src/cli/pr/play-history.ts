import { basename, isAbsolute, join } from 'node:path';
import { CONFIG_DEFAULTS } from '../../config/defaults.ts';
import { humanDuration } from '../../core/duration.ts';
import { TocsinError } from '../../core/errors.ts';
import { canonicalJson } from '../../core/json.ts';
import type { Duration, TimeRange } from '../../core/time.ts';
import { counted } from '../../reports/wording.ts';
import type { RuleChange } from '../../revisions/rule-changes.ts';
import type { CommandLine, GlobalOptions } from '../command-line.ts';
import { openConfig } from '../open-config.ts';
import { type HistoryOptions, openHistory } from '../open-history.ts';
import type { OpenedRevision } from '../open-revision.ts';
import { progressOn } from '../progress.ts';
import { type PlayedChange, playChanges } from './play-changes.ts';

/** How the past is replayed for a change. */
export interface PrHistoryOptions extends GlobalOptions, HistoryOptions {
  readonly history: boolean;
  readonly warmUp: Duration;
  readonly budget: Duration;
  /** A page to write: it needs the answers. */
  readonly html?: string;
}

/** The two revisions that are compared. */
export interface Sides {
  readonly before: OpenedRevision;
  readonly after: OpenedRevision;
}

/** What the changes of rules would have done, as far as that is known. */
export interface PlayedHistory {
  readonly ok: boolean;
  /** The history was asked for and could not be had. */
  readonly failed: boolean;
  readonly played: ReadonlyMap<RuleChange, PlayedChange>;
  /** Changes that were not replayed, because the budget was spent. */
  readonly left: ReadonlySet<RuleChange>;
  readonly notes: readonly string[];
}

const NOTHING: PlayedHistory = { ok: true, failed: false, played: new Map(), left: new Set(), notes: [] };

/** Plays both versions of the changed rules over the past. What cannot be played is noted, and does not end the command. */
export async function playHistory(
  changes: readonly RuleChange[],
  sides: Sides,
  { range, line, options }: { readonly range: TimeRange; readonly line: CommandLine; readonly options: PrHistoryOptions },
): Promise<PlayedHistory> {
  const playable = changes.filter(({ kind }) => kind !== 'broken');
  if (playable.length === 0 || !options.history) return NOTHING;
  if (!sides.after.config.ok) return { ...NOTHING, notes: [`Nothing was replayed: ${nameOfConfig(options)} has errors.`] };
  const refusal = options.documents === undefined ? whyNotAsked(sides, line, options) : undefined;
  if (refusal !== undefined) return { ...NOTHING, ok: false, notes: [refusal.note], failed: refusal.failed };
  const config =
    options.documents === undefined
      ? await openConfig({ ...line }, configOf(options, line), 'elasticsearch')
      : sides.after.config.value;
  const progress = progressOn(line, options.color);
  try {
    const rules = playable.flatMap(({ before, after }) => [before, after].flatMap((one) => one?.rule ?? []));
    const opened = await openHistory(options, rules, config, line, progress);
    try {
      const played = await playChanges(playable, {
        opened,
        range,
        warmUp: options.warmUp,
        budget: options.budget,
        keepAnswers: options.html !== undefined,
        configs: { before: sides.before.config.ok ? sides.before.config.value : config, after: config },
        clock: line.clock,
        signal: line.signal,
        progress: progress.show,
      });
      const left = new Set(playable.filter((change) => !played.has(change)));
      const notes = left.size === 0 ? [] : [budgetNote(left.size, playable.length, options.budget)];
      return { ok: true, failed: false, played, left, notes };
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    // What check and the tests found is worth reading all the same, and the exit code says that this is not all.
    if (!(thrown instanceof TocsinError) || !thrown.code.startsWith('search/')) throw thrown;
    return { ...NOTHING, ok: false, failed: true, notes: [`Nothing was replayed: ${thrown.message}.`] };
  } finally {
    progress.clear();
  }
}

function budgetNote(left: number, all: number, budget: Duration): string {
  const which = `${left} of ${counted(all, 'rule')} ${left === 1 ? 'was' : 'were'} not replayed`;
  const how =
    'a rule is compared over the whole range or not at all; replay fewer rules or a shorter range, or set a higher --budget';
  return `${which}, because the budget of ${humanDuration(budget)} was exhausted: ${how}.`;
}

/** What notes call the configuration. */
export function nameOfConfig({ config = 'tocsin.yaml' }: Pick<GlobalOptions, 'config'>): string {
  return basename(config);
}

function configOf(options: GlobalOptions, line: CommandLine): GlobalOptions {
  const file = options.config;
  return file === undefined || isAbsolute(file) ? options : { ...options, config: join(line.folder, file) };
}

/**
 * A change must not send the key of its reader elsewhere: where it names another cluster than the branch that it goes to, the cluster is asked only
 * if the reader names the configuration.
 */
function whyNotAsked(
  { before, after }: Sides,
  line: CommandLine,
  options: GlobalOptions,
): { readonly note: string; readonly failed: boolean } | undefined {
  const urlsOf = (config: OpenedRevision['config']): readonly string[] | undefined =>
    config.ok ? config.value.elasticsearch.urls : config.usable?.elasticsearch.urls;
  const urls = urlsOf(after.config);
  if (options.config === undefined && canonicalJson(urlsOf(before.config) ?? null) !== canonicalJson(urls ?? null))
    return {
      note: 'Nothing was replayed: this change names a different cluster than its target branch. Pass --config FILE to allow searches of that cluster.',
      failed: true,
    };
  const isDefault = urls?.length === 1 && urls[0] === CONFIG_DEFAULTS.url && line.env['ELASTICSEARCH_URL'] === undefined;
  return isDefault ? { note: 'Nothing was replayed: neither a cluster nor --documents is given.', failed: false } : undefined;
}
