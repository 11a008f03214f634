import type { Variables } from '../conditions/variables.ts';
import { own } from '../core/record.ts';
import { compileTemplate } from '../templates/compile.ts';
import { foreignPlace } from '../templates/foreign.ts';
import { firstHidden } from '../templates/hidden-names.ts';
import type { Template } from '../templates/template.ts';
import { templateNames } from '../templates/template.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { CommonKeys } from './common-keys.ts';
import type { Rule } from './rule.ts';

/** What templates may speak of beside the fixed names: the type's variables, the group's fields and the alert's labels. */
export interface TemplateGround {
  readonly variables: Variables;
  readonly groupBy: readonly string[];
  readonly labels: readonly string[];
}

/** Keys of `message` that rules know under another name. */
const MEMBERS: Readonly<Record<string, string>> = { resolved_title: 'resolvedTitle', resolved_text: 'resolvedText' };

/** Members of texts and numbers. */
const NO_MEMBERS: readonly string[] = [];
const EVIDENCE_MEMBERS = ['documents', 'top', 'trace_ids', 'logs'];

/** Compiles the Liquid texts of `message`; an unknown or hidden name or a broken text is an error at its character. */
export function readMessage(message: CommonKeys['message'], ground: TemplateGround, complaints: Complaints): Rule['message'] {
  const names = templateNames(ground.variables);
  const labels = [...new Set(['alertname', 'severity', ...ground.labels, ...ground.groupBy])];
  const objects = { group: ground.groupBy, labels, values: Object.keys(ground.variables), evidence: EVIDENCE_MEMBERS };
  const members = { ...Object.fromEntries(names.map((name) => [name, NO_MEMBERS])), ...objects };
  const texts = ['title', 'text', 'runbook', 'resolved_title', 'resolved_text'] as const;
  const templates = texts.flatMap((key): readonly (readonly [string, Template])[] => {
    const text = message?.[key];
    if (text === undefined) return [];
    const compiled = compileTemplate(text, names, members);
    if (compiled.ok) {
      adviseOnFormats(text, names, key, complaints);
      checkHidden(text, key, ground, complaints);
      return [[own(MEMBERS, key) ?? key, compiled.template]];
    }
    complaints.errorInText('rule/template', ['message', key], compiled.offset, compiled.message, compiled.hint);
    return [];
  });
  checkRunbook(message?.runbook, complaints);
  return Object.fromEntries(templates);
}

const NAME_OF_ALL = 'a name that every message has';

/** A variable that a template cannot mean by its name is an error; a field or label is never meant by its name alone, so that is a warning. */
function checkHidden(text: string, key: string, ground: TemplateGround, complaints: Complaints): void {
  const path = ['message', key];
  const variable = firstHidden(text, Object.keys(ground.variables));
  if (variable !== undefined) {
    const { name, by, offset } = variable;
    const shown = by === 'fixed' ? NAME_OF_ALL : 'a word of Liquid';
    const message = `\`${name}\` is ${shown} and hides the value \`${name}\` that the rule measures`;
    complaints.errorInText('rule/template', path, offset, message, `write values.${name}, or give the value another name`);
    return;
  }
  const labels = ground.labels.filter((label) => label !== 'severity');
  const hidden = firstHidden(text, [...ground.groupBy, ...labels]);
  if (hidden === undefined || hidden.by === 'liquid') return;
  const { name } = hidden;
  const [what, written] = ground.groupBy.includes(name) ? ['field', `group['${name}']`] : ['label', `labels.${name}`];
  const message = `\`${name}\` is ${NAME_OF_ALL}, not the ${what} \`${name}\` of this rule`;
  complaints.warning('rule/hidden-name', path, message, `write {{ ${written} }} if the ${what} is meant`);
}

function adviseOnFormats(text: string, names: readonly string[], key: string, complaints: Complaints): void {
  const foreign = foreignPlace(text, names);
  if (foreign !== undefined) complaints.warning('rule/not-liquid', ['message', key], foreign.message, foreign.hint);
}

function checkRunbook(runbook: string | undefined, complaints: Complaints): void {
  if (runbook === undefined || /^\s*(?:https?:\/\/|\{[{%])/i.test(runbook)) return;
  complaints.error('rule/invalid', ['message', 'runbook'], 'expected a URL that starts with https:// or http://');
}
