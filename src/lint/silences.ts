import type { Problem } from '../core/problems.ts';
import { DAY, type Duration, type Instant } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { FileSilence } from '../silence-files/file-silence.ts';
import { occurrenceAt, occurrencesBetween } from '../silence-files/occurrences.ts';
import { finding } from './finding.ts';
import { asksForHealth, canHave } from './routes.ts';

/** A silence that holds for so long without a break is a rule that should be paused, ms. */
const ALWAYS: Duration = 35 * DAY;

/** What is rarely intended of silences in files: those that have ended, that hold all the time, and, where `rules` are all rules, that match no rule. */
export function lintSilences(
  silences: readonly FileSilence[],
  rules: readonly Rule[] | undefined,
  now: Instant,
): readonly Problem[] {
  return silences.flatMap((silence) => {
    const at = silence.position;
    const found: Problem[] = [];
    if (occurrenceAt(silence, now) === undefined)
      found.push(finding('silence/over', at, 'the silence has ended and will not start again', 'remove it'));
    if (
      rules !== undefined &&
      rules.length > 0 &&
      !asksForHealth(silence.matchers) &&
      !rules.some((rule) => canHave(rule, silence.matchers))
    )
      found.push(
        finding(
          'silence/no-rule-matches',
          at,
          'no rule can have alerts that match this silence',
          'compare `matchers` with the labels of your rules',
        ),
      );
    const [first] = silence.recurrence === undefined ? [] : occurrencesBetween(silence, { from: now, to: now + ALWAYS });
    if (first !== undefined && first.to - Math.max(now, first.from) >= ALWAYS)
      found.push(
        finding(
          'silence/always',
          at,
          'the silence never ends: each occurrence lasts until the next one',
          'pause the rule with `enabled: false`',
        ),
      );
    return found;
  });
}
