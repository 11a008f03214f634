import type { FlappingRule } from '../../alerts/flapping.ts';
import type { Lifecycle } from '../../alerts/lifecycle.ts';
import type { Condition } from '../../conditions/condition.ts';
import { hashId, type RuleId } from '../../core/ids.ts';
import { readApart } from '../../core/read-apart.ts';
import { own } from '../../core/record.ts';
import { type Instant, iso, type TimeRange } from '../../core/time.ts';
import { firstUnits } from '../../core/truncate.ts';
import { applyWindow } from '../../evaluation/apply-window.ts';
import { labelsOf } from '../../evaluation/labels.ts';
import { idsByGroup, newRuleDocument } from '../../evaluation/rule-document.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { Run } from '../../evaluation/run.ts';
import { held, knownDocument, remember, withoutConfirmed } from '../../evaluation/session.ts';
import { HEALTH_TEXT, HEALTH_TITLE } from '../../messages/health-texts.ts';
import type { KnownRule } from '../../messages/known-rule.ts';
import type { Labels, Target } from '../../routing/route.ts';
import { route } from '../../routing/routing.ts';
import type { Reading } from '../../rule-types/rule-type.ts';
import type { Rule } from '../../rules/rule.ts';
import { groupKey } from '../../search/group-key.ts';
import { outboxOf, type RuleOutbox } from '../sweep.ts';
import type { TurnContext } from '../turn-context.ts';
import type { TurnNews } from '../turn-log.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { withoutGone } from './health-endings.ts';
import { ALERT_GROUP_KIND, type AlertGroupFinding } from './health-of-alert-groups.ts';
import { endedReceivers, RECEIVER_KIND, receiverFindings, removedRecipients } from './health-of-receivers.ts';
import { STATE_LOST_KIND } from './health-of-replaced.ts';
import { type HealthFinding, healthReplaced } from './health-of-state.ts';
import { TEXTS_KIND, TEXTS_LABEL, textsChanged, textsOfMessages, versionOfTexts } from './health-of-texts.ts';
import { HEALTH_RULE_ID, livingSubjects } from './health-subjects.ts';

export { HEALTH_RULE_ID } from './health-subjects.ts';

/** What happened in a turn that health is evaluated by. */
export interface HealthFacts extends Pick<TurnNews, 'runs' | 'notified' | 'ahead' | 'refused'> {
  /** Alert groups that cannot be read, and those that can be again. */
  readonly alertGroups: readonly AlertGroupFinding[];
  /** Invalid documents and internal errors, and those that have ended. */
  readonly state: readonly HealthFinding[];
}

const EVERY = 60_000;
const ATTEMPTS = 3;
const PROBLEM_LIMIT = 1_000;

/** Its text is empty: a message about a problem shows the problem, not the values of health. */
const FAILING: Condition = {
  text: '',
  evaluate: ({ problem }) => ({ kind: problem === undefined ? 'false' : 'true' }),
};

const LIFECYCLE: Lifecycle = {
  for: 0,
  keepFiringFor: 0,
  noData: 'keep',
  noDataAfter: EVERY,
  settle: 0,
  forgetAfter: 0,
  levels: ['warning'],
};

const FLAPPING: FlappingRule = { episodes: 4, within: 60 * EVERY, steady: 20 * EVERY };

/** The built-in rule: ordinary alerts over the groups `{kind, subject}`. It is evaluated by the engine, never asked of a cluster. */
export const HEALTH_RULE: Rule = {
  id: HEALTH_RULE_ID,
  name: 'TocsinHealth',
  type: 'health',
  source: { indices: [], timeField: '@timestamp', ignoreMissingIndex: true, timeout: 0, frozen: false },
  filter: { match_none: {} },
  groupBy: ['kind', 'subject'],
  missing: 'exclude',
  window: EVERY,
  maxGroups: 100_000,
  options: null,
  schedule: { kind: 'every', every: EVERY },
  delay: 0,
  levels: [{ severity: 'warning', condition: FAILING }],
  leveled: false,
  lifecycle: LIFECYCLE,
  flapping: FLAPPING,
  catchUp: EVERY,
  errorAfter: 1,
  labels: { severity: 'warning' },
  message: { title: HEALTH_TITLE, text: HEALTH_TEXT },
  evidence: { fields: [], samples: 0, top: [] },
  enabled: true,
  query: { language: 'dsl', text: '' },
  shape: hashId('health', 1),
  position: { file: '', line: 1, column: 1 },
};

/** The built-in rule as messages know it: one about several of its alerts names the parts that do not work. */
export const KNOWN_HEALTH_RULE: KnownRule = {
  ...HEALTH_RULE,
  part: ({ kind, subject }) => `${String(kind).replaceAll('_', ' ')} ${subject}`,
};

/** Evaluates Tocsin's own health by what a turn saw, and saves it like any rule's document; gives what is outstanding now. */
export async function evaluateHealth(facts: HealthFacts, context: HealthContext): Promise<readonly RuleOutbox[]> {
  try {
    return await evaluateAndSave(facts, context);
  } catch (thrown) {
    // Who watches must not stop what is watched.
    context.log.errors.note('engine', 'evaluating health', 'evaluating health', thrown);
    return [];
  }
}

type HealthContext = Pick<TurnContext, 'now' | 'ports' | 'log'>;

async function evaluateAndSave(facts: HealthFacts, { now, ports, log }: HealthContext): Promise<readonly RuleOutbox[]> {
  let problem: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const readings = withUnsaved(healthReadings(facts, ports), ports);
    const known = knownDocument(ports.session, HEALTH_RULE_ID);
    const ends = known !== undefined && withoutGone(known, now, ports).ended.length > 0;
    if (readings.length === 0 && !ends && ports.session.healthProblem === undefined) return [];
    const ids = [HEALTH_RULE_ID];
    const loaded = await readApart(ids, (some) => ports.states.load(some, held(ports.session, some)));
    if (!loaded.ok) {
      log.storeProblem(loaded.message);
      keepUnsaved(readings, ports);
      return [];
    }
    const found = loaded.value.found.get(HEALTH_RULE_ID);
    const invalid = loaded.value.unreadable.get(HEALTH_RULE_ID);
    const replaced = loaded.value.replaceable.get(HEALTH_RULE_ID);
    ports.session.healthProblem = replaced === undefined ? invalid : undefined;
    if (ports.session.healthProblem !== undefined) {
      // Of a newer Tocsin, which raises health alerts of what it sees itself; what this replica sees is kept until the document can be read.
      keepUnsaved(readings, ports);
      return [];
    }
    remember(ports.session, ids, loaded.value.found);
    const before = found?.document ?? newRuleDocument(HEALTH_RULE, { at: now, now, every: EVERY }, 1);
    const replacement = invalid === undefined ? [] : [asReading(healthReplaced(invalid))];
    if (replacement.length === 0 && isQuiet(before) && !readings.some(isProblem)) {
      ports.session.unsavedHealth.clear();
      return [];
    }
    const evaluated = applyHealth(before, [...readings, ...replacement], now, ports);
    if (evaluated.n === before.n) {
      ports.session.unsavedHealth.clear();
      return [];
    }
    const after = withoutConfirmed(evaluated, ports.session.rules.get(HEALTH_RULE_ID)?.confirmed ?? new Set());
    const [result] = await ports.states.save([{ id: HEALTH_RULE_ID, document: after, version: found?.version ?? replaced }]);
    if (result?.kind === 'saved') {
      ports.session.rules.set(HEALTH_RULE_ID, {
        stored: { document: after, version: result.version },
        current: after,
        unsaved: 0,
        confirmed: new Set(),
      });
      ports.session.unsavedHealth.clear();
      log.healthSaved(after);
      for (const subject of endedReceivers(before, after)) ports.session.healed.add(subject);
      return outboxOf(after);
    }
    keepUnsaved(readings, ports);
    problem = result !== undefined && 'message' in result ? result.message : undefined;
    if (result?.kind === 'refused') break;
  }
  // Problems are not notified while this document cannot be written.
  if (problem !== undefined) log.storeProblem(`the health alerts cannot be saved: ${problem}`);
  return [];
}

/** No alert lives that time alone could change, or that anything could end. */
function isQuiet({ alerts, past }: RuleDocument): boolean {
  return past === undefined && Object.keys(alerts).length === 0;
}

function isProblem({ values }: Reading): boolean {
  return values['problem'] !== undefined;
}

/** What this turn says of each subject, and what earlier turns said of others and could not save. */
function withUnsaved(readings: readonly Reading[], { session }: TurnPorts): readonly Reading[] {
  if (session.unsavedHealth.size === 0) return readings;
  const now = new Set(readings.map(({ group }) => groupKey(HEALTH_RULE.groupBy, group)));
  return [...[...session.unsavedHealth].flatMap(([key, one]) => (now.has(key) ? [] : [one])), ...readings];
}

/** Problems that nothing may ever show again, such as a message that is dead, must not be forgotten with a write that failed. */
function keepUnsaved(readings: readonly Reading[], ports: TurnPorts): void {
  const known = knownDocument(ports.session, HEALTH_RULE_ID);
  const ill = known === undefined ? new Map() : idsByGroup(HEALTH_RULE.groupBy, known);
  for (const one of readings) {
    const key = groupKey(HEALTH_RULE.groupBy, one.group);
    if (one.values['problem'] !== undefined || ill.has(key)) ports.session.unsavedHealth.set(key, one);
    else ports.session.unsavedHealth.delete(key);
  }
}

function applyHealth(before: RuleDocument, readings: readonly Reading[], now: Instant, ports: TurnPorts): RuleDocument {
  const dueWindow = {
    at: now,
    window: { from: now - EVERY, to: now },
    previous: before.evaluated_through,
    purpose: 'live' as const,
  };
  const severities = severitiesOf(readings);
  const { document: living, ended } = withoutGone(before, now, ports);
  const { document } = applyWindow(
    HEALTH_RULE,
    living,
    { dueWindow, ended, measured: { kind: 'groups', readings: newsAmong(readings, living), memory: null } },
    {
      namespace: ports.namespace,
      absence: 'zero',
      every: EVERY,
      // Every turn looks, saved or not: no time is uncovered.
      usualEvery: Number.POSITIVE_INFINITY,
      route: (labels) => healthTargets(labels, ports),
      isConfigured: (destination) => ports.destination(destination) !== undefined,
      labels: (group, severity) => healthLabels(group, severities.get(groupKey(HEALTH_RULE.groupBy, group)) ?? severity, ports),
    },
  );
  return withSeverities(document, before.n);
}

/** Subjects that are worse than a warning, by the key of their group. */
function severitiesOf(readings: readonly Reading[]): ReadonlyMap<string, string> {
  return new Map(
    readings.flatMap(({ group, values: { severity } }): readonly [string, string][] =>
      typeof severity === 'string' ? [[groupKey(HEALTH_RULE.groupBy, group), severity]] : [],
    ),
  );
}

/** The rule has one level; news of what is worse say so. */
function withSeverities(document: RuleDocument, before: number): RuleDocument {
  const isWorse = ({ n, group, labels, level }: RuleDocument['outbox'][number]) =>
    n > before && group['kind'] === STATE_LOST_KIND && labels['severity'] !== level;
  if (!document.outbox.some(isWorse)) return document;
  const outbox = document.outbox.map((entry) =>
    isWorse(entry) ? { ...entry, level: entry.labels['severity'] ?? entry.level } : entry,
  );
  return { ...document, outbox };
}

/** Who is well and has no alert changes nothing: with a thousand rules that is nearly everyone. */
function newsAmong(readings: readonly Reading[], before: RuleDocument): readonly Reading[] {
  const { groupBy } = HEALTH_RULE;
  const ill = idsByGroup(groupBy, before);
  return readings.filter(({ group, values }) => values['problem'] !== undefined || ill.has(groupKey(groupBy, group)));
}

/**
 * Where a problem is notified: by route, or where its rule's alerts go that names its own receivers; to the receiver that it is about; and to
 * the meta receiver. No destination is notified twice.
 */
export function healthTargets(labels: Labels, ports: TurnPorts): readonly Target[] {
  const { kind, subject = '' } = labels;
  const isOfRule = kind === 'rule' || kind === TEXTS_KIND;
  const concerned = kind === STATE_LOST_KIND && own(ports.routing.destinations, subject) !== undefined ? [subject] : [];
  const others = [...concerned, ...(ports.meta === undefined ? [] : [ports.meta])];
  const all = [
    ...route(labels, ports.routing, isOfRule ? ports.rules.get(subject)?.receivers : undefined),
    ...(others.length === 0 ? [] : route(labels, ports.routing, others)),
  ];
  return all.filter(({ destination }, index) => all.findIndex((other) => other.destination === destination) === index);
}

function healthLabels(group: Readonly<Record<string, string | null>>, severity: string, ports: TurnPorts): Labels {
  const { kind } = group;
  const subject = kind === 'rule' || kind === TEXTS_KIND ? ports.rules.get(group['subject'] ?? '') : undefined;
  const texts = kind === TEXTS_KIND && subject !== undefined ? { [TEXTS_LABEL]: versionOfTexts(subject) } : {};
  return { ...subject?.labels, ...labelsOf(HEALTH_RULE, group, severity), ...texts };
}

/** One reading for each subject that this turn says something about. */
function healthReadings(facts: HealthFacts, ports: TurnPorts): readonly Reading[] {
  const refused = facts.refused.map(({ rule, message }) => reading('rule', rule, `its state cannot be stored: ${message}`));
  const ahead = facts.ahead.map(({ rule, through }) => reading('rule', rule, aheadProblem(through)));
  const broken = facts.state.flatMap(({ kind, subject }) => (kind === 'rule' ? [{ rule: subject }] : []));
  const stuck = new Set([...facts.refused, ...facts.ahead, ...broken].map(({ rule }) => rule));
  const rules = ruleReadings(
    facts.runs.filter((run) => !stuck.has(run.rule)),
    ports,
  );
  const texts = facts.notified.length === 0 ? textsChanged(ports) : textsOfMessages(facts.notified, ports);
  const readings = [
    ...rules,
    ...refused,
    ...ahead,
    ...texts.map(({ rule, problem }) => reading(TEXTS_KIND, rule, problem)),
    ...facts.alertGroups.map(({ alertGroup, problem }) => reading(ALERT_GROUP_KIND, alertGroup, problem)),
    ...receiverFindings(facts.notified, ports.delivery.giveUpAfter).map(({ subject, problem }) =>
      reading(RECEIVER_KIND, subject, problem),
    ),
    ...facts.state.map(asReading),
  ];
  // Files and what no longer exists are looked at once a turn, with the runs; the second look of a turn is about what was sent.
  return facts.notified.length === 0
    ? [...readings, ...fileReadings(ports), ...outsideReadings(ports), ...goneReadings(ports)]
    : readings;
}

function reading(kind: string, subject: string, problem: string | undefined): Reading {
  const values = problem === undefined ? {} : { problem: firstUnits(problem, PROBLEM_LIMIT) };
  return { group: { kind, subject }, present: true, values };
}

function asReading({ kind, subject, problem, severity }: HealthFinding): Reading {
  const plain = reading(kind, subject, problem);
  return severity === undefined ? plain : { ...plain, values: { ...plain.values, severity } };
}

function ruleReadings(runs: readonly Run[], ports: TurnPorts): readonly Reading[] {
  const gaps = gapsOf(runs);
  return [...new Set(runs.map((run) => run.rule))].flatMap((id) => {
    const rule = ports.rules.get(id);
    const document = knownDocument(ports.session, id);
    return rule === undefined || document === undefined
      ? []
      : [reading('rule', id, ruleProblem(rule, document) ?? gapProblem(gaps.get(id)))];
  });
}

function ruleProblem(rule: Rule, { health }: RuleDocument): string | undefined {
  if (health.failures >= rule.errorAfter && health.problem !== undefined) {
    return `${health.failures} evaluations in a row failed, the last with ${health.problem.code}: ${health.problem.message} — ${health.problem.hint}`;
  }
  if ((health.ungrouped ?? 0) >= rule.errorAfter) {
    return `documents match, but none of them has ${rule.groupBy.join(', ')}: check group_by against the mapping, or set missing: include`;
  }
  if ((health.unknown ?? 0) >= rule.errorAfter)
    return `no group could be evaluated: ${health.because ?? 'a value that the condition needs is missing'} (\`tocsin explain\` shows which)`;
  if (health.truncated === true && rule.received === true)
    return `the limit of received alerts is reached: ${rule.maxGroups} (\`received_alerts.max_alerts\`), or fewer if their labels are too long for one document. Further alerts are refused or wait until others have ended`;
  if (health.truncated === true) return `more than max_groups (${rule.maxGroups}) groups: those beyond it are not evaluated`;
  return undefined;
}

/** What was evaluated too early was evaluated before its documents came. */
function aheadProblem(through: Instant): string {
  return `its windows until ${iso(through)} were evaluated by a machine whose clock was ahead, and nothing is evaluated until then: correct the clocks of the machines`;
}

/** The first gap of each rule that has one. */
function gapsOf(runs: readonly Run[]): ReadonlyMap<RuleId, TimeRange> {
  const gaps = new Map<RuleId, TimeRange>();
  for (const { rule, gap } of runs) if (gap !== undefined && !gaps.has(rule)) gaps.set(rule, gap);
  return gaps;
}

/** Windows that will never be evaluated are notified once: by the turn that goes on after them. */
function gapProblem(gap: TimeRange | undefined): string | undefined {
  if (gap === undefined) return undefined;
  return `the windows of ${iso(gap.from)} to ${iso(gap.to)} were not evaluated: they are older than catch_up`;
}

/** What the process found out beside its turns, such as an index of the history that takes no writes. */
function outsideReadings({ outside }: TurnPorts): readonly Reading[] {
  return (outside?.() ?? []).map(({ kind, subject, problem }) => reading(kind, subject, problem));
}

/** Files in problem, and those whose alert still lives although they load again. */
function fileReadings(ports: TurnPorts): readonly Reading[] {
  const bad = new Map([...ports.failures, ...(ports.otherFailures?.() ?? [])].map((failure) => [failure.file, failure.message]));
  return [
    ...[...bad].map(([file, message]) => reading('file', file, message)),
    ...livingSubjects('file', ports.session).flatMap((file) => (bad.has(file) ? [] : [reading('file', file, undefined)])),
  ];
}

/** Recipients that are no longer configured: nothing else would ever say that their problem has ended. */
function goneReadings(ports: TurnPorts): readonly Reading[] {
  return [
    // Silent sources were once problems of Tocsin's own; they are alerts of the rules that look at them now.
    ...livingSubjects('source', ports.session).map((name) => reading('source', name, undefined)),
    ...removedRecipients(ports).map((subject) => reading(RECEIVER_KIND, subject, undefined)),
  ];
}
