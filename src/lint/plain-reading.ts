import { formatDuration } from '../core/duration.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { type Duration, SECOND } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { findingAt } from './finding.ts';

/** How often an index is refreshed unless its settings say otherwise: searches do not find younger documents. */
const USUAL_REFRESH: Duration = SECOND;

/** Findings about a single rule that loads. */
export function plainFindings(rule: Rule): readonly Problem[] {
  return [...delayFindings(rule), ...templateFindings(rule)];
}

/** `late` of `match` rules and `revisit` search a window again. */
function delayFindings(rule: Rule): readonly Problem[] {
  const isLookedAtAgain = rule.revisit !== undefined || rule.type === 'match';
  if (rule.delay >= USUAL_REFRESH || isLookedAtAgain || own(rule.places, 'delay') === undefined) return [];
  const message = `with a \`delay\` of ${formatDuration(rule.delay)}, searches miss the newest documents: an index is refreshed every ${formatDuration(USUAL_REFRESH)} unless its settings say otherwise`;
  return [findingAt(rule, 'rule/short-delay', 'delay', message, 'set delay: 30s, or `revisit` to evaluate a window again')];
}

function templateFindings(rule: Rule): readonly Problem[] {
  const texts = [
    ...Object.entries(rule.labels).map(([name, text]) => ({ key: 'labels', what: `the label \`${name}\``, text })),
    ...(rule.description === undefined ? [] : [{ key: 'description', what: '`description`', text: rule.description }]),
  ];
  return texts.flatMap(({ key, what, text }) => {
    if (!/\{\{.*?\}\}|\{%.*?%\}/s.test(text)) return [];
    const hint =
      key === 'labels'
        ? 'remove the braces: fields of `group_by` are labels already'
        : 'move texts with values to `message.text`';
    return [findingAt(rule, 'rule/plain-template', key, `${what} is not a template: its braces are shown as they are`, hint)];
  });
}
