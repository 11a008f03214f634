import { deepFreeze } from '../core/freeze.ts';
import { hashId } from '../core/ids.ts';
import { isObject, type Json } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { EVIDENCE_FIELDS } from '../core/printed.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { ruleTypeNamed } from '../rule-types/registry.ts';
import type { ReadTools, RuleType } from '../rule-types/rule-type.ts';
import { type Complaints, complainOf } from '../yaml/complaints.ts';
import type { YamlDocument } from '../yaml/document.ts';
import { pathIn } from '../yaml/path.ts';
import type { SchemaProblem } from '../yaml/schema-problems.ts';
import { adviseOnChangedValues } from './changed-values.ts';
import { RULE_CODES } from './codes.ts';
import { type CommonKeys, UNMEASURED_KEYS } from './common-keys.ts';
import { type RuleComplaints, ruleComplaintsOf } from './complaints.ts';
import { DEFAULTS } from './defaults.ts';
import { adviseOnEvents } from './event-advice.ts';
import { checkIndices } from './index-advice.ts';
import { type NamedField, namedFields } from './named-fields.ts';
import type { Rule } from './rule.ts';
import { advise } from './rule-advice.ts';
import { type RuleConditions, readConditions } from './rule-conditions.ts';
import { checkReceivers, checkTimeIntervals, readLabels } from './rule-labels.ts';
import { readMessage } from './rule-message.ts';
import { readKql, readQuery } from './rule-query.ts';
import { ownKeys, requiredOwnKeys } from './rule-schema.ts';
import { type RuleTimes, readDuration, readTimes } from './rule-times.ts';
import { validateRule } from './validate.ts';

/** What a rule is checked against beside itself. */
export interface RuleContext {
  /** Names of the configured receivers; undefined where there is no configuration. */
  readonly receivers?: readonly string[];
  /** Names of the configured time intervals; undefined where there is no configuration. */
  readonly timeIntervals?: readonly string[];
  /** Whether each rule's keys are kept beside it: for comparing versions of a rule. */
  readonly keepKeys?: boolean;
}

/** A rule, or undefined with its errors; a rule may have warnings. */
export interface CompiledRule {
  readonly rule: Rule | undefined;
  readonly problems: readonly Problem[];
}

/** The names of the built-in rules, and whose alerts theirs are. */
const RESERVED = new Map<unknown, string>([
  ['tocsin-health', 'the health alerts of Tocsin'],
  ['tocsin-received', 'the alerts sent by other systems'],
  ['ReceivedAlert', 'the alerts sent by other systems without a name'],
  ['tocsin-noise', 'noise reports'],
]);

/**
 * Turns one document, its defaults already in it, into a frozen Rule. Every problem is reported at once: a key that its schema
 * refuses is left out, and the others are read all the same.
 */
export function compileRule(document: YamlDocument, context: RuleContext): CompiledRule {
  const complaints = ruleComplaintsOf(document);
  const refused = validateRule(document.value);
  complainOf(refused, RULE_CODES, complaints);
  if (!isObject(document.value)) return { rule: undefined, problems: complaints.problems };
  const keys = accepted(document.value, refused);
  // The schema has passed every key that is left; missing ones are errors already, and their stand-ins never leave this function.
  const common = { name: '', index: '*', type: '', ...keys } as CommonKeys;
  const rule = read(common, keys, document, context, complaints);
  return { rule: complaints.broken([]) || rule === undefined ? undefined : deepFreeze(rule), problems: complaints.problems };
}

/** Keys in which one part can be wrong without invalidating the rest. */
const DIVISIBLE = new Set<unknown>(['labels', 'message', 'evidence']);

/** The keys that the schema has passed; of some, the parts that it has. */
function accepted(
  value: Readonly<Record<string, unknown>>,
  refused: readonly SchemaProblem[],
): Readonly<Record<string, unknown>> {
  const isDivisible = ({ path }: SchemaProblem) => path.length === 2 && DIVISIBLE.has(path[0]);
  const whole = new Set(refused.filter((problem) => !isDivisible(problem)).map(({ path }) => path[0]));
  const parts = refused.filter(isDivisible).map(({ path }) => path.join('.'));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (whole.has(key)) return [];
      if (!DIVISIBLE.has(key) || !isObject(inner)) return [[key, inner]];
      return [[key, Object.fromEntries(Object.entries(inner).filter(([part]) => !parts.includes(`${key}.${part}`)))]];
    }),
  );
}

function read(
  common: CommonKeys,
  keys: Readonly<Record<string, unknown>>,
  document: YamlDocument,
  context: RuleContext,
  complaints: RuleComplaints,
): Rule | undefined {
  checkNames(common, complaints);
  checkIndices(common, complaints);
  checkReceivers(common, context.receivers, complaints);
  checkTimeIntervals(common, context.timeIntervals, complaints);
  const times = readTimes(common, complaints);
  const query = readQuery(common.query, complaints);
  const labels = readLabels(common, complaints);
  const type = ruleTypeNamed(common.type);
  if (type === undefined || !isReadable(type, keys, document)) return undefined;
  const typed = readType(type, keys, { common, times, labels, document }, complaints);
  const evidence = readEvidence(common.evidence, type.measuredFields?.(typed.options) ?? [], complaints);
  return assemble(common, { times, query, labels, evidence, ...typed }, document);
}

/** Whether the keys that conditions and texts depend on were all accepted; without them every name would seem unknown. */
function isReadable(type: RuleType<unknown, Json>, keys: Readonly<Record<string, unknown>>, document: YamlDocument): boolean {
  if (['group_by', 'labels', ...ownKeys(type.name)].some((key) => isRefused(key, keys, document))) return false;
  return requiredOwnKeys(type.name).every((key) => Object.hasOwn(keys, key));
}

function isRefused(key: string, keys: Readonly<Record<string, unknown>>, { value }: YamlDocument): boolean {
  return isObject(value) && Object.hasOwn(value, key) && !Object.hasOwn(keys, key);
}

/** The fields that texts may name: those of a misspelt `group_by` too, which is one mistake and not two. */
function groupByOfTexts(
  groupBy: readonly string[],
  keys: Readonly<Record<string, unknown>>,
  { value }: YamlDocument,
): readonly string[] {
  if (!isObject(value) || Object.hasOwn(value, 'group_by')) return groupBy;
  const meant = Object.entries(value).find(([key]) => !Object.hasOwn(keys, key) && nearest(key, ['group_by']) !== undefined);
  const fields: readonly unknown[] = [meant?.[1] ?? []].flat();
  return fields.every((field) => typeof field === 'string') ? fields : groupBy;
}

function checkNames({ name, id }: CommonKeys, complaints: Complaints): void {
  for (const [key, value] of Object.entries({ name, id })) {
    const alerts = RESERVED.get(value);
    if (alerts !== undefined)
      complaints.error('rule/reserved-name', [key], `"${value}" is reserved for ${alerts}`, 'choose another name');
  }
}

interface Ground {
  readonly common: CommonKeys;
  readonly times: RuleTimes;
  readonly labels: Readonly<Record<string, string>>;
  readonly document: YamlDocument;
}

interface Typed {
  readonly type: RuleType<unknown, Json>;
  readonly options: unknown;
  readonly conditions: RuleConditions;
  readonly measures: NonNullable<Rule['measures']>;
  readonly message: Rule['message'];
  readonly namedFields: readonly NamedField[];
}

/** What depends on the rule's type: its options, and the texts that refer to its variables. */
function readType(
  type: RuleType<unknown, Json>,
  keys: Readonly<Record<string, unknown>>,
  ground: Ground,
  complaints: RuleComplaints,
): Typed {
  const { common, times, labels, document } = ground;
  const before = complaints.problems.length;
  const groupBy = common.group_by ?? [];
  const typeKeys = Object.fromEntries(
    ownKeys(type.name).flatMap((key) => (Object.hasOwn(keys, key) ? [[key, own(keys, key)]] : [])),
  );
  adviseOnChangedValues(typeKeys, document, complaints);
  const read = type.read(typeKeys, toolsFor(document, groupBy, times.window, complaints));
  const variables = type.variables(read);
  // A condition that the schema refused is not missing as well.
  const fallback = ['condition', 'levels'].some((key) => isRefused(key, keys, document)) ? '' : type.defaultCondition;
  const conditions = readConditions(common, variables, fallback, complaints);
  const uses = [...conditions.bad, ...(conditions.good === undefined ? [] : [conditions.good])].flatMap((key) => key.uses);
  const options = type.used?.(read, new Set(uses)) ?? read;
  const message = readMessage(
    common.message,
    {
      ...{ variables, groupBy: groupByOfTexts(groupBy, keys, document), labels: Object.keys(labels) },
      partials: common.partials ?? {},
    },
    complaints,
  );
  if (complaints.problems.length === before) {
    const ranges = type.ranges?.(options) ?? {};
    const advised = { keys: common, times, conditions, variables, ranges, absence: type.absence(options), options: typeKeys };
    advise(advised, complaints);
    if (type.notifies === 'events') adviseOnEvents(common, complaints);
  }
  const measures = type.measures?.(typeKeys) ?? {};
  return { type, options, conditions, measures, message, namedFields: namedFields(common, typeKeys, document) };
}

function toolsFor(document: YamlDocument, groupBy: readonly string[], window: number, complaints: Complaints): ReadTools {
  const path = (text: string) => pathIn(document.value, text);
  return {
    kql: (text, at) => readKql(text, path(at), complaints),
    duration: (text, at) => readDuration(text, path(at), complaints),
    problem: (at, message, hint) => complaints.error('rule/invalid', path(at), message, hint),
    groupBy,
    window,
  };
}

type Parts = Typed & {
  readonly times: RuleTimes;
  readonly query: Pick<Rule, 'filter' | 'query'>;
  readonly labels: Readonly<Record<string, string>>;
  readonly evidence: Rule['evidence'];
};

function readEvidence(given: CommonKeys['evidence'], measured: readonly string[], complaints: Complaints): Rule['evidence'] {
  const { query, ...shown } = given ?? {};
  const fields = [...new Set([...measured, ...DEFAULTS.evidence.fields])].slice(0, EVIDENCE_FIELDS);
  const filter = query === undefined ? {} : { filter: readKql(query, ['evidence', 'query'], complaints) };
  return { ...DEFAULTS.evidence, fields, ...shown, ...filter };
}

function assemble(common: CommonKeys, parts: Parts, document: YamlDocument): Rule {
  const { times, query, labels, type, options, conditions, measures, message } = parts;
  const groupBy = common.group_by ?? [];
  const timezone = common.message?.timezone ?? common.timezone;
  return {
    id: common.id ?? common.name,
    name: common.name,
    ...(common.description === undefined ? {} : { description: common.description }),
    type: type.name,
    options,
    source: sourceOf(common, times),
    ...query,
    groupBy,
    missing: common.missing ?? DEFAULTS.missing,
    maxGroups: common.max_groups ?? DEFAULTS.max_groups,
    window: times.window,
    schedule: times.schedule,
    delay: times.delay,
    levels: conditions.levels,
    leveled: conditions.leveled,
    ...(conditions.recover === undefined ? {} : { recover: conditions.recover }),
    lifecycle: lifecycleOf(common, times, conditions),
    // Each event is notified: none of them is the end of another.
    ...(times.flapping === undefined || type.notifies === 'events' ? {} : { flapping: times.flapping }),
    ...(times.outageHold === undefined ? {} : { outageHold: times.outageHold }),
    catchUp: times.catchUp,
    // Events are looked for again by their type.
    ...(times.revisit === undefined || type.notifies === 'events' ? {} : { revisit: times.revisit }),
    errorAfter: common.error_after ?? DEFAULTS.error_after,
    labels,
    ...(common.receivers === undefined ? {} : { receivers: common.receivers }),
    ...(times.escalate === undefined ? {} : { escalate: times.escalate }),
    ...(common.mute_time_intervals && { muteTimeIntervals: common.mute_time_intervals }),
    ...(common.active_time_intervals && { activeTimeIntervals: common.active_time_intervals }),
    ...(times.groupWait === undefined ? {} : { groupWait: times.groupWait }),
    ...(times.groupInterval === undefined ? {} : { groupInterval: times.groupInterval }),
    ...(times.repeatGrowth === undefined ? {} : { repeatGrowth: times.repeatGrowth }),
    ...(times.repeatInterval === undefined ? {} : { repeatInterval: times.repeatInterval }),
    ...((common.send_resolved ?? type.recovers ?? true) ? {} : { sendResolved: false }),
    message,
    measures,
    ...(timezone !== undefined && { timezone }),
    evidence: parts.evidence,
    enabled: common.enabled ?? DEFAULTS.enabled,
    namedFields: parts.namedFields,
    definition: definitionOf(document),
    shape: hashId(groupBy, type.name, type.memoryVersion),
    position: document.place([]),
    places: placesOf(document),
  };
}

function placesOf(document: YamlDocument): NonNullable<Rule['places']> {
  const keys = isObject(document.value) ? Object.keys(document.value) : [];
  return Object.fromEntries(keys.map((key) => [key, document.place([key], 'key')]));
}

function definitionOf({ value }: YamlDocument): string {
  const keys = isObject(value) ? Object.entries(value) : [];
  const deciding = keys.flatMap(([key, inner]) => (UNMEASURED_KEYS.has(key) ? [] : [[key, withoutMeasure(key, inner)] as const]));
  return hashId('definition', Object.fromEntries(deciding)).slice(0, 12);
}

/** Metrics and columns without what only says how they are shown. */
function withoutMeasure(key: string, value: unknown): unknown {
  if ((key !== 'metrics' && key !== 'variables') || !isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, metric]) => {
      if (!isObject(metric)) return [name, metric];
      const { unit: _unit, label: _label, ...measured } = metric;
      return [name, key === 'variables' ? (measured['type'] ?? 'number') : measured];
    }),
  );
}

function sourceOf(common: CommonKeys, { timeout }: RuleTimes): Rule['source'] {
  const given = typeof common.index === 'string' ? [common.index] : common.index;
  return {
    indices: given.flatMap((index) => index.split(',')),
    timeField: common.time_field ?? DEFAULTS.time_field,
    ignoreMissingIndex: common.ignore_missing_index ?? DEFAULTS.ignore_missing_index,
    timeout,
    frozen: common.frozen ?? DEFAULTS.frozen,
  };
}

function lifecycleOf(common: CommonKeys, times: RuleTimes, { levels }: RuleConditions): Rule['lifecycle'] {
  return {
    for: times.for,
    keepFiringFor: times.keepFiringFor,
    noData: common.no_data ?? DEFAULTS.no_data,
    noDataAfter: times.noDataAfter,
    settle: times.settle,
    forgetAfter: times.forgetAfter,
    levels: levels.map(({ severity }) => severity),
  };
}
