import { requireAnswer } from '../core/stored.ts';
import { type Instant, LAST_INSTANT, type TimeRange } from '../core/time.ts';
import { type SilenceState, silenceState } from '../notify/silence-changes.ts';
import type { KnownSilence, Silences } from '../notify/silences.ts';
import { matchesAll } from '../routing/matches.ts';
import { formatMatcher } from '../routing/parse-matcher.ts';
import type { Matcher } from '../routing/route.ts';
import type { ReportedAlert } from './alert-list/alert-list.ts';
import { type AlertStores, type AlertsWanted, alertsReport } from './alert-list/read-alerts.ts';
import type { RecordedEpisode, RunHistory } from './history/run-history.ts';

/** A silence with what it does now; matchers as Alertmanager writes them. */
export interface ListedSilence {
  readonly id: string;
  readonly state: SilenceState;
  readonly matchers: readonly string[];
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly author: string;
  readonly comment: string;
  readonly link: string | undefined;
  /** The file and line of one that is planned in a file. */
  readonly origin: string | undefined;
  readonly createdAt: Instant | undefined;
  readonly updatedAt: Instant | undefined;
  /** The active alerts that its matchers match, whether or not it is active. */
  readonly alerts: readonly ReportedAlert[];
}

/** The silences of a namespace: active ones first, then those to come, then those that have expired. */
export interface SilencesReport {
  readonly now: Instant;
  readonly namespace: string;
  readonly silences: readonly ListedSilence[];
  /** Invalid silences, each with the reason: they suppress nothing. */
  readonly unreadable: readonly string[];
}

/** What matchers match: now, and in a time that has passed. */
export interface SilencePreview {
  readonly now: Instant;
  readonly namespace: string;
  readonly matchers: readonly string[];
  /** Active alerts. */
  readonly alerts: readonly ReportedAlert[];
  /** Where nothing matches: what may have been intended. */
  readonly hint?: string;
  readonly past: TimeRange;
  /** Episodes that fired in that time, newest first. */
  readonly episodes: readonly RecordedEpisode[];
  /** There were more episodes in that time than were looked at. */
  readonly more: boolean;
}

const STATES: readonly SilenceState[] = ['active', 'pending', 'expired'];
/** The most that one search gives. */
const MOST_EPISODES = 10_000;

/** Which silences are listed, and how their alerts are read. */
export interface SilencesWanted extends Omit<AlertsWanted, 'matchers' | 'all'> {
  /** Also those that have expired and are still stored. */
  readonly expired: boolean;
}

/** Reads the silences, and which active alerts each matches. Throws TocsinError when the store does not answer. */
export async function silencesReport(
  stores: AlertStores & { readonly silences: Pick<Silences, 'list'> },
  { expired, ...wanted }: SilencesWanted,
): Promise<SilencesReport> {
  const { now, namespace } = wanted;
  const read = await stores.silences.list(expired ? 0 : now);
  const found = requireAnswer(read, 'the silences');
  const { alerts } = await alertsReport(stores, { ...wanted, all: false });
  const silences = found.map((silence) => listedSilence(silence, alerts, now));
  return { now, namespace, silences: silences.sort(byUrgency), unreadable: [...(read.unreadable?.values() ?? [])] };
}

/** What is previewed: matchers, now and in a time that has passed; `within`: of that only when the silence was active. */
export interface PreviewWanted extends Omit<AlertsWanted, 'all' | 'matchers'> {
  readonly matchers: readonly Matcher[];
  readonly past: TimeRange;
  readonly within?: readonly TimeRange[];
}

/** Finds out what a silence with these matchers would suppress, and would have. Throws TocsinError when the store does not answer. */
export async function silencePreview(
  stores: AlertStores & { readonly runHistory: RunHistory },
  { matchers, past, within, ...wanted }: PreviewWanted,
): Promise<SilencePreview> {
  const { now, namespace } = wanted;
  const { alerts, hint } = await alertsReport(stores, { ...wanted, matchers, all: false });
  const episodes = requireAnswer(await stores.runHistory.episodes({ range: past, limit: MOST_EPISODES }), 'the history');
  return {
    ...{ now, namespace, past, alerts },
    matchers: matchers.map(formatMatcher),
    ...(alerts.length === 0 && hint !== undefined && { hint }),
    episodes: episodes.filter((episode) => matchesAll(matchers, episode.labels) && isWithin(episode, within)),
    more: episodes.length === MOST_EPISODES,
  };
}

function isWithin({ start, end = LAST_INSTANT }: RecordedEpisode, within: readonly TimeRange[] | undefined): boolean {
  return within === undefined || within.some(({ from, to }) => start < to && end > from);
}

/** A silence with those of the alerts that it matches. */
export function listedSilence(silence: KnownSilence, alerts: readonly ReportedAlert[], now: Instant): ListedSilence {
  return {
    id: silence.id,
    state: silenceState(silence, now),
    matchers: silence.matchers.map(formatMatcher),
    startsAt: silence.starts_at,
    endsAt: silence.ends_at,
    author: silence.created_by,
    comment: silence.comment,
    link: silence.link,
    origin: silence.origin,
    createdAt: silence.created_at,
    updatedAt: silence.updated_at,
    alerts: alerts.filter(({ labels }) => matchesAll(silence.matchers, labels)),
  };
}

function byUrgency(a: ListedSilence, b: ListedSilence): number {
  return STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.endsAt - b.endsAt;
}
