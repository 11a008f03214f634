import { endAlert } from '../../alerts/step.ts';
import { readApart } from '../../core/read-apart.ts';
import type { Version } from '../../core/stored.ts';
import { type Instant, MINUTE } from '../../core/time.ts';
import { applyWindow } from '../../evaluation/apply-window.ts';
import { type EndedAlert, idsByGroup, newRuleDocument } from '../../evaluation/rule-document.ts';
import type { LivingAlert, RuleDocument } from '../../evaluation/rule-states.ts';
import { held, knownDocument, remember, withoutConfirmed } from '../../evaluation/session.ts';
import type { RuleOutbox } from '../../notify/enqueue.ts';
import type { Reading } from '../../rule-types/rule-type.ts';
import { groupKey } from '../../search/group-key.ts';
import { isKnownDeleted } from '../known-deleted.ts';
import { outboxOf } from '../sweep.ts';
import type { TurnContext } from '../turn-context.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { endedReceivers, isExpiredReceiver } from './health-of-receivers.ts';
import { healthReplaced, STATE_LOST_KIND } from './health-of-state.ts';
import { TEXTS_KIND } from './health-of-texts.ts';
import { asReading, type HealthFacts, healthReadings } from './health-readings.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from './health-rule.ts';
import { healthLabels, healthTargets } from './health-targets.ts';

const ATTEMPTS = 3;

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

async function evaluateAndSave(facts: HealthFacts, context: HealthContext): Promise<readonly RuleOutbox[]> {
  let problem: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const tried = await tryToEvaluate(facts, context);
    if ('outbox' in tried) return tried.outbox;
    problem = tried.problem;
    if (tried.isRefused) break;
  }
  // Problems are not notified while this document cannot be written.
  if (problem !== undefined) context.log.storeProblem(`the health alerts cannot be saved: ${problem}`);
  return [];
}

/** One try: what is outstanding, or that the document was not written; undefined `problem`: another write was faster. */
type Tried = { readonly outbox: readonly RuleOutbox[] } | { readonly problem: string | undefined; readonly isRefused: boolean };

const NOTHING: Tried = { outbox: [] };

async function tryToEvaluate(facts: HealthFacts, context: HealthContext): Promise<Tried> {
  const { now, ports, log } = context;
  const { session } = ports;
  const readings = withUnsaved(healthReadings(facts, ports), ports);
  const known = knownDocument(session, HEALTH_RULE_ID);
  const ends = known !== undefined && withoutGone(known, now, ports).ended.length > 0;
  if (readings.length === 0 && !ends && session.healthProblem === undefined) return NOTHING;
  const stored = await readHealth(context);
  if (stored === undefined) {
    keepUnsaved(readings, ports);
    return NOTHING;
  }
  const { before, version, invalid } = stored;
  const replacement = invalid === undefined ? [] : [asReading(healthReplaced(invalid))];
  const isCalm = replacement.length === 0 && isQuiet(before) && !readings.some(isProblem);
  const evaluated = isCalm ? before : applyHealth(before, [...readings, ...replacement], now, ports);
  if (evaluated.n === before.n) {
    session.unsavedHealth.clear();
    return NOTHING;
  }
  const document = withoutConfirmed(evaluated, session.rules.get(HEALTH_RULE_ID)?.confirmed ?? new Set());
  const [result] = await ports.states.save([{ id: HEALTH_RULE_ID, document, version }]);
  if (result?.kind !== 'saved') {
    keepUnsaved(readings, ports);
    const problem = result !== undefined && 'message' in result ? result.message : undefined;
    return { problem, isRefused: result?.kind === 'refused' };
  }
  const saved = { document, version: result.version };
  session.rules.set(HEALTH_RULE_ID, { stored: saved, current: document, unsaved: 0, confirmed: new Set() });
  session.unsavedHealth.clear();
  log.healthSaved(document);
  for (const subject of endedReceivers(before, document)) session.healed.add(subject);
  return { outbox: outboxOf(document) };
}

/** The document of health as it is to be evaluated. */
interface StoredHealth {
  readonly before: RuleDocument;
  readonly version: Version | undefined;
  /** What was wrong with the stored one, which `before` replaces. */
  readonly invalid: string | undefined;
}

/** Undefined: it cannot be read, or must not be replaced; what this replica sees is kept until it can be. */
async function readHealth({ now, ports, log }: HealthContext): Promise<StoredHealth | undefined> {
  const { session, states } = ports;
  const ids = [HEALTH_RULE_ID];
  const loaded = await readApart(ids, (some) => states.load(some, held(session, some)));
  if (!loaded.ok) {
    log.storeProblem(loaded.message);
    return undefined;
  }
  const found = loaded.value.found.get(HEALTH_RULE_ID);
  const invalid = loaded.value.unreadable.get(HEALTH_RULE_ID);
  const replaced = loaded.value.replaceable.get(HEALTH_RULE_ID);
  // One that must not be replaced is of a newer Tocsin, which raises health alerts of what it sees itself.
  session.healthProblem = replaced === undefined ? invalid : undefined;
  if (session.healthProblem !== undefined) return undefined;
  remember(session, ids, loaded.value.found);
  const before = found?.document ?? newRuleDocument(HEALTH_RULE, { at: now, now, every: MINUTE }, 1);
  return { before, version: found?.version ?? replaced, invalid };
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
    window: { from: now - MINUTE, to: now },
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
      every: MINUTE,
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

type EndingPorts = Pick<TurnPorts, 'destination' | 'rules' | 'failures' | 'inBrokenFiles'>;

/** The document of health without the alerts that end although nothing recovered: what they are about no longer exists. */
function withoutGone(
  document: RuleDocument,
  now: Instant,
  ports: EndingPorts,
): { readonly document: RuleDocument; readonly ended: readonly EndedAlert[] } {
  const ended = Object.entries(document.alerts).flatMap(([id, alert]): readonly EndedAlert[] => {
    const reason = endOf(alert, now, ports);
    return reason === undefined ? [] : [{ id, alert, transitions: endAlert(alert, now, reason).transitions }];
  });
  if (ended.length === 0) return { document, ended };
  const gone = new Set(ended.map(({ id }) => id));
  const alerts = Object.fromEntries(Object.entries(document.alerts).filter(([id]) => !gone.has(id)));
  return { document: { ...document, alerts }, ended };
}

function endOf(alert: LivingAlert, now: Instant, ports: EndingPorts): 'expired' | 'rule_removed' | undefined {
  const { kind, subject } = alert.group;
  const isAboutRule = kind === 'rule' || kind === TEXTS_KIND;
  if (isAboutRule && isKnownDeleted(subject ?? '', ports)) return 'rule_removed';
  return isExpiredReceiver(alert, now, ports) ? 'expired' : undefined;
}
