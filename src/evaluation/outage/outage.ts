import type { Hold } from '../../alerts/outage.ts';
import { own, put } from '../../core/record.ts';
import { type Duration, type Instant, iso } from '../../core/time.ts';
import type { Target } from '../../routing/route.ts';
import type { Rule } from '../../rules/rule.ts';
import { groupKey } from '../../search/group-key.ts';
import type { OutboxEntry, RuleDocument } from '../rule-states.ts';
import type { Run } from '../run.ts';
import { endOutageMessages, moveOutageMessages, sendOutageMessages, settleOutageMessages } from './outage-messages.ts';
import { type HeldAlert, type Outage, type OutageDraft, type OutageWindow, push } from './outage-state.ts';

/** How long the alerts of a silent source are held back unless the rule says otherwise, ms. */
const OUTAGE_HOLD: Duration = 3_600_000;

/** Fewer groups than this that go quiet together are reported one by one. */
const TOGETHER = 2;

/** When documents arrive again, groups get one more evaluation of their rule to report as well, but not longer than this, ms. */
const LONGEST_GRACE: Duration = 300_000;

/** Reasons for which an alert begins, or gets worse, in a window without any document. */
const BEGINS: readonly string[] = ['breach', 'no_data', 'worse'];

/** How long alerts of this rule are held back, ms; 0: never. */
export function outageHold({ outageHold: hold }: Pick<Rule, 'outageHold'>): Duration {
  return hold ?? OUTAGE_HOLD;
}

/** Whether enough groups, those in `expected` left out, began to be missed, or ended for lack of data, in one window. */
export function isSuspect(rule: Rule, { changes }: Pick<Run, 'changes'>, expected: ReadonlySet<string>): boolean {
  const missed = changes.filter(
    ({ transition: { to, reason }, group }) =>
      (to === 'pending' || to === 'firing' || reason === 'no_data') && !expected.has(groupKey(rule.groupBy, group)),
  );
  return missed.length >= TOGETHER;
}

/**
 * Folds what is known of the source into a rule's document after a window. While the source is silent, the alerts that begin are held
 * back and each of their receivers is due one message about the source; when documents arrive again, that message is resolved, and what
 * is still silent is reported. Only what is sent changes: no finding and no transition. Pure; gives `after` when there is nothing to do.
 */
export function foldOutage(window: OutageWindow): RuleDocument {
  const { before, after, rule, source, run, sourceName } = window;
  const known = before.outage;
  const begins = known === undefined && source === 'silent' && isSuspect(rule, run, window.expected);
  if (known === undefined && !begins) return after;
  const draft = startDraft(after, known);
  draft.outbox = after.outbox.map((entry) => (entry.n > before.n ? holdEntry(draft, entry, window) : entry));
  const since = sinceOf(window);
  const speaks = source === 'speaking' || outageHold(rule) <= 0;
  const over = speaks ? (known?.over ?? run.at) : source === 'silent' ? undefined : known?.over;
  prune(draft, window, over !== undefined);
  moveOutageMessages(draft, window);
  if (over === undefined) sendOutageMessages(draft, window, since);
  if (over !== undefined || draft.held.size === 0) {
    const reason = over === undefined ? 'no_data' : source === 'speaking' ? 'recovered' : 'rule_changed';
    endOutageMessages(draft, window, reason);
  }
  settleOutageMessages(draft, window);
  const waits = over === undefined && Object.values(after.alerts).some(({ status }) => status === 'pending');
  const outage = { source: sourceName, since, ...(over !== undefined && { over }), ...stored(draft) };
  return written(after, draft, draft.held.size > 0 || draft.notified.size > 0 || waits ? outage : undefined);
}

/**
 * Ends an outage together with all alerts of its rule: `after` is the document with their ends. Ends of what was never reported are held
 * back with it. Pure.
 */
export function closeOutage(before: RuleDocument, after: RuleDocument, now: Instant, reason: string): RuleDocument {
  const known = before.outage;
  if (known === undefined) return after;
  const draft = startDraft(after, known);
  draft.outbox = after.outbox.map((entry) => (entry.n > before.n ? holdEnd(draft, entry, now) : entry));
  // An end that was released, or whose time is up, is on its way already: a second entry would be sent as news.
  for (const held of draft.held.values()) {
    if (held.end !== undefined && held.released === undefined && now < held.until) push(draft, { ...held.end, at: now });
  }
  // No window was evaluated for it.
  const window = { from: before.evaluated_through, to: before.evaluated_through };
  endOutageMessages(draft, { after, rule: {}, run: { at: now, window, purpose: 'live' } }, reason);
  return written(after, draft, undefined);
}

function startDraft(after: RuleDocument, known: Outage | undefined): OutageDraft {
  return {
    n: after.n,
    outbox: [...after.outbox],
    held: new Map((known?.held ?? []).map((held) => [held.alert, held])),
    notified: new Map((known?.notified ?? []).map((notified) => [notified.receiver, notified])),
    past: { ...after.past },
  };
}

function stored({ held, notified }: OutageDraft): Pick<Outage, 'held' | 'notified'> {
  return { held: [...held.values()], notified: [...notified.values()] };
}

function written(after: RuleDocument, { n, outbox, past }: OutageDraft, outage: Outage | undefined): RuleDocument {
  const { outage: _outage, past: _past, ...rest } = after;
  const hasPast = Object.keys(past).length > 0;
  return { ...rest, n, outbox, hasOutbox: outbox.length > 0, ...(hasPast && { past }), ...(outage !== undefined && { outage }) };
}

/** A new entry of this window, held back where it is about a silent source. */
function holdEntry(draft: OutageDraft, entry: OutboxEntry, window: OutageWindow): OutboxEntry {
  const { rule, now, source, expected } = window;
  const held = draft.held.get(entry.alert);
  // Who holds it now is sent one message about the source, as the others were; the alert itself was not notified.
  if (
    entry.reason === 'receiver_removed' &&
    entry.kind === 'firing' &&
    held !== undefined &&
    now < held.until &&
    source !== 'speaking'
  )
    return { ...entry, reason: 'breach', hold: holdUntil(held.until, window) };
  if (entry.kind === 'moved' || (held !== undefined && entry.kind === 'resolved')) return holdEnd(draft, entry, now);
  const hold = outageHold(rule);
  const begins = entry.kind === 'resolved' ? entry.reason === 'no_data' : BEGINS.includes(entry.reason);
  if (source !== 'silent' || hold <= 0 || !begins || expected.has(groupKey(rule.groupBy, entry.group))) {
    // News that are not held back are sent together with what was: nothing of this alert is held any longer.
    draft.held.delete(entry.alert);
    return entry;
  }
  const until = held?.until ?? now + hold;
  const { values, condition } = entry;
  const end = entry.kind === 'resolved' ? { end: entry } : {};
  draft.held.set(entry.alert, { alert: entry.alert, until, values, condition, ...end });
  return { ...withoutBegin(draft, entry, window), hold: holdUntil(until, window) };
}

/** An outage that is not notified does not make alerts flap: the source flaps, and that is reported for the source. */
function withoutBegin(draft: OutageDraft, entry: OutboxEntry, { before }: OutageWindow): OutboxEntry {
  const past = own(before.past ?? {}, entry.alert);
  if (entry.kind !== 'firing' || past?.notified !== undefined) return entry;
  if (past === undefined) delete draft.past[entry.alert];
  else put(draft.past, entry.alert, past);
  const { flapping: _flapping, ...rest } = entry;
  return rest;
}

/** The end of an alert that was held back from its beginning is held back as well, since it was not notified. */
function holdEnd(draft: OutageDraft, entry: OutboxEntry, now: Instant): OutboxEntry {
  const held = draft.held.get(entry.alert);
  if (held === undefined || held.end !== undefined) return entry;
  if (entry.kind === 'resolved') draft.held.delete(entry.alert);
  return now < held.until ? { ...entry, hold: { until: held.until, why: 'it was never reported' } } : entry;
}

/** Since when there is no document: one that was over, and is remembered for what is still held back, begins again. */
function sinceOf({ before: { outage }, source, run }: OutageWindow): Instant {
  const again = outage?.over !== undefined && source === 'silent';
  return outage === undefined || again ? run.window.from : outage.since;
}

function holdUntil(until: Instant, window: OutageWindow): Hold {
  return {
    until,
    why: `the message about its source: no document in ${window.sourceName} since ${iso(sinceOf(window))}; until ${iso(until)} at the latest`,
  };
}

/** Forgets what is no longer held back, and releases what is still silent although documents arrive again. */
function prune(draft: OutageDraft, window: OutageWindow, over: boolean): void {
  const { after, now, rule, expected } = window;
  for (const held of draft.held.values()) {
    const living = own(after.alerts, held.alert);
    const flaps = own(after.past, held.alert)?.notified !== undefined;
    const passed = held.until <= now;
    if (held.end === undefined ? (living?.episode === undefined && !flaps) || (passed && over) : passed) {
      draft.held.delete(held.alert);
      continue;
    }
    const group = held.end?.group ?? living?.group ?? {};
    const silent = held.end !== undefined || living?.status === 'firing';
    const free = over || expected.has(groupKey(rule.groupBy, group));
    if (free && silent && held.released === undefined) release(draft, held, window);
  }
}

/** One more entry, held back only for a moment more: at its end everything that waits of this alert is sent as one message. */
function release(draft: OutageDraft, held: HeldAlert, window: OutageWindow): void {
  const { after, run, now } = window;
  const until = Math.min(held.until, now + Math.min(1.5 * after.every, LONGEST_GRACE));
  const hold = holdUntil(until, window);
  draft.held.set(held.alert, { ...held, until, released: true });
  if (held.end !== undefined) {
    push(draft, { ...held.end, at: run.at, hold });
    return;
  }
  const living = own(after.alerts, held.alert);
  if (living?.held_by === undefined || living.episode === undefined) return;
  const { group, labels = {}, held_by, notified_as, episode, started = run.at } = living;
  const { alert, values, condition } = held;
  const about = { alert, group, labels, values, condition, to: held_by as readonly Target[] };
  const known = { episode: notified_as?.episode ?? episode, started: notified_as?.started ?? started };
  const level = labels['severity'] ?? living.level ?? 'warning';
  const late = run.purpose === 'catch-up';
  push(draft, { ...about, ...known, kind: 'steady', reason: 'breach', at: run.at, level, window: run.window, late, hold });
}
