import { isEnd, valueChangeOf } from '../alerts/entry.ts';
import type { Json } from '../core/json.ts';
import { own, put } from '../core/record.ts';
import { worstSeverity } from '../core/severity.ts';
import type { Instant } from '../core/time.ts';
import type { Facts, NotifiedAlert, QueuedEntry } from '../state/alert-group-document.ts';
import { endStatus } from './ending.ts';
import { tracesOf } from './evidence-view.ts';
import type { MessageAlert } from './message.ts';
import { type ValueChanges, valueChangesOf } from './value-changes.ts';
import { isUncertain } from './wording.ts';

/** Sample documents of the events of one message at most. */
const EVENT_DOCUMENTS = 20;

/** Everything a view is made of, whether news or notified before: cheap, since of thousands only a few are rendered. */
export interface Shown {
  readonly id: string;
  readonly rule: string;
  readonly episode: string;
  readonly status: MessageAlert['status'];
  readonly change: MessageAlert['change'];
  readonly reason: string;
  readonly severity: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, Json>>;
  readonly condition: string;
  readonly evidence?: QueuedEntry['evidence'];
  readonly flapping?: QueuedEntry['flapping'];
  readonly outage?: QueuedEntry['outage'];
  /** Of what has ended: how its receiver knows it. */
  readonly notified?: Pick<NotifiedAlert, 'title' | 'values' | 'fired' | 'condition' | 'level' | 'no_recovery'>;
  /** The values are those of the last message about it: what is measured now is not known. */
  readonly stale?: true;
  /** Who works on it; `worse`: as it was before it got worse. */
  readonly acknowledged?: NonNullable<Facts['acknowledged']>[string];
  /** It escalated to this receiver. */
  readonly escalated?: QueuedEntry['escalated'];
  /** Of an end: the rule was changed after it last found the problem. */
  readonly ruleChanged?: boolean;
  /** Of what moved: the receivers that it goes to now. */
  readonly movedTo?: readonly string[];
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly at: Instant;
  readonly window: { readonly from: Instant; readonly to: Instant };
  /** Evaluated when its time had passed: after missed windows, or for documents that came late. */
  readonly late?: 'missed windows' | 'late documents';
  /** Older changes that were folded into this one while they waited. */
  readonly folded: number;
  /** Earlier episodes that this message covers as well: they began, or ended, since the last one. */
  readonly earlier: number;
  /** What changed, of a rule of the type `change`: each change that this message is the first to name. */
  readonly valueChanges?: ValueChanges;
}

/** An alert that something happened to: its entries of this message, oldest first; `known`: how it was notified as firing before. */
export function news(entries: readonly [QueuedEntry, ...QueuedEntry[]], known?: NotifiedAlert): Shown {
  const first = entries[0];
  const last = entries.at(-1) ?? first;
  // To an alert group it has moved into, an alert begins by getting worse or better.
  const begin = beginOf(entries) ?? first;
  const changes = valueChangesOf(entries);
  const over = isEnd(last);
  const notified = known !== undefined;
  if (last.reason === 'event' && !notified) return eventNews(entries, last);
  const knownAs = last.kind === 'resolved' ? (lastChange(entries) ?? last.notified ?? known) : undefined;
  if (last.kind === 'resolved' && (knownAs ?? begin).no_recovery === true) return onceNews(entries, begin);
  const status = !over ? 'firing' : last.kind === 'moved' ? 'moved' : notified || isEnd(begin) ? endStatus(last) : 'ended';
  // For an alert that was not notified, the values that made it fire are more useful than those of its end.
  const measuredBy = status === 'ended' ? begin : last;
  const evidence = entries.findLast((entry) => entry.evidence !== undefined)?.evidence;
  return {
    ...common(last),
    id: last.alert,
    rule: last.rule,
    status,
    change: changeOf(entries, last, notified),
    reason: last.reason,
    severity: severityOf(entries, measuredBy),
    values: measuredBy.values,
    condition: measuredBy.condition,
    ...(evidence !== undefined && { evidence }),
    ...(last.flapping !== undefined && { flapping: last.flapping }),
    ...(last.outage !== undefined && { outage: last.outage }),
    ...(begin.escalated !== undefined && !isEnd(begin) && { escalated: begin.escalated }),
    ...(knownAs !== undefined && { notified: knownAs }),
    ...(over && last.rule_changed === true && { ruleChanged: true }),
    startedAt: last.started,
    ...(last.moved_to !== undefined && { movedTo: last.moved_to }),
    // The end of an alert that flapped is notified when it has been over for long enough.
    ...(over && status !== 'moved' && { endedAt: last.flapping?.changed ?? last.at }),
    at: last.at,
    ...latenessOf(entries),
    folded: entries.reduce((sum, entry) => sum + (entry.folded ?? 0), 0),
    earlier: earlierEpisodes(entries),
    ...(changes !== undefined && { valueChanges: changes }),
  };
}

/** The entry that says best why an alert fired: its first one, or that of the last change of its value. */
function beginOf(entries: readonly QueuedEntry[]): QueuedEntry | undefined {
  return (
    entries.findLast((entry) => valueChangeOf(entry) !== undefined) ??
    entries.find((entry) => entry.kind === 'firing') ??
    entries.find((entry) => !isEnd(entry))
  );
}

/** As bad as the worst change of its value that the message is about: a milder one after it takes nothing away. */
function severityOf(entries: readonly QueuedEntry[], { level }: QueuedEntry): string {
  const changes = entries.filter((entry) => valueChangeOf(entry) !== undefined);
  return worstSeverity(changes.map((entry) => entry.level)) ?? level;
}

/** What has ended is known by the last change of its value, also where that change waited for this message. */
function lastChange(entries: readonly QueuedEntry[]): Shown['notified'] {
  const change = entries.findLast((entry) => valueChangeOf(entry) !== undefined);
  if (change === undefined) return undefined;
  const { values, condition, level, no_recovery } = change;
  return { values, condition, level, ...(no_recovery && { no_recovery }) };
}

/** Episodes of one alert among the entries of a message besides the one that it shows, which is the last. */
function earlierEpisodes(entries: readonly QueuedEntry[]): number {
  const shown = new Set(entries.map(({ source, episode }) => `${source} ${episode}`));
  return shown.size - 1 + entries.reduce((sum, entry) => sum + (entry.folded_episodes ?? 0), 0);
}

/** Of what has no recovery and has ended before it could be sent: it is notified anyway, but its end is not. */
function onceNews(entries: readonly QueuedEntry[], begin: QueuedEntry): Shown {
  const evidence = entries.findLast((entry) => entry.evidence !== undefined)?.evidence;
  const changes = valueChangesOf(entries);
  return {
    ...common(begin),
    id: begin.alert,
    rule: begin.rule,
    status: 'event',
    change: 'event',
    reason: begin.reason,
    severity: severityOf(entries, begin),
    values: begin.values,
    condition: begin.condition,
    ...(evidence !== undefined && { evidence }),
    startedAt: begin.started,
    at: begin.at,
    ...latenessOf(entries),
    folded: entries.reduce((sum, entry) => sum + (entry.folded ?? 0), 0),
    earlier: earlierEpisodes(entries),
    ...(changes !== undefined && { valueChanges: changes }),
  };
}

function changeOf(entries: readonly QueuedEntry[], last: QueuedEntry, notified: boolean): Shown['change'] {
  const flaps = !isEnd(last) && last.kind !== 'steady' && entries.some(({ kind, flapping }) => kind === 'firing' && flapping);
  if (flaps) return 'flapping';
  return isEnd(last) || notified ? last.kind : 'firing';
}

/** Documents that are notified once: those of every window since the last message together. */
function eventNews(entries: readonly QueuedEntry[], last: QueuedEntry): Shown {
  const begun = entries.filter((entry) => entry.reason === 'event' && entry.kind === 'firing');
  const first = begun[0] ?? last;
  const found = begun.flatMap(({ evidence }) => evidence ?? []);
  const newest = found.at(-1);
  const documents = found.flatMap((evidence) => evidence.documents).sort((a, b) => b.at - a.at);
  return {
    ...common(last),
    id: last.alert,
    rule: last.rule,
    status: 'event',
    change: 'event',
    reason: last.reason,
    severity: last.level,
    values: sums(begun.length === 0 ? [last] : begun),
    condition: last.condition,
    ...(newest !== undefined && {
      evidence: { ...newest, ...tracesOf(found), documents: documents.slice(0, EVENT_DOCUMENTS) },
    }),
    startedAt: first.started,
    endedAt: last.at,
    at: last.at,
    window: { from: first.window.from, to: last.window.to },
    ...latenessOf(entries),
    folded: entries.reduce((sum, entry) => sum + (entry.folded ?? 0), 0),
    // Events have no episodes that could be over.
    earlier: 0,
  };
}

/** What several windows counted, together; for other values the last is used. */
function sums(entries: readonly QueuedEntry[]): Shown['values'] {
  const values: Record<string, Json> = {};
  for (const [name, value] of entries.flatMap((entry) => Object.entries(entry.values))) {
    const before = own(values, name);
    put(values, name, typeof value === 'number' && typeof before === 'number' ? before + value : value);
  }
  return values;
}

/** An alert notified before and unchanged. */
export function still(id: string, notified: Omit<NotifiedAlert, 'source'>, at: Instant): Shown {
  return {
    ...common(notified),
    id,
    rule: notified.rule,
    status: 'firing',
    change: 'still',
    reason: 'breach',
    severity: notified.level,
    values: notified.values,
    condition: notified.condition,
    ...(notified.present === undefined && { stale: true as const }),
    ...(notified.flapping !== undefined && { flapping: notified.flapping }),
    ...(notified.outage !== undefined && { outage: notified.outage }),
    startedAt: notified.since,
    at,
    folded: 0,
    earlier: 0,
  };
}

function latenessOf(entries: readonly QueuedEntry[]): Pick<Shown, 'late'> {
  if (entries.some((entry) => entry.reason === 'late_documents')) return { late: 'late documents' };
  return entries.some((entry) => entry.late) ? { late: 'missed windows' } : {};
}

function common({ episode, group, labels, window }: Pick<QueuedEntry, 'episode' | 'group' | 'labels' | 'window'>) {
  return { episode, group, labels, window };
}

/** Says whether receivers read of the alert before, and it has ended. */
export function isOver(status: Shown['status']): boolean {
  return status === 'resolved' || isUncertain(status);
}
