import { chunked } from '../../core/chunked.ts';
import { readApart } from '../../core/read-apart.ts';
import { own } from '../../core/record.ts';
import { compareSeverities } from '../../core/severity.ts';
import { requireAnswer } from '../../core/stored.ts';
import { compareTexts } from '../../core/text-order.ts';
import { type Instant, LAST_INSTANT } from '../../core/time.ts';
import type { RuleDocument, RuleStates } from '../../evaluation/rule-states.ts';
import { outageTitle } from '../../messages/outage-text.ts';
import type { Acknowledgements } from '../../notify/acknowledgements.ts';
import type { AlertGroupDocument } from '../../notify/alert-group.ts';
import { alertGroupId } from '../../notify/alert-group-id.ts';
import type { AlertGroups } from '../../notify/alert-groups.ts';
import { escalatedTo } from '../../notify/escalate.ts';
import type { Silences } from '../../notify/silences.ts';
import { RECEIVED_RULE, RECEIVED_RULE_ID } from '../../received/received-rule.ts';
import { matchesAll } from '../../routing/matches.ts';
import { formatMatcher } from '../../routing/parse-matcher.ts';
import type { Labels, Matcher, Routing, Target } from '../../routing/route.ts';
import { distinctTargets } from '../../routing/targets.ts';
import type { Rule } from '../../rules/rule.ts';
import type { RunHistory } from '../history/run-history.ts';
import { mutedAt } from '../muted-at.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from '../self-monitoring/health-rule.ts';
import { inhibitionsAmong } from '../what-fires.ts';
import { acknowledgedAlerts, acknowledgedBy } from './acknowledged-by.ts';
import type { AlertNotification, AlertsReport, ReportedAlert } from './alert-list.ts';
import { alertsOf, heldBack, isActive } from './alerts-of.ts';
import { hintOf } from './no-match.ts';
import { byAlert, holdersOf, type IndexedGroup, indexedGroup, notifiedOf, type QueuedAlert } from './notified-of.ts';
import { withSuppression } from './suppressed-by.ts';
import { labelsOfAlert, lastSaid, notifiedTitle, pendingValues, titledView } from './what-is-known.ts';

const RULES_A_READ = 200;
const ALERT_GROUPS_A_READ = 200;
/** Alert groups with something due that are looked at besides those of the alerts. */
const MOST_DUE = 1_000;
const THE_STATE = 'the state';
const SHOWN_BY_STATUS = ['firing', 'recovering', 'pending', 'inactive'];

/** Which alerts are shown. `rules` are those that the rule files have, for titles and for labels of what was not routed yet. */
export interface AlertsWanted {
  readonly namespace: string;
  readonly all: boolean;
  readonly now: Instant;
  readonly matchers?: readonly Matcher[];
  readonly rules?: readonly Rule[];
  /** With it, an alert says which one inhibits it, and one that was notified which time interval keeps it from reminders. */
  readonly routing?: Routing;
}

/** The ports that a list of alerts is read through. */
export interface AlertStores {
  readonly ruleStates: Pick<RuleStates, 'list' | 'load'>;
  /** With `due`, alert groups that no living alert is held by are looked at as well. */
  readonly alertGroups: Pick<AlertGroups, 'load'> & Partial<Pick<AlertGroups, 'due'>>;
  readonly runHistory?: RunHistory;
  /** With them, an alert that is silenced says by whom, until when and why. */
  readonly silences?: Pick<Silences, 'list'>;
  /** With them, an alert says who works on it. */
  readonly acknowledgements?: Pick<Acknowledgements, 'list'>;
}

/** Reads every rule's document and the alert groups that hold its alerts. Throws TocsinError when the store does not answer. */
export async function alertsReport(
  stores: AlertStores,
  { namespace, all, now, matchers = [], rules, routing }: AlertsWanted,
): Promise<AlertsReport> {
  const unreadable = new Map<string, string>();
  const documents = await ruleDocuments(stores, unreadable);
  const ruleOf = new Map([RECEIVED_RULE, ...(rules ?? [])].map((rule) => [rule.id, rule]));
  const standing = documents.flatMap((document) => standingOf(document, all, ruleOf));
  const living = standing.filter(({ labels }) => matchesAll(matchers, labels));
  const direct = await groupsOf(living, { namespace, stores, unreadable });
  const groups = await withEscalated(living, direct, { namespace, stores, unreadable });
  const measured = await pendingValues(living, stores, now);
  const acknowledged = await acknowledgedAlerts(stores, now);
  const alerts = living.map((one): ReportedAlert => {
    const of = (target: Target) => groups.get(alertGroupId(namespace, target));
    const muted = ({ route }: Target) => routing && mutedAt({ routing, rules: ruleOf }, route, one.document.rule, now);
    const notified = allTargets(one, groups, namespace).flatMap((target) => {
      const found = notifiedOf(one, target, of(target));
      return found === undefined ? [] : [withMuteNote(found, muted(target))];
    });
    const held = one.targets.flatMap((target) => of(target) ?? []);
    const last = lastSaid(one, held);
    const values = last?.values ?? measured.get(one.id) ?? {};
    const known = ruleOf.has(one.document.rule) ? undefined : notifiedTitle(one, held);
    const title = known ?? titledView({ ...one, last, values, now }, ruleOf);
    const alert = reported(one, notified);
    const work = acknowledgedBy(alert, held, acknowledged);
    return { ...alert, ...work, ...saidOf(one.document.rule, values), condition: last?.condition ?? '', title };
  });
  return {
    now,
    namespace,
    matchers: matchers.map(formatMatcher),
    ...countsOf(documents, rules),
    alerts: await withSuppression(
      alerts.sort(byUrgency),
      {
        ...(stores.silences && { silences: stores.silences }),
        inhibitions: inhibitionsAmong(documents, { now, inhibitRules: routing?.inhibitRules ?? [], ruleOf }),
      },
      now,
    ),
    unreadable: [...unreadable.values()],
    ...(alerts.length === 0 && hintOf(matchers, standing)),
  };
}

/** What was sent with an alert of another system are texts, and nothing that was measured. */
function saidOf(rule: string, values: ReportedAlert['values']): Pick<ReportedAlert, 'values' | 'annotations'> {
  return rule === RECEIVED_RULE_ID ? { values: {}, annotations: values } : { values };
}

function countsOf(
  documents: readonly RuleDocument[],
  rules: readonly Rule[] | undefined,
): Pick<AlertsReport, 'rules' | 'unevaluated' | 'withoutFile'> {
  const evaluated = new Set(
    documents.map(({ rule }) => rule).filter((rule) => rule !== HEALTH_RULE_ID && rule !== RECEIVED_RULE_ID),
  );
  if (rules === undefined) return { rules: evaluated.size };
  const known = new Set(rules.flatMap(({ id }) => (id === RECEIVED_RULE_ID ? [] : [id])));
  return {
    rules: known.size,
    unevaluated: [...known].filter((id) => !evaluated.has(id)).length,
    withoutFile: [...evaluated].filter((id) => !known.has(id)).length,
  };
}

interface Standing extends QueuedAlert {
  readonly labels: Labels;
  readonly targets: readonly Target[];
  readonly heldUntil: Instant | undefined;
}

function standingOf(document: RuleDocument, all: boolean, rules: ReadonlyMap<string, Rule>): readonly Standing[] {
  const outbox = byAlert(document.outbox);
  const held = byAlert(heldBack(document));
  return alertsOf(document)
    .filter((one) => all || isActive(one) || one.flaps)
    .map(({ id, alert }) => {
      const one = { id, alert, document, outbox: outbox.get(id) ?? [] };
      const labels = labelsOfAlert(alert, document, rules.get(document.rule));
      return { ...one, labels, targets: holdersOf(one), heldUntil: held.get(id)?.[0]?.until };
    });
}

interface GroupsWanted {
  readonly namespace: string;
  readonly stores: Pick<AlertStores, 'alertGroups'>;
  readonly unreadable: Map<string, string>;
}

async function groupsOf(
  living: readonly Standing[],
  { namespace, stores, unreadable }: GroupsWanted,
): Promise<ReadonlyMap<string, IndexedGroup>> {
  const ids = new Set(living.flatMap(({ targets }) => targets.map((target) => alertGroupId(namespace, target))));
  // An alert group that no living alert is held by may have ends to send: so it is listed if it cannot be read.
  const due = await stores.alertGroups.due?.(LAST_INSTANT, MOST_DUE);
  for (const id of due === undefined ? [] : requireAnswer(due, THE_STATE).ids) ids.add(id);
  const found = await alertGroupsOf([...ids], stores, unreadable);
  return new Map([...found].map(([id, document]) => [id, indexedGroup(document)]));
}

/** Those that hold an alert, and those that it has escalated to. */
function allTargets({ id, targets }: Standing, groups: ReadonlyMap<string, IndexedGroup>, namespace: string): readonly Target[] {
  const more = targets.flatMap((target) => {
    const group = groups.get(alertGroupId(namespace, target));
    return group === undefined ? [] : escalatedTo(group.document, id);
  });
  return distinctTargets([...targets, ...more]);
}

/** With the alert groups that alerts have escalated to: only those they escalate from name them. */
async function withEscalated(
  living: readonly Standing[],
  groups: ReadonlyMap<string, IndexedGroup>,
  { namespace, stores, unreadable }: GroupsWanted,
): Promise<ReadonlyMap<string, IndexedGroup>> {
  const wanted = new Set(living.flatMap((one) => allTargets(one, groups, namespace).map((to) => alertGroupId(namespace, to))));
  const unread = [...wanted].filter((id) => !groups.has(id));
  if (unread.length === 0) return groups;
  const found = await alertGroupsOf(unread, stores, unreadable);
  return new Map([...groups, ...[...found].map(([id, document]) => [id, indexedGroup(document)] as const)]);
}

/** What cannot be read is noted in `unreadable`, with the reason: it must not hide everything else. */
async function ruleDocuments(
  { ruleStates }: Pick<AlertStores, 'ruleStates'>,
  unreadable: Map<string, string>,
): Promise<readonly RuleDocument[]> {
  const documents: RuleDocument[] = [];
  for (let after: string | undefined; ; ) {
    const ids = requireAnswer(await ruleStates.list(RULES_A_READ, after), THE_STATE);
    const loaded = requireAnswer(await readApart(ids, (some) => ruleStates.load(some, new Map())), THE_STATE);
    for (const [id, message] of loaded.unreadable) unreadable.set(id, message);
    documents.push(...[...loaded.found.values()].map(({ document }) => document).filter(({ removed }) => removed !== true));
    after = ids.at(-1);
    if (ids.length < RULES_A_READ) return documents;
  }
}

async function alertGroupsOf(
  ids: readonly string[],
  { alertGroups }: Pick<AlertStores, 'alertGroups'>,
  unreadable: Map<string, string>,
): Promise<ReadonlyMap<string, AlertGroupDocument>> {
  const found = new Map<string, AlertGroupDocument>();
  for (const some of chunked(ids, ALERT_GROUPS_A_READ)) {
    const loaded = requireAnswer(await readApart(some, alertGroups.load), THE_STATE);
    for (const [id, message] of loaded.unreadable) unreadable.set(id, message);
    for (const [id, { document }] of loaded.found) found.set(id, document);
  }
  return found;
}

type Reported = Omit<ReportedAlert, 'title' | 'values' | 'annotations' | 'condition' | 'acknowledged'>;

function reported({ id, alert, document, labels, heldUntil }: Standing, notified: readonly AlertNotification[]): Reported {
  const flapping = own(document.past, id)?.notified;
  const about = document.outage?.notified.find(({ alert: outage }) => outage === id);
  return {
    rule: document.rule === HEALTH_RULE_ID ? HEALTH_RULE.name : (alert.labels?.['alertname'] ?? document.rule),
    id,
    status: alert.status,
    severity: labels['severity'],
    group: alert.group,
    labels,
    since: alert.status === 'pending' || alert.status === 'inactive' ? alert.since : (alert.started ?? alert.since),
    episode: alert.episode,
    ...(flapping !== undefined && { flapping: { since: flapping.since, episodes: flapping.episodes } }),
    ...(about !== undefined && { about: outageTitle(about.facts) }),
    ...(heldUntil !== undefined && { heldUntil }),
    notified,
  };
}

/** What was notified before the interval began: its reminders wait. */
function withMuteNote(notified: AlertNotification, muted: string | undefined): AlertNotification {
  return notified.state === 'notified' && muted !== undefined ? { ...notified, note: muted } : notified;
}

function byUrgency(a: ReportedAlert, b: ReportedAlert): number {
  const status = SHOWN_BY_STATUS.indexOf(a.status) - SHOWN_BY_STATUS.indexOf(b.status);
  const severity = compareSeverities(a.severity ?? 'warning', b.severity ?? 'warning');
  return status || severity || a.since - b.since || compareTexts(a.rule, b.rule) || compareTexts(a.title, b.title);
}
