import { iso } from '../core/time.ts';
import type { Markup } from '../templates/markup.ts';
import type { Scope, Template } from '../templates/template.ts';
import type { KnownRule } from './known-rule.ts';
import { mentionsIn } from './mentions-in.ts';
import type { MessageAlert } from './message.ts';

/** What a rule says of several of its alerts together. */
export interface GroupTexts {
  readonly title?: string;
  readonly text?: string;
  readonly markup?: Markup;
  /** Remarks on texts that failed. */
  readonly notes: readonly string[];
}

/** What the texts see besides the alerts that the message lists. */
export interface GroupFacts {
  readonly firing: number;
  readonly resolved: number;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly timezone: string;
}

/** Renders the texts that a rule has for a message about several of its alerts; those that fail leave the message as it is without them. */
export function groupTexts(rule: KnownRule, alerts: readonly MessageAlert[], facts: GroupFacts): GroupTexts {
  const { groupTitle, groupText } = rule.message;
  const notes: string[] = [];
  const scope = { ...facts, rule: rule.name, description: rule.description ?? '', alerts: alerts.map(alertScope) };
  const failed = (part: string, message: string) =>
    notes.push(`${rule.name}: the template of message.${part} failed (${message}); the default is shown`);
  const scopeFor = (template: Template): Scope => ({ ...scope, mention: mentionsIn(template) });
  const title = groupTitle?.render(scopeFor(groupTitle));
  const text = groupText?.renderMarkup?.(scopeFor(groupText));
  if (title?.ok === false) failed('group_title', title.message);
  if (text?.ok === false) failed('group_text', text.message);
  return {
    ...(title?.ok === true && title.text.trim() !== '' && { title: title.text.replace(/\s+/g, ' ').trim() }),
    ...(text?.ok === true && text.text.trim() !== '' && { text: text.text, ...(text.markup && { markup: text.markup }) }),
    notes,
  };
}

function alertScope(alert: MessageAlert): Scope {
  const { title, text = '', group, labels, values, severity, status, measured, startedAt, endedAt } = alert;
  return {
    ...{ title, text, group, labels, values, severity, status },
    measured: measured?.value,
    limit: measured?.limit,
    started: iso(startedAt),
    ended: endedAt === undefined ? undefined : iso(endedAt),
  };
}
