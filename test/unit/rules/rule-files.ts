import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem } from '../../../src/core/problems.ts';
import type { RuleContext } from '../../../src/rules/compile-rule.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import type { Rule } from '../../../src/rules/rule.ts';

/** Compiles one text as `rule.yaml`, the receivers todo and ops being configured. */
export function compileText(text: string, context: RuleContext = { receivers: ['todo', 'ops'] }) {
  return compileRules([{ file: 'rule.yaml', text }], context);
}

/** The lines that `tocsin check` prints for a text, without the file's name. */
export function linesOf(text: string): readonly string[] {
  return compileText(text).problems.map((problem) => formatProblem(problem).replace(/^rule\.yaml:/, ''));
}

/** The one rule of a text that must be right. */
export function ruleOf(text: string): Rule {
  const { rules, problems } = compileText(text);
  const [rule] = rules;
  if (rule === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  return rule;
}

/** A frequency rule with more lines. */
export function frequency(...lines: readonly string[]): string {
  return ['name: sample', 'type: frequency', 'index: logs-*', 'condition: count > 5', ...lines, ''].join('\n');
}

/** The rule files of a folder of this repository and of the folders below it, by name. */
export function filesIn(folder: string): readonly { readonly file: string; readonly text: string }[] {
  const root = join(import.meta.dirname, '../../..', folder);
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'),
  );
  return names.sort().map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}
