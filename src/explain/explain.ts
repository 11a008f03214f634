import { describeFinding } from '../alerts/describe.ts';
import type { Finding } from '../alerts/finding.ts';
import type { Json } from '../core/json.ts';
import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import { newestTick } from '../core/schedule.ts';
import type { StoreAnswer } from '../core/stored.ts';
import { DAY, HOUR, type Instant, type TimeRange } from '../core/time.ts';
import { acknowledgedAlerts } from '../engine/alert-list/acknowledged-by.ts';
import type { RecordedMessage, RecordedRun, RunHistory } from '../engine/history/run-history.ts';
import { windowOf } from '../evaluation/due-windows.ts';
import { labelsOf, severityOf } from '../evaluation/labels.ts';
import { secondAlertId } from '../evaluation/revisit.ts';
import type { RuleDocument, RuleStates } from '../evaluation/rule-states.ts';
import { discoverLink, type KibanaPlace } from '../messages/links.ts';
import type { Acknowledgements } from '../notify/acknowledgements.ts';
import { alertGroupId } from '../notify/alert-group-id.ts';
import type { AlertGroups } from '../notify/alert-groups.ts';
import { escalatedTo } from '../notify/escalate.ts';
import { type ReceivedAlerts, receivedId } from '../received/received-alerts.ts';
import type { Labels, Routing } from '../routing/route.ts';
import type { RuleType } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import type { TraceLogs } from '../search/trace-logs.ts';
import { type Again, type AnsweredAgain, askAgain, questionsOf } from './ask-again.ts';
import { type Candidate, candidatesOf, isWanted } from './candidates.ts';
import { cautionsOf, outsideSchedule } from './cautions.ts';
import type { AskedAgain, ExplainedGroup, Explanation, MissingGroup } from './explanation.ts';
import { lifeOf } from './life.ts';
import { lookAround, newestDocument } from './look-around.ts';
import { type NotificationContext, type NotifiedOf, notificationOf, targetsOf } from './notification.ts';
import { receivedWords } from './received.ts';
import { tracesOfGroups } from './traces.ts';

/** What is to be explained: a rule at the newest tick up to a moment; with `group`, the groups that have these values. */
export interface ExplainInput {
  readonly rule: Rule;
  readonly group: Group | undefined;
  readonly moment: Instant;
  readonly now: Instant;
}

/** What explaining reads; it writes nothing. */
export interface ExplainPorts {
  readonly namespace: string;
  readonly search: Search;
  readonly traceLogs: TraceLogs;
  readonly states: Pick<RuleStates, 'load'>;
  readonly alertGroups: Pick<AlertGroups, 'load'>;
  /** With them, an alert says who works on it. */
  readonly acknowledgements?: Pick<Acknowledgements, 'list'>;
  readonly history: RunHistory;
  /** With them, an alert that another system has sent says from where. */
  readonly received?: Pick<ReceivedAlerts, 'load'> | undefined;
  readonly routing: Routing;
  /** What suppresses an alert now, in words. */
  readonly suppressedBy?: (alert: { readonly rule: string; readonly labels: Labels }) => string | undefined;
  readonly kibana: KibanaPlace | undefined;
  readonly typeNamed: (name: string) => RuleType<unknown, Json> | undefined;
}

const MOST_GROUPS = 20;
/** Groups about which there is nothing to say are shown up to this many: to see values at all. */
const PLAIN_GROUPS = 3;
const NAMED_GROUPS = 20;
/** Around the tick, changes are looked for this far back and ahead. */
const BEFORE = 7 * DAY;
const AFTER = 6 * HOUR;
const MOST_CHANGES = 30;
const MOST_MESSAGES = 10;

/**
 * Explains a rule's alerts at a tick: asks its question again through the same code as the engine, and reads what the engine left
 * behind. `ok: false` only if the store or the schedule leaves nothing to explain.
 */
export async function explain(input: ExplainInput, ports: ExplainPorts, signal: AbortSignal): Promise<StoreAnswer<Explanation>> {
  const { rule, now } = input;
  const type = ports.typeNamed(rule.type);
  const at = newestTick(rule.schedule, input.moment);
  if (type === undefined || at === undefined) return { ok: false, message: 'the rule has no tick before this time' };
  const loaded = await ports.states.load([rule.id], new Map());
  if (!loaded.ok) return loaded;
  const document = loaded.value.get(rule.id)?.document;
  const again: Again = { rule, type, at, document, wanted: wholeGroup(rule, input.group) };
  const window = windowOf(rule, at);
  const [runs, answer, looked, lastDocument] = await Promise.all([
    ports.history.runs({ rule: rule.id, range: { from: at, to: at + 1 }, limit: 1 }),
    askAgain(again, ports.search, signal),
    rule.received === true ? [] : lookAround(rule, questionsOf(again), { to: window.to, now }, ports.search, signal),
    document?.outage === undefined ? undefined : newestDocument(rule, document.outage.over ?? now, ports.search, signal),
  ]);
  const recorded = runs.ok ? runs.value[0] : undefined;
  const candidates = candidatesOf({ namespace: ports.namespace, rule, type, document, recorded, again: answer });
  const chosen = choose(candidates, input);
  const groups = await explainGroups(chosen, { ...input, at, window, document, recorded }, ports, signal);
  if (!groups.ok) return groups;
  const asked = askedAgain(answer, candidates);
  const { id, name, source, query, groupBy } = rule;
  const discover = linkTo(rule, input.group ?? {}, window, ports.kibana);
  const state = cautionsOf({
    rule,
    at,
    document,
    recorded,
    asked,
    lastDocument,
    historyProblem: runs.ok ? undefined : runs.message,
  });
  return {
    ok: true,
    value: {
      now,
      rule: {
        ...{ id, name, type: rule.type, indices: source.indices, query, groupBy },
        evaluatedThrough: document?.evaluated_through,
        failingSince: document?.health.failing_since,
      },
      at,
      window,
      recorded,
      asked,
      discover,
      groups: groups.value,
      more: candidates.length - chosen.length,
      missing: input.group !== undefined && chosen.length === 0 ? missing(input.group, candidates) : undefined,
      // That as many fire as may does not mean that some are missing.
      cautions: [
        ...outsideSchedule(rule.schedule, at, input.moment),
        ...state.filter(({ code }) => rule.received !== true || code !== 'truncated'),
        ...looked,
      ],
    },
  };
}

function wholeGroup(rule: Rule, group: Group | undefined): Group | undefined {
  return group !== undefined && rule.groupBy.every((field) => Object.hasOwn(group, field)) ? group : undefined;
}

function choose(candidates: readonly Candidate[], { group }: ExplainInput): readonly Candidate[] {
  if (group !== undefined) return candidates.filter((one) => isWanted(one.group, group)).slice(0, MOST_GROUPS);
  const notification = candidates.filter(isNotification).slice(0, MOST_GROUPS);
  const plain = candidates.filter((one) => !isNotification(one));
  return [...notification, ...plain.slice(0, Math.max(0, PLAIN_GROUPS - notification.length))];
}

function isNotification({ changes, finding, living, flaps }: Candidate): boolean {
  const lives = living !== undefined && living.status !== 'inactive';
  return changes.length > 0 || lives || flaps || finding.kind === 'breach' || finding.kind === 'unknown';
}

function missing(group: Group, candidates: readonly Candidate[]): MissingGroup {
  const living = candidates.filter((one) => one.living !== undefined && one.living.status !== 'inactive');
  const came = candidates.filter((one) => one.reading !== undefined);
  const groupsOf = (list: readonly Candidate[]) => list.slice(0, NAMED_GROUPS).map((one) => one.group);
  return { group, living: groupsOf(living), came: groupsOf(came) };
}

interface Notified {
  readonly rule: Rule;
  readonly at: Instant;
  readonly now: Instant;
  readonly window: TimeRange;
  readonly document: RuleDocument | undefined;
  readonly recorded: RecordedRun | undefined;
}

async function explainGroups(
  chosen: readonly Candidate[],
  notified: Notified,
  ports: ExplainPorts,
  signal: AbortSignal,
): Promise<StoreAnswer<readonly ExplainedGroup[]>> {
  const notifiedOf = chosen.map((one) => ({ one, of: notifiedOfCandidate(one, notified) }));
  const targets = notifiedOf.flatMap(({ of }) => targetsOf(of, ports.routing));
  const ids = [...new Set(targets.map((target) => alertGroupId(ports.namespace, target)))];
  const loaded = await readApart(ids, ports.alertGroups.load);
  if (!loaded.ok) return loaded;
  // What is known of an invalid one is that it is there: its receiver's part of the story is left out.
  const direct = new Map([...loaded.value.found].map(([id, { document }]) => [id, document]));
  const escalated = chosen.flatMap(({ alert }) => [...direct.values()].flatMap((document) => escalatedTo(document, alert)));
  const more = await readApart(
    [...new Set(escalated.map((target) => alertGroupId(ports.namespace, target)))],
    ports.alertGroups.load,
  );
  if (!more.ok) return more;
  const alertGroups = new Map([...direct, ...[...more.value.found].map(([id, { document }]) => [id, document] as const)]);
  const acknowledged = await acknowledgedAlerts(ports, notified.now);
  const isReceived = notified.rule.received === true;
  const traces = isReceived ? [] : await tracesOfGroups(chosen, notified, ports, signal);
  const sent = await receivedWords(
    notified.rule,
    chosen.map(({ group }) => group),
    ports.received,
    notified.now,
  );
  const groups = notifiedOf.map(({ one, of }, place) =>
    explainGroup(one, of, { ...notified, traces: traces[place] }, { alertGroups, acknowledged }, ports),
  );
  const explained = await Promise.all(groups);
  return { ok: true, value: isReceived ? explained.map((group) => ({ ...group, ...receivedPart(group, sent) })) : explained };
}

function notifiedOfCandidate({ group, alert, living, finding }: Candidate, { rule, document }: Notified): NotifiedOf {
  const level = (finding.kind === 'breach' ? finding.level : undefined) ?? living?.level;
  return { rule, group, alert, living, document, labels: living?.labels ?? labelsOf(rule, group, severityOf(rule, level)) };
}

/** No line of a rule decided about it: what was sent did. */
function receivedPart(
  { group, finding, because, notification }: ExplainedGroup,
  sent: ReadonlyMap<string, string>,
): Pick<ExplainedGroup, 'lines' | 'received' | 'because' | 'notification'> {
  const received = sent.get(receivedId(group));
  const words = { breach: 'it was sent and has not ended', clear: 'it has ended, or was never sent' };
  return {
    lines: [],
    because: own(words, finding.kind) ?? because,
    notification: { ...notification, levels: [] },
    ...(received !== undefined && { received }),
  };
}

async function explainGroup(
  one: Candidate,
  of: NotifiedOf,
  { rule, at, now, window, document, recorded, traces }: Notified & Pick<ExplainedGroup, 'traces'>,
  known: Pick<NotificationContext, 'alertGroups' | 'acknowledged'>,
  ports: ExplainPorts,
): Promise<ExplainedGroup> {
  const { group, alert, living, finding, lines, reading } = one;
  const started = living?.started ?? at;
  const runsOf = (id: string, until: Instant) =>
    ports.history.runs({ rule: rule.id, alert: id, range: { from: at - BEFORE, to: until }, limit: MOST_CHANGES });
  const messagesOf = (id: string, until: Instant) =>
    ports.history.messages({ alert: id, range: { from: Math.min(at - DAY, started), to: until }, limit: MOST_MESSAGES });
  const later = at + AFTER + (rule.revisit ?? 0);
  const secondId = rule.revisit === undefined ? undefined : secondAlertId(ports.namespace, rule.id, group);
  const [runs, messages, secondRuns, secondMessages] = await Promise.all([
    runsOf(alert, at + AFTER),
    messagesOf(alert, at + AFTER),
    secondId === undefined ? undefined : runsOf(secondId, later),
    secondId === undefined ? undefined : messagesOf(secondId, later),
  ]);
  const second = secondId === undefined ? undefined : { alert: secondId, runs: secondRuns?.ok ? secondRuns.value : [] };
  return {
    group,
    alert,
    severity: of.labels['severity'] ?? severityOf(rule, undefined),
    labels: of.labels,
    reading,
    lines,
    finding,
    because: describeFinding(finding),
    life: lifeOf({
      rule,
      at,
      alert,
      living,
      document,
      recorded,
      finding: finding.kind,
      values: reading?.values ?? {},
      runs: runs.ok ? runs.value : [],
      second,
    }),
    notification: {
      ...notificationOf(of, {
        ...{ namespace: ports.namespace, routing: ports.routing, now, ...known },
        suppressedBy: (labels) => ports.suppressedBy?.({ rule: rule.id, labels }),
      }),
      ...messagesPart(messages, secondMessages),
    },
    traces,
    discover: rule.groupBy.length === 0 ? undefined : linkTo(rule, group, window, ports.kibana),
  };
}

function messagesPart(
  messages: StoreAnswer<readonly RecordedMessage[]>,
  late: StoreAnswer<readonly RecordedMessage[]> | undefined,
): Pick<ExplainedGroup['notification'], 'messages' | 'messagesProblem'> {
  if (!messages.ok) return { messages: [], messagesProblem: messages.message };
  const all = [...messages.value, ...(late?.ok ? late.value : [])];
  return { messages: all.sort((a, b) => a.at - b.at) };
}

function askedAgain(answer: AnsweredAgain, candidates: readonly Candidate[]): AskedAgain {
  const { sent, cost } = answer;
  if (!answer.ok) {
    const { code, message, hint } = answer.problem;
    return { kind: 'failed', sent, cost, problem: { code, message, hint } };
  }
  const findings: Record<Finding['kind'], number> = { breach: 0, between: 0, clear: 0, absent: 0, unknown: 0 };
  for (const { finding } of candidates) findings[finding.kind]++;
  return {
    kind: 'answered',
    sent,
    cost,
    matched: Math.max(0, ...answer.answers.map(({ matched }) => matched)),
    ungrouped: Math.max(0, ...answer.answers.map(({ ungrouped }) => ungrouped)),
    truncated: answer.answers.some(({ kind }) => kind === 'truncated'),
    groups: answer.measured.kind === 'groups' ? answer.measured.readings.length : 0,
    events: answer.measured.kind === 'events' ? answer.measured.events.length : undefined,
    findings,
  };
}

function linkTo(rule: Rule, group: Group, window: TimeRange, kibana: KibanaPlace | undefined): string | undefined {
  return kibana === undefined ? undefined : discoverLink(kibana, { ...rule.source, query: rule.query, group, window });
}
