import { chunked } from '../core/chunked.ts';
import type { RuleId } from '../core/ids.ts';
import { readApart } from '../core/read-apart.ts';
import { type StoreAnswer, sameVersion, type Version } from '../core/stored.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { held, newest } from '../evaluation/session.ts';
import { createInhibitor, type FiringOfRule, type Inhibition } from '../notify/inhibition.ts';
import type { InhibitRule, Labels } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import { alertsOf, fires } from './alert-list/alerts-of.ts';
import { labelsOfAlert } from './alert-list/what-is-known.ts';
import { newWhatFires, type WhatFires } from './firing-knowledge.ts';
import { HEALTH_RULE_ID } from './self-monitoring/health-rule.ts';
import type { Session } from './session.ts';
import type { TurnPorts } from './turn-ports.ts';

/** How old the knowledge of what fires elsewhere may be before it is read again, ms. */
const FRESH: Duration = 5_000;
/** How old it may grow while it cannot be read, ms: then nothing is inhibited, rather than swallowed for an alert that may be over. */
const BELIEVED: Duration = 60_000;
/** How long a search may lag behind what was evaluated here, ms. */
const LAG: Duration = 30_000;
/** An alert inhibits as long as its rule is evaluated: a document is written at least every five windows. */
const WINDOWS = 10;
const AT_LEAST: Duration = 300_000;
/** Rules that one search gives, and documents that are read at once. */
const FOUND_AT_ONCE = 5_000;
const READ_AT_ONCE = 200;

/**
 * Whose alerts inhibit, out of a rule's document: those that fire or recover, and those that flap, which their receivers know as firing. A rule that
 * is paused, or that was not evaluated for long, inhibits nothing: whether its alerts still fire is not known.
 */
function firingOf(document: RuleDocument, rule: Rule | undefined): FiringOfRule {
  const { evaluated_through: through, every, paused, removed } = document;
  const until = document.rule === HEALTH_RULE_ID ? Number.POSITIVE_INFINITY : through + Math.max(AT_LEAST, WINDOWS * every);
  if (paused !== undefined || removed === true || rule?.enabled === false) return { alerts: [], until };
  const alerts = alertsOf(document)
    .filter(fires)
    .map(({ id, alert }) => ({ id, labels: labelsOfAlert(alert, document, rule), group: alert.group }));
  return { alerts, until };
}

type FiringPorts = Pick<TurnPorts, 'states' | 'session' | 'rules' | 'routing'>;

/** Notes what rules that were just evaluated here have firing: before what they found is enqueued, and possibly sent. */
export function noteFiring(ids: Iterable<RuleId>, now: Instant, { session, rules }: Omit<FiringPorts, 'states'>): void {
  const { whatFires } = session;
  if (whatFires === undefined) return;
  for (const id of ids) {
    const document = session.rules.get(id)?.current;
    if (document === undefined || whatFires.here.get(id)?.document === document) continue;
    whatFires.here.set(id, { document, at: now });
    whatFires.inhibitor.set(id, firingOf(document, rules.get(id)));
  }
}

/**
 * Finds out what fires anywhere, if that was not done just now: a search for the rules, and a read of those that have changed. Gives why it could not
 * be done. What cannot be read inhibits nothing.
 */
export async function readWhatFires(now: Instant, ports: FiringPorts): Promise<string | undefined> {
  const { session, routing } = ports;
  const rules = routing.inhibitRules ?? [];
  if (rules.length === 0) {
    session.whatFires = undefined;
    return undefined;
  }
  if (session.whatFires?.inhibitor.rules !== rules) session.whatFires = newWhatFires(rules);
  const { whatFires } = session;
  const { readAt } = whatFires;
  if (readAt !== undefined && now >= readAt && now - readAt < FRESH) return undefined;
  whatFires.reading ??= readAll(now, whatFires, ports).finally(() => {
    whatFires.reading = undefined;
  });
  return whatFires.reading;
}

async function readAll(now: Instant, whatFires: WhatFires, ports: FiringPorts): Promise<string | undefined> {
  const found = await firingRules(ports);
  if (!found.ok) return found.message;
  const read = await readChanged(found.value, whatFires, ports);
  if (!read.ok) return read.message;
  forgetOver(found.value, now, whatFires);
  whatFires.readAt = now;
  return undefined;
}

/** Why an alert is inhibited at `now`, by what this process knows; what it has not known for long inhibits nothing. */
export function inhibitionAt(now: Instant, { whatFires }: Pick<Session, 'whatFires'>, labels: Labels): Inhibition | undefined {
  if (whatFires?.readAt === undefined || now - whatFires.readAt > BELIEVED) return undefined;
  return whatFires.inhibitor.inhibitedBy(labels, now);
}

/** What inhibits the alerts of all these documents, by alert id. */
export function inhibitionsAmong(
  documents: readonly RuleDocument[],
  {
    now,
    inhibitRules,
    ruleOf,
  }: { readonly now: Instant; readonly inhibitRules: readonly InhibitRule[]; readonly ruleOf: ReadonlyMap<RuleId, Rule> },
): ReadonlyMap<string, Inhibition> {
  const found = new Map<string, Inhibition>();
  if (inhibitRules.length === 0) return found;
  const inhibitor = createInhibitor(inhibitRules);
  for (const document of documents) inhibitor.set(document.rule, firingOf(document, ruleOf.get(document.rule)));
  for (const document of documents) {
    if (document.rule === HEALTH_RULE_ID) continue;
    for (const standing of alertsOf(document).filter(fires)) {
      const inhibition = inhibitor.inhibitedBy(labelsOfAlert(standing.alert, document, ruleOf.get(document.rule)), now);
      if (inhibition !== undefined) found.set(standing.id, inhibition);
    }
  }
  return found;
}

/** The rules of which an alert fires, with the versions of their documents. The search may lag. */
export async function firingRules({ states }: Pick<FiringPorts, 'states'>): Promise<StoreAnswer<ReadonlyMap<RuleId, Version>>> {
  const all = new Map<RuleId, Version>();
  for (let after: RuleId | undefined; ; ) {
    const found = await states.firing(FOUND_AT_ONCE, after);
    if (!found.ok) return found;
    for (const [id, version] of found.value) all.set(id, version);
    after = [...found.value.keys()].at(-1);
    if (found.value.size < FOUND_AT_ONCE) return { ok: true, value: all };
  }
}

async function readChanged(
  found: ReadonlyMap<RuleId, Version>,
  { inhibitor, versions, here }: WhatFires,
  { states, session, rules }: FiringPorts,
): Promise<StoreAnswer<void>> {
  const changed = [...found].filter(([id, version]) => !sameVersion(versions.get(id), version)).map(([id]) => id);
  for (const ids of chunked(changed, READ_AT_ONCE)) {
    const loaded = await readApart(ids, (some) => states.load(some, held(session, some)));
    if (!loaded.ok) return loaded;
    for (const id of ids) {
      const stored = loaded.value.found.get(id);
      here.delete(id);
      if (stored === undefined) {
        inhibitor.set(id, { alerts: [], until: 0 });
        continue;
      }
      versions.set(id, stored.version);
      inhibitor.set(id, firingOf(newest(session, id, stored), rules.get(id)));
    }
  }
  return { ok: true, value: undefined };
}

/** Forgets rules of which nothing fires any more; what was evaluated here a moment ago is known better than a search does. */
function forgetOver(found: ReadonlyMap<RuleId, Version>, now: Instant, { inhibitor, versions, here }: WhatFires): void {
  for (const id of [...inhibitor.known()]) {
    const mine = here.get(id);
    if (found.has(id) || (mine !== undefined && now - mine.at < LAG)) continue;
    inhibitor.set(id, { alerts: [], until: 0 });
  }
  for (const id of versions.keys()) if (!found.has(id)) versions.delete(id);
  for (const [id, { at }] of here) if (now - at >= LAG) here.delete(id);
}
