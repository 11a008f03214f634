import { own } from '../core/record.ts';
import type { Labels } from '../routing/route.ts';
import type { Notified } from './delivery-ports.ts';

/** What a message is about beyond its alerts: their rules, each once, and the labels that all of them share. */
export function aboutRules(
  alerts: readonly { readonly rule: string; readonly labels: Labels }[],
): Pick<Notified, 'rules' | 'labels'> {
  const [first, ...rest] = alerts;
  const shared = Object.entries(first?.labels ?? {}).filter(([label, value]) =>
    rest.every(({ labels }) => own(labels, label) === value),
  );
  return { rules: [...new Set(alerts.map(({ rule }) => rule))], labels: Object.fromEntries(shared) };
}
