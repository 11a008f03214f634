import { episodeId } from '../../alerts/alert-id.ts';
import { GROUPS_KEPT, type OutageFacts } from '../../alerts/outage.ts';
import { hashId } from '../../core/ids.ts';
import { own } from '../../core/record.ts';
import { compareSeverities, worstSeverity } from '../../core/severity.ts';
import type { Instant } from '../../core/time.ts';
import type { Labels, Target } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import { labelsOf, severityOf } from '../labels.ts';
import { flappingOf, isSteady } from '../outbox/flaps.ts';
import type { LivingAlert, RuleDocument } from '../rule-states.ts';
import type { Run } from '../run.ts';
import {
  flappingWithBegin,
  type NotifiedOutage,
  type OutageDraft,
  type OutageWindow,
  outageChangedAt,
  push,
  withLost,
} from './outage-state.ts';

/** One alert that is held back, as its receivers would have got it. */
interface Member {
  readonly group: Group;
  readonly labels: Labels;
  readonly level: string;
  readonly to: readonly Target[];
  readonly until: Instant;
}

type About = Pick<Run, 'at' | 'window' | 'purpose'>;

/**
 * Queues one message about their source for each receiver of the held alerts; again if its severity gets worse. A source that comes
 * and goes too often is reported as flapping, and then not again until it is steady.
 */
export function sendOutageMessages(draft: OutageDraft, window: OutageWindow, since: Instant): void {
  const { namespace, rule, run, after, sourceName } = window;
  const pending = pendingByReceiver(window);
  for (const [receiver, members] of byReceiver(membersOf(draft, after))) {
    const worst = worstOf(rule, members);
    const known = draft.notified.get(receiver);
    const worse = known !== undefined && isWorse(rule, worst, known.level);
    const resumes = known?.flapping?.end !== undefined;
    if (known !== undefined && !worse && !resumes) continue;
    const level = known === undefined || worse ? worst : known.level;
    const labels = { ...shared(members), ...known?.labels, alertname: rule.name, severity: level };
    const facts = factsOf(members, countOf(receiver, draft, after) + (pending.get(receiver) ?? 0), {
      source: sourceName,
      since,
      fields: rule.groupBy,
    });
    const alert = known?.alert ?? hashId('outage', namespace, rule.id, receiver);
    const begun = known === undefined || resumes;
    const flapping = begun ? flappingWithBegin(draft, { alert, known: known?.flapping }, run.at, rule.flapping) : known.flapping;
    const notified: NotifiedOutage = {
      ...{ receiver, alert, level, labels, facts },
      episode: known?.episode ?? episodeId(alert, run.at),
      started: known?.started ?? run.at,
      held_by: known?.held_by ?? targetsOf(receiver, members, labels, rule),
      ...(flapping !== undefined && { flapping }),
    };
    draft.notified.set(receiver, notified);
    if (known !== undefined && !worse) continue;
    push(draft, { ...entryOf(notified, window), kind: known === undefined ? 'firing' : 'worse', reason: 'no_data' });
  }
}

/**
 * Lets go of the outage where all alerts that it stood for have moved away from a receiver that was removed, and notifies who holds them now: they are to
 * know of its end.
 */
export function moveOutageMessages(draft: OutageDraft, window: OutageWindow): void {
  const { before, after } = window;
  const moved = draft.outbox.filter(({ n, kind, reason }) => n > before.n && kind === 'moved' && reason === 'receiver_removed');
  if (moved.length === 0) return;
  const holders = new Set(byReceiver(membersOf(draft, after)).keys());
  const left = new Set(moved.flatMap(({ to }) => to.map(({ receiver }) => receiver)).filter((name) => !holders.has(name)));
  for (const notified of [...draft.notified.values()]) {
    if (!left.has(notified.receiver)) continue;
    push(draft, { ...entryOf(notified, window), kind: 'moved', reason: 'receiver_removed' });
    draft.notified.delete(notified.receiver);
    const mine = moved.filter(({ to }) => to.some(({ receiver }) => receiver === notified.receiver));
    succeed(draft, notified, new Set(mine.map(({ alert }) => alert)), window);
  }
}

/** Each receiver that holds the alerts now is notified of their outage, unless it knows of it. */
function succeed(draft: OutageDraft, gone: NotifiedOutage, moved: ReadonlySet<string>, window: OutageWindow): void {
  const { namespace, rule, run, after } = window;
  const members = [...moved].flatMap((alert) => memberOf(own(after.alerts, alert), 0));
  for (const [receiver, mine] of byReceiver(members)) {
    if (draft.notified.has(receiver)) continue;
    const alert = hashId('outage', namespace, rule.id, receiver);
    const held_by = targetsOf(receiver, mine, gone.labels, rule);
    const notified = { ...gone, receiver, alert, episode: episodeId(alert, run.at), held_by };
    draft.notified.set(receiver, notified);
    push(draft, { ...entryOf(notified, window), late: false, kind: 'firing', reason: 'receiver_removed' });
  }
}

/** Queues the end for every receiver that was notified of the outage, with the groups that are silent still; of a source that comes and goes once it is steady. */
export function endOutageMessages(draft: OutageDraft, window: EndedOutage, reason: string): void {
  const { rule, run } = window;
  for (const notified of draft.notified.values()) {
    const { receiver, flapping } = notified;
    if (flapping === undefined || rule.flapping === undefined) outboxEnd(draft, notified, window, reason);
    else if (flapping.end === undefined)
      draft.notified.set(receiver, { ...notified, flapping: { ...outageChangedAt(flapping, run.at), end: reason } });
  }
}

/** Queues what follows from steadiness: a source that came and went is silent for long enough, or has documents for long enough. */
export function settleOutageMessages(draft: OutageDraft, window: OutageWindow): void {
  const { rule, run, lost } = window;
  for (const known of draft.notified.values()) {
    if (known.flapping === undefined) continue;
    const flapping = withLost(known.flapping, lost);
    const notified = { ...known, flapping };
    if (!isSteady(flapping, run.at, rule.flapping)) draft.notified.set(notified.receiver, notified);
    else if (flapping.end !== undefined) outboxEnd(draft, notified, window, flapping.end);
    else {
      const { flapping: _over, ...steady } = notified;
      draft.notified.set(notified.receiver, steady);
      push(draft, { ...entryOf(notified, window), kind: 'steady', reason: 'no_data' });
    }
  }
}

/** What ending an outage needs to know of its window. */
interface EndedOutage extends Pick<OutageWindow, 'after'> {
  readonly rule: Pick<Rule, 'flapping'>;
  readonly run: About;
}

function outboxEnd(draft: OutageDraft, notified: NotifiedOutage, window: EndedOutage, reason: string): void {
  const missing = membersOf(draft, window.after, 'firing').filter(({ to }) =>
    to.some(({ receiver }) => receiver === notified.receiver),
  );
  const facts = { ...notified.facts, missing: missing.slice(0, GROUPS_KEPT).map(({ group }) => group) };
  push(draft, { ...entryOf({ ...notified, facts }, window), kind: 'resolved', reason });
  draft.notified.delete(notified.receiver);
}

function entryOf(
  { alert, episode, started, level, labels, held_by, facts, flapping }: NotifiedOutage,
  { rule, run: { at, window, purpose } }: Pick<EndedOutage, 'rule' | 'run'>,
) {
  const times = { at, started, window: { from: facts.since, to: window.to }, late: purpose === 'catch-up' };
  return {
    alert,
    episode,
    group: {},
    labels,
    level,
    values: { groups: facts.total },
    condition: '',
    ...times,
    outage: facts,
    ...(flapping !== undefined && { flapping: flappingOf(flapping, rule.flapping) }),
    to: held_by,
  };
}

/** The alerts that are held back, from where they are stored; those whose status is `only`, where it is given. */
function membersOf({ held }: OutageDraft, { alerts }: RuleDocument, only?: 'firing'): readonly Member[] {
  return [...held.values()].flatMap(({ alert, until, end }): readonly Member[] => {
    if (end !== undefined) return only === undefined ? [{ ...end, until }] : [];
    const living = own(alerts, alert);
    return only !== undefined && living?.status !== only ? [] : memberOf(living, until);
  });
}

/** An alert that someone holds. */
function memberOf(living: LivingAlert | undefined, until: Instant): readonly Member[] {
  if (living?.held_by === undefined) return [];
  const { group, labels = {}, held_by } = living;
  return [{ group, labels, level: labels['severity'] ?? living.level ?? 'warning', to: held_by, until }];
}

function byReceiver(members: readonly Member[]): ReadonlyMap<string, readonly Member[]> {
  const found = new Map<string, Member[]>();
  for (const member of members) {
    for (const receiver of new Set(member.to.map((target) => target.receiver))) {
      const list = found.get(receiver);
      if (list === undefined) found.set(receiver, [member]);
      else list.push(member);
    }
  }
  return found;
}

/** Silent groups that a receiver has to do with: those that are held back from it, and those that it knows of already. */
function countOf(receiver: string, { held }: OutageDraft, { alerts }: RuleDocument): number {
  const mine = (to: readonly Target[]) => to.some((target) => target.receiver === receiver);
  const ended = [...held.values()].filter(({ end }) => end !== undefined && mine(end.to)).length;
  return ended + Object.values(alerts).filter(({ held_by }) => held_by !== undefined && mine(held_by)).length;
}

/** How many alerts are about to fire, by the receivers that they would go to: their groups are as silent as the others. */
function pendingByReceiver({ rule, after, route }: OutageWindow): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status, group, level } of Object.values(after.alerts)) {
    if (status !== 'pending') continue;
    const to = route(labelsOf(rule, group, severityOf(rule, level)), rule.receivers);
    for (const receiver of new Set(to.map((target) => target.receiver))) counts.set(receiver, (counts.get(receiver) ?? 0) + 1);
  }
  return counts;
}

function factsOf(
  members: readonly Member[],
  total: number,
  about: Pick<OutageFacts, 'source' | 'since' | 'fields'>,
): OutageFacts {
  const held = members.slice(0, GROUPS_KEPT).map(({ group, level }) => ({ group, level }));
  return { ...about, total, held, until: members.reduce((least, { until }) => Math.min(least, until), Number.MAX_SAFE_INTEGER) };
}

/** Labels that all of them have with the same value. */
function shared(members: readonly Member[]): Labels {
  const [first, ...rest] = members;
  const labels = Object.entries(first?.labels ?? {});
  return Object.fromEntries(labels.filter(([name, value]) => rest.every((member) => own(member.labels, name) === value)));
}

/** One target for each destination, by the way that the worst alert takes to it; its alert group is named by what the alerts share. */
function targetsOf(receiver: string, members: readonly Member[], labels: Labels, rule: Rule): readonly Target[] {
  const worstFirst = members.toSorted((a, b) => compareSeverities(a.level, b.level, declaredBy(rule)));
  const found = new Map<string, Target>();
  for (const target of worstFirst.flatMap(({ to }) => to)) {
    if (target.receiver !== receiver || found.has(target.destination)) continue;
    const names = Object.keys(target.group_labels).filter((name) => Object.hasOwn(labels, name));
    found.set(target.destination, {
      ...target,
      group_labels: Object.fromEntries(names.map((name) => [name, own(labels, name) ?? ''])),
    });
  }
  return [...found.values()];
}

function worstOf(rule: Rule, members: readonly Member[]): string {
  return (
    worstSeverity(
      members.map(({ level }) => level),
      declaredBy(rule),
    ) ?? 'warning'
  );
}

/** A rule names its levels worst first; what it does not name any more has its place in the table of severities. */
function isWorse(rule: Rule, level: string, than: string): boolean {
  return compareSeverities(level, than, declaredBy(rule)) < 0;
}

function declaredBy({ levels }: Pick<Rule, 'levels'>): readonly string[] {
  return levels.map(({ severity }) => severity);
}
