import type { RuleId } from '../../core/ids.ts';
import { type Instant, iso, type TimeRange } from '../../core/time.ts';
import { firstUnits } from '../../core/truncate.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { Run } from '../../evaluation/run.ts';
import { knownDocument } from '../../evaluation/session.ts';
import type { Reading } from '../../rule-types/rule-type.ts';
import type { Rule } from '../../rules/rule.ts';
import type { TurnNews } from '../turn-log.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { ALERT_GROUP_KIND, type AlertGroupFinding } from './health-of-alert-groups.ts';
import { RECEIVER_KIND, receiverFindings, removedRecipients } from './health-of-receivers.ts';
import type { HealthFinding } from './health-of-state.ts';
import { TEXTS_KIND, textsChanged, textsOfMessages } from './health-of-texts.ts';
import { livingSubjects } from './health-rule.ts';

/** What happened in a turn that health is evaluated by. */
export interface HealthFacts extends Pick<TurnNews, 'runs' | 'notified' | 'ahead' | 'refused'> {
  /** Alert groups that cannot be read, and those that can be again. */
  readonly alertGroups: readonly AlertGroupFinding[];
  /** Invalid documents and internal errors, and those that have ended. */
  readonly state: readonly HealthFinding[];
}

const PROBLEM_LIMIT = 1_000;

/** One reading for each subject that this turn says something about. */
export function healthReadings(facts: HealthFacts, ports: TurnPorts): readonly Reading[] {
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

/** What is to be notified of one subject, as a reading of its group. */
export function asReading({ kind, subject, problem, severity }: HealthFinding): Reading {
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
