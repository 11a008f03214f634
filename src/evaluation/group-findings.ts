import type { Finding } from '../alerts/finding.ts';
import { isKnown } from '../alerts/memory.ts';
import { groupedBy } from '../core/grouped-by.ts';
import type { Json } from '../core/json.ts';
import type { MatchEvent, Measured } from '../rule-types/rule-type.ts';
import type { Rule } from '../rules/rule.ts';
import { groupKey } from '../search/group-key.ts';
import type { Group } from '../search/query.ts';
import { type Absence, evaluateReading } from './evaluate-reading.ts';
import { readableReading } from './readable-reading.ts';
import type { RuleDocument } from './rule-states.ts';

/** A group to step in a window. */
export interface GroupFinding {
  readonly group: Group;
  readonly finding: Finding;
  readonly condition: string;
  /** A search measured it in this window; otherwise it follows from what is remembered of the group. */
  readonly measured: boolean;
  readonly present: boolean;
  readonly values: Readonly<Record<string, Json>>;
  /** The alert ends for this reason, whatever the finding. */
  readonly ends?: 'expired' | 'rule_changed';
  /** The documents that are notified once, newest first. */
  readonly events?: readonly MatchEvent[];
}

/** Every group to step in this window. */
export function groupFindings(
  rule: Rule,
  document: RuleDocument,
  measured: Measured<Json>,
  absence: Absence,
): readonly GroupFinding[] {
  return measured.kind === 'events'
    ? findingsOfEvents(rule, document, measured, absence)
    : findingsOfGroups(rule, document, measured, absence);
}

/** Those measured, those that expired, and living alerts of which nothing came back. */
function findingsOfGroups(
  rule: Rule,
  document: RuleDocument,
  measured: Measured<Json> & { readonly kind: 'groups' },
  absence: Absence,
): readonly GroupFinding[] {
  const all: GroupFinding[] = [];
  const seen = new Set<string>();
  const living = Object.values(document.alerts);
  for (const reading of measured.readings) {
    if (living.length > 0) seen.add(groupKey(rule.groupBy, reading.group));
    const { finding, condition } = evaluateReading(rule, reading, absence);
    const present = reading.present || absence === 'zero';
    all.push({ group: reading.group, finding, condition, measured: true, present, values: readableReading(reading) });
  }
  for (const group of measured.expired ?? []) {
    seen.add(groupKey(rule.groupBy, group));
    all.push({ group, finding: { kind: 'absent' }, condition: '', measured: false, present: false, values: {}, ends: 'expired' });
  }
  for (const alert of living) {
    if (seen.has(groupKey(rule.groupBy, alert.group))) continue;
    // A group that is only remembered because it was new is not asked for: that nothing came back says that it has no document.
    const finding: Finding = isKnown(alert, rule.lifecycle)
      ? { kind: 'unknown', because: 'the response contains nothing about this group' }
      : { kind: 'absent' };
    all.push({ group: alert.group, finding, condition: '', measured: false, present: false, values: {} });
  }
  return all;
}

/** Every group that has events. An alert that lives is of the time when the rule reported no events: nothing would ever end it. */
function findingsOfEvents(
  rule: Rule,
  document: RuleDocument,
  measured: Measured<Json> & { readonly kind: 'events' },
  absence: Absence,
): readonly GroupFinding[] {
  const ended = Object.values(document.alerts).map(
    ({ group }): GroupFinding => ({
      group,
      finding: { kind: 'clear' },
      condition: '',
      measured: false,
      present: false,
      values: {},
      ends: 'rule_changed',
    }),
  );
  const byGroup = groupedBy(measured.events, ({ group }) => groupKey(rule.groupBy, group));
  const found = measured.readings.map((reading): GroupFinding => {
    const { finding, condition } = evaluateReading(rule, reading, absence);
    const events = byGroup.get(groupKey(rule.groupBy, reading.group)) ?? [];
    return { group: reading.group, finding, condition, measured: true, present: true, values: readableReading(reading), events };
  });
  return [...ended, ...found];
}
