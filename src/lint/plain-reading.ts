import { formatDuration } from '../core/duration.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { type Duration, SECOND } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { findingAt } from './finding.ts';

/** How often an index is refreshed unless its settings say otherwise: what is younger is not found by searches. */
const USUAL_REFRESH: Duration = SECOND;

/** What can be said of one rule that runs as it is, and that a check is the place to say. */
export function plainFindings(rule: Rule): readonly Problem[] {
  return [...delayFindings(rule), ...templateFindings(rule)];
}

/** Documents of a `match` rule are looked for again by `late`; `revisit` looks at every window once more. */
function delayFindings(rule: Rule): readonly Problem[] {
  const isLookedAtAgain = rule.revisit !== undefined || rule.type === 'match';
  if (rule.delay >= USUAL_REFRESH || isLookedAtAgain || own(rule.places, 'delay') === undefined) return [];
  const message = `with \`delay\` of ${formatDuration(rule.delay)} the newest documents are not yet found: an index is refreshed every ${formatDuration(USUAL_REFRESH)} unless its settings say otherwise`;
  return [findingAt(rule, 'rule/short-delay', 'delay', message, 'delay: 30s, or `revisit`, which evaluates a window once more')];
}

function templateFindings(rule: Rule): readonly Problem[] {
  const texts = [
    ...Object.entries(rule.labels).map(([name, text]) => ({ key: 'labels', what: `the label \`${name}\``, text })),
    ...(rule.description === undefined ? [] : [{ key: 'description', what: '`description`', text: rule.description }]),
  ];
  return texts.flatMap(({ key, what, text }) => {
    if (!/\{\{.*?\}\}|\{%.*?%\}/s.test(text)) return [];
    const hint = key === 'labels' ? 'the fields of `group_by` are labels already' : 'texts with values go into `message.text`';
    return [findingAt(rule, 'rule/plain-template', key, `${what} is shown as it is written, braces and all`, hint)];
  });
}
