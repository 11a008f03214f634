import { own } from '../core/record.ts';
import { compileRegex, type LinearRegex } from './regex.ts';
import type { Labels, Matcher } from './route.ts';

const compiled = new WeakMap<Matcher, LinearRegex | null>();

/**
 * Says whether labels fit a matcher. A missing label reads as the empty text, so `team!="todo"` and `team=""` fit without one.
 * An expression that cannot be read (parseMatcher refuses it), or not be decided in time, fits nothing, whichever its sign: a silence
 * then hides nothing, and a route leaves the alert to the next one.
 */
export function matches(matcher: Matcher, labels: Labels): boolean {
  const value = own(labels, matcher.label) ?? '';
  if (matcher.op === '=') return value === matcher.value;
  if (matcher.op === '!=') return value !== matcher.value;
  const fits = regexOf(matcher)?.matches(value);
  return fits !== undefined && fits === (matcher.op === '=~');
}

/** Says whether labels fit all matchers; an empty list fits everything. */
export function matchesAll(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((matcher) => matches(matcher, labels));
}

function regexOf(matcher: Matcher): LinearRegex | null {
  let regex = compiled.get(matcher);
  if (regex === undefined) {
    const answer = compileRegex(matcher.value);
    regex = answer.ok ? answer.regex : null;
    compiled.set(matcher, regex);
  }
  return regex;
}
