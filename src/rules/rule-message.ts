import type { Variables } from '../conditions/condition.ts';
import { own } from '../core/record.ts';
import { isTimeZone } from '../core/schedule.ts';
import { compileTemplate } from '../templates/compile.ts';
import { foreignPlace } from '../templates/foreign.ts';
import { firstHidden } from '../templates/hidden-names.ts';
import { expandPartials } from '../templates/partials.ts';
import type { Template } from '../templates/template.ts';
import { GROUP_NAMES, templateNames } from '../templates/template.ts';
import type { Complaints } from '../yaml/complaints.ts';
import type { CommonKeys } from './common-keys.ts';
import type { Rule } from './rule.ts';

/** What templates may refer to beside the fixed names: the type's variables, the group's fields and the alert's labels. */
export interface TemplateGround {
  readonly variables: Variables;
  readonly groupBy: readonly string[];
  readonly labels: readonly string[];
  readonly partials: Readonly<Record<string, string>>;
}

/** Keys of `message` that rules know under another name. */
const MEMBERS: Readonly<Record<string, string>> = {
  resolved_title: 'resolvedTitle',
  resolved_text: 'resolvedText',
  group_title: 'groupTitle',
  group_text: 'groupText',
};

/** Members of texts and numbers. */
const NO_MEMBERS: readonly string[] = [];
/** What has members that the rule does not say. */
const OPEN: ReadonlySet<string> = new Set(['document', 'mention']);
const EVIDENCE_MEMBERS = ['documents', 'top', 'trace_ids', 'logs'];

/** Compiles the Liquid texts of `message`; an unknown or hidden name or a broken text is an error at its character. */
export function readMessage(message: CommonKeys['message'], ground: TemplateGround, complaints: Complaints): Rule['message'] {
  const names = templateNames(ground.variables);
  const labels = [...new Set(['alertname', 'severity', ...ground.labels, ...ground.groupBy])];
  const objects = { group: ground.groupBy, labels, values: Object.keys(ground.variables), evidence: EVIDENCE_MEMBERS };
  const plain = names.filter((name) => !OPEN.has(name));
  const members = { ...Object.fromEntries(plain.map((name) => [name, NO_MEMBERS])), ...objects };
  const known = { names, members, ground, complaints };
  const texts = ['title', 'text', 'runbook', 'resolved_title', 'resolved_text'] as const;
  const templates = texts.flatMap((key): readonly (readonly [string, Template])[] => {
    const template = readTemplate(message?.[key], ['message', key], known);
    return template === undefined ? [] : [[own(MEMBERS, key) ?? key, template]];
  });
  const several = { ...known, names: GROUP_NAMES, members: {} };
  const together = (['group_title', 'group_text'] as const).flatMap((key): readonly (readonly [string, Template])[] => {
    const template = readTemplate(message?.[key], ['message', key], several);
    return template === undefined ? [] : [[own(MEMBERS, key) ?? key, template]];
  });
  const links = Object.entries(message?.links ?? {}).flatMap(([label, text]) => {
    const path = ['message', 'links', label];
    checkAddress(text, path, complaints);
    const url = readTemplate(text, path, known);
    return url === undefined ? [] : [{ label, url }];
  });
  checkAddress(message?.runbook, ['message', 'runbook'], complaints);
  checkTimeZone(message?.timezone, complaints);
  return {
    ...Object.fromEntries([...templates, ...together]),
    ...(links.length > 0 && { links }),
    ...(message?.chart === false && { chart: false }),
  };
}

/** What every text of a rule is held against. */
interface Known {
  readonly names: readonly string[];
  readonly members: Readonly<Record<string, readonly string[]>>;
  readonly ground: TemplateGround;
  readonly complaints: Complaints;
}

function readTemplate(text: string | undefined, path: readonly string[], known: Known): Template | undefined {
  const { names, members, ground, complaints } = known;
  if (text === undefined) return undefined;
  const expanded = expandPartials(text, ground.partials);
  if (!expanded.ok) {
    complaints.errorInText('rule/template', path, expanded.offset, expanded.message, expanded.hint);
    return undefined;
  }
  const compiled = compileTemplate(expanded.text, names, members);
  if (compiled.ok) {
    adviseOnFormats(text, names, path, complaints);
    if (names !== GROUP_NAMES) checkHidden(text, path, ground, complaints);
    return compiled.template;
  }
  const { offset, partial } = expanded.placeOf(compiled.offset);
  const message = partial === undefined ? compiled.message : `in the partial \`${partial}\`: ${compiled.message}`;
  complaints.errorInText('rule/template', path, offset, message, compiled.hint);
  return undefined;
}

const NAME_OF_ALL = 'a name defined for every message';

/** A variable that a template cannot mean by its name is an error; a field or label is never meant by its name alone, so that is a warning. */
function checkHidden(text: string, path: readonly string[], ground: TemplateGround, complaints: Complaints): void {
  const variable = firstHidden(text, Object.keys(ground.variables));
  if (variable !== undefined) {
    const { name, by, offset } = variable;
    const shown = by === 'fixed' ? NAME_OF_ALL : 'a keyword of Liquid';
    const message = `\`${name}\` is ${shown} and hides the value \`${name}\` that the rule measures`;
    complaints.errorInText('rule/template', path, offset, message, `write values.${name}, or rename the value`);
    return;
  }
  const labels = ground.labels.filter((label) => label !== 'severity');
  const hidden = firstHidden(text, [...ground.groupBy, ...labels]);
  if (hidden === undefined || hidden.by === 'liquid') return;
  const { name } = hidden;
  const [what, written] = ground.groupBy.includes(name) ? ['field', `group['${name}']`] : ['label', `labels.${name}`];
  const message = `\`${name}\` is ${NAME_OF_ALL}, not the ${what} \`${name}\` of this rule`;
  complaints.warning('rule/hidden-name', path, message, `write {{ ${written} }} if you mean the ${what}`);
}

function adviseOnFormats(text: string, names: readonly string[], path: readonly string[], complaints: Complaints): void {
  const foreign = foreignPlace(text, names);
  if (foreign !== undefined) complaints.warning('rule/not-liquid', path, foreign.message, foreign.hint);
}

function checkTimeZone(timezone: string | undefined, complaints: Complaints): void {
  if (timezone === undefined || isTimeZone(timezone)) return;
  const message = `unknown time zone \`${timezone}\``;
  complaints.error('rule/invalid', ['message', 'timezone'], message, 'an IANA name such as Europe/Berlin');
}

function checkAddress(text: string | undefined, path: readonly string[], complaints: Complaints): void {
  if (text === undefined || /^\s*(?:https?:\/\/|\{[{%])/i.test(text)) return;
  complaints.error('rule/invalid', path, 'expected a URL that starts with https:// or http://');
}
