import { nearest } from '../core/nearest.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { Path } from '../yaml/path.ts';
import type { CommonKeys } from './common-keys.ts';
import { DEFAULTS } from './defaults.ts';

/** The labels of a rule's alerts; `severity` is there unless the levels give it. */
export function readLabels(keys: CommonKeys, complaints: Complaints): Readonly<Record<string, string>> {
  const labels = keys.labels ?? {};
  if (Object.hasOwn(labels, 'alertname')) {
    complaints.error(
      'rule/invalid',
      ['labels', 'alertname'],
      '`alertname` is reserved: it is the name of the rule',
      'remove it',
      'key',
    );
  }
  for (const [index, field] of (keys.group_by ?? []).entries()) {
    if (Object.hasOwn(labels, field)) {
      complaints.error(
        'rule/invalid',
        ['labels', field],
        `"${field}" is already a label because of \`group_by\``,
        'choose another name',
        'key',
      );
    }
    if (field === 'alertname' || field === 'severity') {
      complaints.error(
        'rule/invalid',
        ['group_by', index],
        `a field "${field}" would hide the label with this name`,
        'group by another field',
      );
    }
  }
  return keys.levels === undefined ? { severity: DEFAULTS.severity, ...labels } : labels;
}

/** Checks `receivers` against those that are configured; nothing is known of them where there is no configuration. */
export function checkReceivers(keys: CommonKeys, known: readonly string[] | undefined, complaints: Complaints): void {
  checkNamed('receiver', keys.receivers, (index) => ['receivers', index], known, complaints);
  const escalated = keys.escalate?.map(({ receiver }) => receiver);
  checkNamed('receiver', escalated, (index) => ['escalate', index, 'receiver'], known, complaints);
}

/** Checks the time intervals that a rule names in the same way. */
export function checkTimeIntervals(keys: CommonKeys, known: readonly string[] | undefined, complaints: Complaints): void {
  for (const key of ['mute_time_intervals', 'active_time_intervals'] as const)
    checkNamed('time interval', keys[key], (index) => [key, index], known, complaints);
}

function checkNamed(
  what: 'receiver' | 'time interval',
  names: readonly string[] | undefined,
  pathOf: (index: number) => Path,
  known: readonly string[] | undefined,
  complaints: Complaints,
): void {
  if (known === undefined) return;
  for (const [index, name] of (names ?? []).entries()) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const all = known.length === 0 ? `tocsin.yaml has no ${what}s` : `known: ${known.join(', ')}`;
    const hint = near === undefined ? all : `did you mean "${near}"?`;
    const code = what === 'receiver' ? 'rule/unknown-receiver' : 'rule/unknown-time-interval';
    complaints.error(code, pathOf(index), `unknown ${what} "${name}"`, hint);
  }
}
