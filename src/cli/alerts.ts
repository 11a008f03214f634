import { Command } from 'commander';
import { type ConfiguredBackend, createBackend } from '../backends/create-backend.ts';
import { TocsinError } from '../core/errors.ts';
import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import { compareSeverities } from '../core/severity.ts';
import type { StoreAnswer } from '../core/stored.ts';
import { type Instant, iso } from '../core/time.ts';
import type { LivingAlert, RuleDocument } from '../cycle/rule-states.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from '../engine/health.ts';
import type { ConversationDocument } from '../notifications/conversation.ts';
import { conversationId } from '../notifications/conversation-id.ts';
import { outageTitle } from '../notifications/outage-text.ts';
import type { AlertsReport, ReportedAlert, ReportedTelling } from '../reports/alerts-report.ts';
import { alertsJson, alertsText } from '../reports/alerts-text.ts';
import { matchesAll } from '../routing/matches.ts';
import { formatMatcher, parseMatchers } from '../routing/parse-matcher.ts';
import type { Matcher, Target } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';
import { labelsOfAlert, lastSaid, pendingValues, titledView } from './alerts/what-is-known.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type GlobalOptions, type Printers, print } from './command-line.ts';
import { openConfig } from './open-config.ts';
import { openRules } from './open-rules.ts';

type Format = 'text' | 'json';

interface AlertsOptions extends GlobalOptions {
  readonly all: boolean;
  readonly format: Format;
}

const PRINTERS: Printers<AlertsReport, Format> = { text: alertsText, json: alertsJson };

/** `tocsin alerts`: what is pending or firing, since when, and who was told. */
export const attachAlerts: Attach = (line) => {
  const command = new Command('alerts')
    .description('Show pending and firing alerts: their values, since when, and who was notified.')
    .argument('[matchers...]', 'only alerts whose labels match all of these, as in severity=critical or service.name=~"shop.*"')
    .option(
      '--all',
      'also those that are inactive and still remembered: new groups in their grace, ends that are being told',
      false,
    )
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (texts: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<AlertsOptions>();
      const matchers = readMatchers(texts);
      const config = await openConfig(line, options);
      const { rules } = await openRules([], config, line.folder);
      const backend = await createBackend(config);
      try {
        const wanted = { namespace: config.namespace, all: options.all, now: line.clock.now(), matchers, rules };
        const report = await alertsReport(backend, wanted);
        print(report, options.format, PRINTERS, line, options);
      } finally {
        await backend.close();
      }
    });
  return withExamples(command, [
    ['What is wrong now?', 'tocsin alerts'],
    ['What is critical, of one team?', 'tocsin alerts severity=critical \'team=~"shop|todo"\''],
    ['Of another deployment', 'tocsin alerts --config /etc/tocsin/tocsin.yaml'],
    ['For scripts', 'tocsin alerts --format json | jq -r \'.alerts[] | select(.status == "firing") | .rule\''],
  ]);
};

/** Reads matchers as Alertmanager's amtool does: a word alone is the name of a rule. Throws TocsinError for what is none. */
export function readMatchers(texts: readonly string[]): readonly Matcher[] {
  return texts.flatMap((text) => {
    if (/^[^={}~!"]+$/.test(text)) return [{ label: 'alertname', op: '=', value: text }] satisfies readonly Matcher[];
    const parsed = parseMatchers(text);
    if (parsed.ok) return parsed.matchers;
    throw new TocsinError('cli/matcher', `${JSON.stringify(text)} is not a matcher: ${parsed.message}`, {
      hint: 'such as severity=critical, team!=shop or service.name=~"shop.*"',
    });
  });
}

const RULES_A_READ = 200;
const CONVERSATIONS_A_READ = 200;
const SHOWN_BY_STATUS = ['firing', 'recovering', 'pending', 'inactive'];

/** Which alerts are shown. `rules` are those that the rule files have, for titles and for labels of what was not routed yet. */
export interface AlertsWanted {
  readonly namespace: string;
  readonly all: boolean;
  readonly now: Instant;
  readonly matchers?: readonly Matcher[];
  readonly rules?: readonly Rule[];
}

type Stores = Pick<ConfiguredBackend, 'ruleStates' | 'conversations'> & Partial<Pick<ConfiguredBackend, 'runHistory'>>;

/** Reads every rule's document and the conversations that hold its alerts. Throws TocsinError when the store does not answer. */
export async function alertsReport(
  stores: Stores,
  { namespace, all, now, matchers = [], rules = [] }: AlertsWanted,
): Promise<AlertsReport> {
  const unreadable = new Map<string, string>();
  const documents = await ruleDocuments(stores, unreadable);
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const living = documents.flatMap((document) =>
    shownAlerts(document)
      .filter(([id, alert]) => all || alert.status !== 'inactive' || own(document.past, id)?.told !== undefined)
      .map(([id, alert]) => ({ id, alert, document, targets: targetsOf(id, alert, document) }))
      .map((one) => ({ ...one, labels: labelsOfAlert(one.alert, one.document, ruleOf.get(one.document.rule)) }))
      .filter(({ labels }) => matchesAll(matchers, labels)),
  );
  const ids = new Set(living.flatMap(({ targets }) => targets.map((target) => conversationId(namespace, target))));
  const conversations = await conversationsOf([...ids], stores, unreadable);
  const measured = await pendingValues(living, stores, now);
  const alerts = living.map(({ id, alert, document, targets, labels }): ReportedAlert => {
    const told = targets.map((target) => tellingOf(id, target, conversations.get(conversationId(namespace, target))));
    const known = targets.flatMap((target) => conversations.get(conversationId(namespace, target)) ?? []);
    const last = lastSaid(id, alert, document, known);
    const values = last?.values ?? measured.get(id) ?? {};
    const view = titledView({ id, alert, document, labels, last, values, now }, ruleOf);
    return { ...reported(id, alert, document, told), labels, values, condition: last?.condition ?? '', title: view };
  });
  return {
    now,
    namespace,
    matchers: matchers.map(formatMatcher),
    rules: documents.filter(({ rule }) => rule !== HEALTH_RULE_ID).length,
    alerts: alerts.sort(byUrgency),
    unreadable: [...unreadable.values()],
  };
}

/** What cannot be read is noted in `unreadable`, with the reason: it must not hide everything else. */
async function ruleDocuments(
  { ruleStates }: Pick<ConfiguredBackend, 'ruleStates'>,
  unreadable: Map<string, string>,
): Promise<readonly RuleDocument[]> {
  const documents: RuleDocument[] = [];
  for (let after: string | undefined; ; ) {
    const ids = answered(await ruleStates.list(RULES_A_READ, after));
    const loaded = answered(await readApart(ids, (some) => ruleStates.load(some, new Map())));
    for (const [id, message] of loaded.unreadable) unreadable.set(id, message);
    documents.push(...[...loaded.found.values()].map(({ document }) => document).filter(({ removed }) => removed !== true));
    after = ids.at(-1);
    if (ids.length < RULES_A_READ) return documents;
  }
}

async function conversationsOf(
  ids: readonly string[],
  { conversations }: Pick<ConfiguredBackend, 'conversations'>,
  unreadable: Map<string, string>,
): Promise<ReadonlyMap<string, ConversationDocument>> {
  const found = new Map<string, ConversationDocument>();
  for (let start = 0; start < ids.length; start += CONVERSATIONS_A_READ) {
    const loaded = answered(await readApart(ids.slice(start, start + CONVERSATIONS_A_READ), conversations.load));
    for (const [id, message] of loaded.unreadable) unreadable.set(id, message);
    for (const [id, { document }] of loaded.found) found.set(id, document);
  }
  return found;
}

function answered<T>(answer: StoreAnswer<T>): T {
  if (answer.ok) return answer.value;
  throw new TocsinError('store/unanswered', `the state cannot be read: ${answer.message}`, {
    hint: 'check `elasticsearch` in tocsin.yaml and that the cluster is up',
  });
}

/** Living alerts, and those that flap and do not fire at this moment: receivers know them as firing. */
function shownAlerts({ alerts, past = {}, outage }: RuleDocument): readonly (readonly [string, LivingAlert])[] {
  const between = Object.entries(past).flatMap(([id, { told }]): readonly (readonly [string, LivingAlert])[] => {
    if (told === undefined || own(alerts, id) !== undefined) return [];
    const { group, changed, held_by, labels } = told;
    return [[id, { group, status: 'inactive', since: changed, held_by, labels }]];
  });
  return [...Object.entries(alerts), ...between, ...outageAlerts(outage)];
}

/** What each receiver is told about a silent source is an alert of its own. */
function outageAlerts(outage: RuleDocument['outage']): readonly (readonly [string, LivingAlert])[] {
  return (outage?.told ?? []).map(({ alert, episode, started, labels, held_by, level }) => {
    const firing = { group: {}, status: 'firing', since: started } as const;
    return [alert, { ...firing, episode, started, labels, held_by, level }];
  });
}

/** Who holds an alert, and who is still to be told of its last change. */
function targetsOf(id: string, alert: LivingAlert, document: RuleDocument): readonly Target[] {
  const owed = document.owed.filter((entry) => entry.alert === id).flatMap((entry) => entry.to);
  const all = [...(alert.held_by ?? own(document.past, id)?.told?.held_by ?? []), ...owed];
  return [
    ...new Map(all.map((target) => [JSON.stringify([target.destination, target.route, target.group_labels]), target])).values(),
  ];
}

function tellingOf(id: string, target: Target, conversation: ConversationDocument | undefined): ReportedTelling {
  const { receiver, destination } = target;
  const base = { receiver, destination, at: conversation?.told_at ?? undefined };
  if (conversation === undefined) return { ...base, state: 'waiting' };
  const waits = [...conversation.untold, ...(conversation.sending?.facts.entries ?? [])].filter((entry) => entry.alert === id);
  const held = waits.find((entry) => entry.why !== undefined);
  if (held?.why !== undefined) return { ...base, state: 'held', note: held.why };
  if (waits.length > 0) return { ...base, state: 'waiting', ...noteOf(conversation.sending?.last_failure?.text) };
  if (conversation.refused.some((entry) => entry.alert === id))
    return { ...base, state: 'dead', ...noteOf(withNextTry(conversation)) };
  return { ...base, state: Object.hasOwn(conversation.alerts, id) ? 'told' : 'waiting' };
}

function withNextTry({ dead, retry }: ConversationDocument): string {
  const next = retry?.next_at ?? null;
  return `${dead?.reason ?? 'refused'}${next === null ? '' : `; next attempt ${iso(next)}`}`;
}

function noteOf(note: string | undefined): { readonly note?: string } {
  return note === undefined ? {} : { note };
}

type Reported = Omit<ReportedAlert, 'title' | 'labels' | 'values' | 'condition'>;

function reported(id: string, alert: LivingAlert, document: RuleDocument, told: readonly ReportedTelling[]): Reported {
  const flapping = own(document.past, id)?.told;
  const about = document.outage?.told.find(({ alert: outage }) => outage === id);
  return {
    rule: document.rule === HEALTH_RULE_ID ? HEALTH_RULE.name : (alert.labels?.['alertname'] ?? document.rule),
    id,
    status: alert.status,
    severity: alert.level ?? alert.labels?.['severity'],
    group: alert.group,
    since: alert.status === 'pending' || alert.status === 'inactive' ? alert.since : (alert.started ?? alert.since),
    episode: alert.episode,
    ...(flapping !== undefined && { flapping: { since: flapping.since, episodes: flapping.episodes } }),
    ...(about !== undefined && { about: outageTitle(about.facts) }),
    told,
  };
}

function byUrgency(a: ReportedAlert, b: ReportedAlert): number {
  const status = SHOWN_BY_STATUS.indexOf(a.status) - SHOWN_BY_STATUS.indexOf(b.status);
  const severity = compareSeverities(a.severity ?? 'warning', b.severity ?? 'warning');
  return status || severity || a.since - b.since || inOrder(a.rule, b.rule) || inOrder(a.title, b.title);
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
