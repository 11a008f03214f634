import type { SlackAction } from '../channels/slack/buttons.ts';
import { dayNumber, instantOfLocal, localTime } from '../core/local-time.ts';
import { isTimeZone } from '../core/schedule.ts';
import { HOUR, type Instant } from '../core/time.ts';
import type { Labels, Matcher } from '../routing/route.ts';

const MORNING = 8 * 60;
/** A regular expression of a matcher may be 1,000 characters long. */
const LONGEST_EXPRESSION = 900;

/** When a silence of a button ends; undefined: the button silences nothing. Morning is eight o'clock, and at least an hour away. */
export function silenceEnd(action: SlackAction, now: Instant, timezone: string): Instant | undefined {
  if (action === 'silence_1h') return now + HOUR;
  if (action === 'silence_4h') return now + 4 * HOUR;
  if (action !== 'silence_morning') return undefined;
  const { year, month, day } = localTime(now, timezone);
  const today = dayNumber(year, month, day);
  const mornings = [0, 1].map((later) => instantOfLocal(today + later, MORNING, timezone));
  return mornings.find((at) => at >= now + HOUR) ?? now + 24 * HOUR;
}

/**
 * The matchers of silences for these alerts and no others: one silence where they differ in one label at most, else one for each. Severity is left out:
 * an alert that gets worse stays silent, as it does with `tocsin silence add`.
 */
export function silencesFor(alerts: readonly { readonly labels: Labels }[]): readonly (readonly Matcher[])[] {
  const sets = alerts.map(({ labels }) => new Map(Object.entries(labels).filter(([label]) => label !== 'severity')));
  const names = [...new Set(sets.flatMap((set) => [...set.keys()]))].sort();
  const valuesOf = (label: string) => [...new Set(sets.map((set) => set.get(label) ?? ''))];
  const several = names.filter((label) => valuesOf(label).length > 1);
  const [differs] = several;
  if (several.length <= 1) {
    const matchers = names.map((label): Matcher => {
      const [only = '', ...others] = valuesOf(label);
      if (others.length === 0) return { label, op: '=', value: only };
      return { label, op: '=~', value: [only, ...others].map(escaped).join('|') };
    });
    const expression = matchers.find(({ label }) => label === differs)?.value ?? '';
    if (expression.length <= LONGEST_EXPRESSION) return [matchers];
  }
  return sets.map((set) => [...set].map(([label, value]): Matcher => ({ label, op: '=', value })));
}

/** A time zone of a profile, if this machine knows it. */
export function knownTimezone(...candidates: readonly unknown[]): string {
  const found = candidates.find((zone): zone is string => typeof zone === 'string' && zone !== '' && isTimeZone(zone));
  return found ?? 'UTC';
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
