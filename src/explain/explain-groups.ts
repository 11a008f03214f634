import { describeFinding } from '../alerts/describe.ts';
import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import type { StoreAnswer } from '../core/stored.ts';
import { DAY, HOUR, type Instant, iso, type TimeRange } from '../core/time.ts';
import { acknowledgedAlerts } from '../engine/alert-list/acknowledged-by.ts';
import type { RecordedMessage, RecordedRun, RunHistory } from '../engine/history/run-history.ts';
import { labelsOf, severityOf } from '../evaluation/labels.ts';
import { secondAlertId } from '../evaluation/revisit.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { discoverLink, type KibanaPlace } from '../messages/links.ts';
import type { Acknowledgements } from '../notify/acknowledgements.ts';
import { alertGroupId } from '../notify/alert-group-id.ts';
import type { AlertGroups } from '../notify/alert-groups.ts';
import { escalatedTo } from '../notify/escalate.ts';
import { type ReceivedAlerts, receivedId } from '../received/received-alerts.ts';
import type { Labels, Routing } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import type { TraceLogs } from '../search/trace-logs.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';
import type { Candidate } from './candidates.ts';
import type { ExplainedGroup } from './explanation.ts';
import { lifeOf } from './life.ts';
import { type NotificationContext, type NotificationSubject, notificationOf, targetsOf } from './notification.ts';
import { tracesOfGroups } from './traces.ts';

/** What the story of a group is read from. */
export interface GroupPorts {
  readonly namespace: string;
  readonly search: Search;
  readonly traceLogs: TraceLogs;
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
}

/** Around the tick, changes are looked for this far back and ahead. */
const BEFORE = 7 * DAY;
const AFTER = 6 * HOUR;
const MOST_CHANGES = 30;
const MOST_MESSAGES = 10;

/** The tick that is explained, and what is known of it. */
interface ExplainedTick {
  readonly rule: Rule;
  readonly at: Instant;
  readonly now: Instant;
  readonly window: TimeRange;
  readonly document: RuleDocument | undefined;
  readonly recorded: RecordedRun | undefined;
}

/** The story of each of these groups, in their order: its alert, and who was notified. */
export async function explainGroups(
  chosen: readonly Candidate[],
  tick: ExplainedTick,
  ports: GroupPorts,
  signal: AbortSignal,
): Promise<StoreAnswer<readonly ExplainedGroup[]>> {
  const subjects = chosen.map((one) => ({ one, of: subjectOf(one, tick) }));
  const targets = subjects.flatMap(({ of }) => targetsOf(of, ports.routing));
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
  const acknowledged = await acknowledgedAlerts(ports, tick.now);
  const isReceived = tick.rule.received === true;
  const traces = isReceived ? [] : await tracesOfGroups(chosen, tick, ports, signal);
  const sent = await receivedWords(
    tick.rule,
    chosen.map(({ group }) => group),
    ports.received,
    tick.now,
  );
  const groups = subjects.map(({ one, of }, place) =>
    explainGroup(one, of, { ...tick, traces: traces[place] }, { alertGroups, acknowledged }, ports),
  );
  const explained = await Promise.all(groups);
  return { ok: true, value: isReceived ? explained.map((group) => ({ ...group, ...receivedPart(group, sent) })) : explained };
}

function subjectOf({ group, alert, living, finding }: Candidate, { rule, document }: ExplainedTick): NotificationSubject {
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
  of: NotificationSubject,
  { rule, at, now, window, document, recorded, traces }: ExplainedTick & Pick<ExplainedGroup, 'traces'>,
  known: Pick<NotificationContext, 'alertGroups' | 'acknowledged'>,
  ports: GroupPorts,
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

/** What another system has sent of groups, in words, by their ids; nothing of rules that search themselves. */
async function receivedWords(
  rule: Pick<Rule, 'received'>,
  groups: readonly Group[],
  received: Pick<ReceivedAlerts, 'load'> | undefined,
  now: Instant,
): Promise<ReadonlyMap<string, string>> {
  if (rule.received !== true || received === undefined) return new Map();
  const loaded = await readApart(groups.map(receivedId), received.load);
  if (!loaded.ok)
    return new Map(groups.map((group) => [receivedId(group), `the sent messages cannot be read: ${loaded.message}`]));
  const { found, unreadable } = loaded.value;
  const words = [...found].map(([id, { document }]) => [id, wordsOf(document, now)] as const);
  return new Map([...words, ...unreadable]);
}

function wordsOf({ source, received_at, starts_at, ends_at, timeout }: ReceivedAlert, now: Instant): string {
  const from = `from ${source} at ${iso(received_at)}; started at ${iso(starts_at)}`;
  if (ends_at > now) return `${from} and ends at ${iso(ends_at)} unless it is sent again`;
  const why = timeout === true ? 'it was not sent again' : 'its sender set that end';
  return `${from} and ended at ${iso(ends_at)}, because ${why}`;
}

/** The link to the documents of a group of a rule in a window; undefined: there is no Kibana. */
export function linkTo(rule: Rule, group: Group, window: TimeRange, kibana: KibanaPlace | undefined): string | undefined {
  return kibana === undefined ? undefined : discoverLink(kibana, { ...rule.source, query: rule.query, group, window });
}
