import type { Variables } from '../conditions/variables.ts';
import { own } from '../core/record.ts';
import { compileTemplate } from '../templates/compile.ts';
import { foreignPlace } from '../templates/foreign.ts';
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

const EVIDENCE_MEMBERS = ['documents', 'top', 'trace_ids', 'logs'];

/** Compiles the Liquid texts of `message`; an unknown name or a broken text is an error at its character. */
export function readMessage(message: CommonKeys['message'], ground: TemplateGround, complaints: Complaints): Rule['message'] {
  const names = templateNames(ground.variables);
  const labels = [...new Set(['alertname', 'severity', ...ground.labels, ...ground.groupBy])];
  const members = { group: ground.groupBy, labels, values: Object.keys(ground.variables), evidence: EVIDENCE_MEMBERS };
  const texts = ['title', 'text', 'runbook', 'resolved_title', 'resolved_text'] as const;
  const templates = texts.flatMap((key): readonly (readonly [string, Template])[] => {
    const text = message?.[key];
    if (text === undefined) return [];
    const compiled = compileTemplate(text, names, members);
    if (compiled.ok) adviseOnFormats(text, names, key, complaints);
    if (compiled.ok) return [[own(MEMBERS, key) ?? key, compiled.template]];
    complaints.errorInText('rule/template', ['message', key], compiled.offset, compiled.message, compiled.hint);
    return [];
  });
  checkRunbook(message?.runbook, complaints);
  return Object.fromEntries(templates);
}

function adviseOnFormats(text: string, names: readonly string[], key: string, complaints: Complaints): void {
  const foreign = foreignPlace(text, names);
  if (foreign !== undefined) complaints.warning('rule/not-liquid', ['message', key], foreign.message, foreign.hint);
}

function checkRunbook(runbook: string | undefined, complaints: Complaints): void {
  if (runbook === undefined || /^\s*(?:https?:\/\/|\{[{%])/i.test(runbook)) return;
  complaints.error('rule/invalid', ['message', 'runbook'], 'expected a URL that starts with https:// or http://');
}
