import { nearest } from '../../core/nearest.ts';
import { own } from '../../core/record.ts';
import { matchesAll } from '../../routing/matches.ts';
import { formatMatcher } from '../../routing/parse-matcher.ts';
import type { Labels, Matcher } from '../../routing/route.ts';

/** Values that a hint names at most. */
const NAMED = 5;

/** Says of matchers that no alert satisfies together which of them is the reason, and which label or value is nearest. */
export function hintOf(
  matchers: readonly Matcher[],
  alerts: readonly { readonly labels: Labels }[],
): { readonly hint: string } | undefined {
  if (alerts.length === 0) return undefined;
  const alone = matchers.find((matcher) => !alerts.some(({ labels }) => matchesAll([matcher], labels)));
  if (alone === undefined)
    return matchers.length < 2 ? undefined : { hint: 'each matcher matches some alerts, but no alert matches all of them' };
  const { label, value } = alone;
  const values = new Set(alerts.flatMap(({ labels }) => own(labels, label) ?? []));
  if (values.size === 0) {
    const labels = [...new Set(alerts.flatMap((one) => Object.keys(one.labels)))];
    return { hint: `no alert has the label ${label}${meant(nearest(label, labels), labels)}` };
  }
  return { hint: `no alert matches ${formatMatcher(alone)}${meant(nearest(value, [...values]), [...values])}` };
}

function meant(near: string | undefined, known: readonly string[]): string {
  if (near !== undefined) return `; did you mean ${near}?`;
  return `; there are ${known.slice(0, NAMED).join(', ')}${known.length > NAMED ? ', …' : ''}`;
}
