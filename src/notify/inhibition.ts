import type { RuleId } from '../core/ids.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import { matchesAll } from '../routing/matches.ts';
import type { InhibitRule, Labels } from '../routing/route.ts';

/** An alert that fires, as it inhibits others. */
interface SourceAlert {
  readonly id: string;
  readonly labels: Labels;
  /** The group that it is about, for people. */
  readonly group: Readonly<Record<string, string | null>>;
}

/** What is known to fire of one rule, and until when that is believed without another look. */
export interface FiringOfRule {
  readonly alerts: readonly SourceAlert[];
  readonly until: Instant;
}

/** Why an alert is inhibited: which alert does it, by which rule's name. */
export interface Inhibition {
  readonly source: SourceAlert;
  readonly rule: string;
}

/** Which alerts inhibit which: what fires, sorted by the inhibit rules, so that a question costs the same whatever fires. */
export interface Inhibitor {
  readonly rules: readonly InhibitRule[];
  /** Replaces what is known to fire of a rule; without alerts it is forgotten. */
  set(rule: RuleId, firing: FiringOfRule): void;
  /** The rules of which something is known to fire that inhibits. */
  known(): Iterable<RuleId>;
  /** What inhibits an alert with these labels; undefined when nothing does. */
  inhibitedBy(labels: Labels, now: Instant): Inhibition | undefined;
}

interface IndexedSource {
  readonly alert: SourceAlert;
  readonly until: Instant;
  /** It fits the target matchers as well: it does not inhibit an alert of which the same is true, itself included. */
  readonly twoSided: boolean;
}

/** By the values of `equal`, then by rule. */
type Index = Map<string, Map<RuleId, readonly IndexedSource[]>>;

const LONGEST_REASON = 300;

/** Makes an inhibitor that knows of nothing that fires. */
export function createInhibitor(rules: readonly InhibitRule[]): Inhibitor {
  const indices = rules.map((): Index => new Map());
  const keysOf = new Map<RuleId, readonly (readonly [index: Index, key: string])[]>();

  const forget = (rule: RuleId): void => {
    for (const [index, key] of keysOf.get(rule) ?? []) {
      const sources = index.get(key);
      sources?.delete(rule);
      if (sources?.size === 0) index.delete(key);
    }
    keysOf.delete(rule);
  };
  return {
    rules,
    set: (rule, { alerts, until }) => {
      forget(rule);
      const keys: [Index, string][] = [];
      for (const [at, inhibitRule] of rules.entries()) {
        const index = indices[at];
        if (index === undefined) continue;
        for (const [key, sources] of sourcesByKey(alerts, until, inhibitRule)) {
          const others = index.get(key) ?? new Map<RuleId, readonly IndexedSource[]>();
          others.set(rule, sources);
          index.set(key, others);
          keys.push([index, key]);
        }
      }
      if (keys.length > 0) keysOf.set(rule, keys);
    },
    known: () => keysOf.keys(),
    inhibitedBy: (labels, now) => {
      for (const [at, rule] of rules.entries()) {
        const sources = indices[at]?.get(keyOf(labels, rule));
        if (sources === undefined || !matchesAll(rule.targetMatchers, labels)) continue;
        const isSource = matchesAll(rule.sourceMatchers, labels);
        for (const some of sources.values())
          for (const { alert, until, twoSided } of some)
            if (now <= until && !(isSource && twoSided)) return { source: alert, rule: rule.name };
      }
      return undefined;
    },
  };
}

function sourcesByKey(
  alerts: readonly SourceAlert[],
  until: Instant,
  rule: InhibitRule,
): ReadonlyMap<string, readonly IndexedSource[]> {
  const found = new Map<string, IndexedSource[]>();
  for (const alert of alerts) {
    if (!matchesAll(rule.sourceMatchers, alert.labels)) continue;
    const key = keyOf(alert.labels, rule);
    const twoSided = matchesAll(rule.targetMatchers, alert.labels);
    // One of each kind answers every question that all of them would.
    const known = found.get(key) ?? [];
    if (!known.some((other) => other.twoSided === twoSided)) known.push({ alert, until, twoSided });
    found.set(key, known);
  }
  return found;
}

/** The values of the labels that have to be equal; one that is missing counts as empty. */
function keyOf(labels: Labels, { equal }: InhibitRule): string {
  return JSON.stringify(equal.map((name) => own(labels, name) ?? ''));
}

/** An inhibition as the reason why an alert is held back. */
export function inhibitionText({ source: { labels, group }, rule }: Inhibition): string {
  const about = Object.entries(group).map(([field, value]) => `${field}: ${value ?? '(none)'}`);
  const named = `${own(labels, 'alertname') ?? ''}${about.length === 0 ? '' : ` (${about.join(', ')})`}`;
  return truncate(`${INHIBITING}${named}, inhibit rule ${rule}`, LONGEST_REASON);
}

/** What the reason of an inhibited alert begins with. */
export const INHIBITING = 'alert ';
