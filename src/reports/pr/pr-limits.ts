import type { Thresholds } from '../../conditions/thresholds.ts';
import { pageText } from '../../core/html-text.ts';
import { numberText } from '../dry-run/story-chart.ts';

/** A version of a rule in a chart, and what its conditions compare with numbers. */
export interface LimitedVersion {
  readonly name: string;
  readonly kind: 'old' | 'young';
  readonly thresholds: Thresholds | undefined;
}

/** A threshold with the versions that have it: `>= 8 before`. */
export interface ShownLimit {
  readonly text: string;
  readonly number: number;
  readonly names: readonly string[];
  readonly kind: LimitedVersion['kind'] | 'both';
}

/** The thresholds that versions have for a value; one that several have is there once. */
export function shownLimits(value: string | undefined, versions: readonly LimitedVersion[]): readonly ShownLimit[] {
  const all = versions.flatMap(({ name, kind, thresholds }) =>
    thresholds === undefined || thresholds.value !== value
      ? []
      : thresholds.limits.map(({ sign, number }) => ({ text: `${sign} ${numberText(number)}`, number, name, kind })),
  );
  return [...new Set(all.map(({ text }) => text))].flatMap((text) => {
    const same = all.filter((limit) => limit.text === text);
    const [first] = same;
    if (first === undefined) return [];
    const kind = same.length > 1 ? ('both' as const) : first.kind;
    return [{ text, number: first.number, names: same.map(({ name }) => name), kind }];
  });
}

/** The thresholds in words of a page: ` (dotted >= 8 before, dashed >= 3 after)`; empty without any. */
export function limitsText(limits: readonly ShownLimit[]): string {
  if (limits.length === 0) return '';
  const lines = limits.map(({ text, names, kind }) =>
    pageText(`${kind === 'old' ? 'dotted' : 'dashed'} ${text} ${names.join(' and ')}`),
  );
  return ` (${lines.join(', ')})`;
}

/** The thresholds as dotted and dashed lines of SVG over a width, the labels of the younger version below them; `y` gives the height of a number. */
export function limitLines(
  limits: readonly ShownLimit[],
  width: { readonly from: number; readonly to: number },
  y: (number: number) => string,
): string {
  const lines = limits.map(({ number, text, names, kind }) => {
    const label = `${text}${kind === 'both' ? '' : ` ${names.join(' and ')}`}`;
    return `<line class="limit ${kind}" x1="${width.from}" x2="${width.to}" y1="${y(number)}" y2="${y(number)}"/><text x="${width.to}" y="${(Number(y(number)) + (kind === 'young' ? 11 : -3)).toFixed(1)}" text-anchor="end">${pageText(label)}</text>`;
  });
  return lines.join('');
}
