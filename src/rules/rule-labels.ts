import { nearest } from '../core/nearest.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { CommonKeys } from './common-keys.ts';
import { DEFAULTS } from './default-values.ts';

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
        `a field "${field}" would hide the label of this name`,
        'group by another field',
      );
    }
  }
  return keys.levels === undefined ? { severity: DEFAULTS.severity, ...labels } : labels;
}

/** Checks `receivers` against those that are configured; nothing is known of them where there is no configuration. */
export function checkReceivers(keys: CommonKeys, known: readonly string[] | undefined, complaints: Complaints): void {
  if (known === undefined) return;
  for (const [index, receiver] of (keys.receivers ?? []).entries()) {
    if (known.includes(receiver)) continue;
    const near = nearest(receiver, known);
    const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
    complaints.error('rule/unknown-receiver', ['receivers', index], `unknown receiver "${receiver}"`, hint);
  }
}
