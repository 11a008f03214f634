import type { LabelPolicy, LengthPolicy, LintPolicy, PatternPolicy } from '../config/lint.ts';
import { formatDuration } from '../core/duration.ts';
import { nearest } from '../core/nearest.ts';
import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { usualInterval } from '../core/schedule.ts';
import { SEVERITY_WORDS, severityTier } from '../core/severity.ts';
import type { Duration } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import { findingAt } from './finding.ts';

/** A Monday: findings about a schedule must not depend on the day of the check. */
const MONDAY = Date.UTC(2026, 0, 5);

/** Checks one rule against the policy; `tested`: whether a rule test names its file, undefined if unknown. */
export function policyFindings(rule: Rule, policy: LintPolicy, tested: boolean | undefined): readonly Problem[] {
  return [
    ...nameFindings(rule, policy.name),
    ...requiredFindings(rule, policy, tested),
    ...ownerFindings(rule, policy.owner),
    ...Object.entries(policy.labels).flatMap(([name, label]) => labelFindings(rule, name, label)),
    ...severityFindings(rule, policy.severities),
    ...lengthFindings(rule, 'every', usualInterval(rule.schedule, MONDAY), policy.every),
    ...lengthFindings(rule, 'window', rule.window, policy.window),
  ];
}

function nameFindings(rule: Rule, pattern: PatternPolicy | undefined): readonly Problem[] {
  if (pattern === undefined || pattern.regex.matches(rule.name) === true) return [];
  const message = `the name ${JSON.stringify(rule.name)} does not match ${pattern.text}`;
  return [findingAt(rule, 'policy/name', 'name', message, 'rename it, and set `id` to the old name to keep its alerts')];
}

function requiredFindings(rule: Rule, { require }: LintPolicy, tested: boolean | undefined): readonly Problem[] {
  const lacks = {
    description: rule.description === undefined,
    runbook: rule.message.runbook === undefined,
    test: tested === false,
  };
  const hints = {
    description: 'add `description`: what the rule watches, for the people who are notified',
    runbook: 'add message: { runbook: https://… }, with instructions',
    test: 'add NAME.test.yaml beside it, for `tocsin test`',
  };
  const said = {
    description: ['policy/description', 'the rule has no `description`'],
    runbook: ['policy/runbook', 'the rule has no `message.runbook`'],
    test: ['policy/test', 'no rule test names the file of this rule'],
  } as const;
  return require.flatMap((what) => {
    const [code, message] = said[what];
    return lacks[what] ? [findingAt(rule, code, what === 'runbook' ? 'message' : 'name', message, hints[what])] : [];
  });
}

function ownerFindings(rule: Rule, owner: readonly string[]): readonly Problem[] {
  if (owner.length === 0 || owner.some((name) => hasLabel(rule, name))) return [];
  const message = `no owner: the rule has no label ${owner.map((name) => `\`${name}\``).join(' or ')}`;
  return [findingAt(rule, 'policy/owner', 'labels', message, `labels: { ${owner[0]}: … }`)];
}

function labelFindings(rule: Rule, name: string, { required, values, pattern }: LabelPolicy): readonly Problem[] {
  const finding = (message: string, hint: string) => [findingAt(rule, 'policy/label', 'labels', message, hint)];
  if (!hasLabel(rule, name)) {
    const hint = values === undefined ? `labels: { ${name}: … }` : `labels: { ${name}: … }, one of ${values.join(', ')}`;
    return required ? finding(`the label \`${name}\` is missing`, hint) : [];
  }
  const value = own(rule.labels, name);
  // The value of a field is unknown before documents arrive.
  if (value === undefined) return [];
  if (values !== undefined && !values.includes(value)) {
    return finding(`the label \`${name}\` is ${JSON.stringify(value)}, which is not allowed`, chosen(value, values));
  }
  if (pattern === undefined || pattern.regex.matches(value) === true) return [];
  return finding(`the label \`${name}\` is ${JSON.stringify(value)} and does not match ${pattern.text}`, 'change the value');
}

function hasLabel(rule: Rule, name: string): boolean {
  return Object.hasOwn(rule.labels, name) || rule.groupBy.includes(name) || (name === 'severity' && rule.leveled);
}

function severityFindings(rule: Rule, allowed: readonly string[] | undefined): readonly Problem[] {
  if (allowed === undefined) return rule.levels.flatMap(({ severity }) => misspeltSeverity(rule, severity));
  return rule.levels.flatMap(({ severity }) => {
    if (allowed.includes(severity)) return [];
    const message = `the severity ${JSON.stringify(severity)} is not allowed`;
    return [findingAt(rule, 'policy/severity', rule.leveled ? 'levels' : 'labels', message, chosen(severity, allowed))];
  });
}

/** A name of one's own is fine; one that is nearly a known name weighs as none of them. */
function misspeltSeverity(rule: Rule, severity: string): readonly Problem[] {
  const near = severityTier(severity) === undefined ? nearest(severity.toLowerCase(), SEVERITY_WORDS) : undefined;
  if (near === undefined) return [];
  const message = `the severity ${JSON.stringify(severity)} is unknown, and ranks just above warning`;
  return [findingAt(rule, 'rule/severity', rule.leveled ? 'levels' : 'labels', message, `did you mean ${JSON.stringify(near)}?`)];
}

function chosen(value: string, allowed: readonly string[]): string {
  const near = nearest(value, allowed);
  return near === undefined ? `use one of ${allowed.join(', ')}` : `did you mean ${JSON.stringify(near)}?`;
}

const LENGTHS = { every: 'policy/every', window: 'policy/window' } as const;

function lengthFindings(rule: Rule, key: 'every' | 'window', length: Duration, policy?: LengthPolicy): readonly Problem[] {
  const { min, max } = policy ?? {};
  const place = key === 'every' && rule.schedule.kind === 'cron' ? 'schedule' : key;
  const is = `\`${key}\` is ${formatDuration(length)}`;
  const finding = (message: string, hint: string) => [findingAt(rule, LENGTHS[key], place, message, hint)];
  if (min !== undefined && length < min)
    return finding(`${is}, but the minimum is ${formatDuration(min)}`, `${key}: ${formatDuration(min)} or more`);
  if (max !== undefined && length > max)
    return finding(`${is}, but the maximum is ${formatDuration(max)}`, `${key}: ${formatDuration(max)} or less`);
  return [];
}
