import { hashId } from '../../core/ids.ts';
import { knownDocument } from '../../evaluation/session.ts';
import type { Notified } from '../../notify/delivery-ports.ts';
import type { Rule } from '../../rules/rule.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { HEALTH_RULE_ID } from './health-rule.ts';

/** Kind of the health alerts about a rule's own texts. */
export const TEXTS_KIND = 'template';
/** The label that says which texts of the rule failed. */
export const TEXTS_LABEL = 'texts';

/** A rule whose own texts failed on an alert, or whose problem with them has ended. */
export interface TextsFinding {
  readonly rule: string;
  readonly problem: string | undefined;
}

/** What messages say of the texts of their rules: those that failed, and those that did well again. */
export function textsOfMessages(
  notified: readonly Notified[],
  { session, rules }: Pick<TurnPorts, 'session' | 'rules'>,
): readonly TextsFinding[] {
  const living = livingTexts(session);
  const last = new Map(notified.flatMap(({ texts }) => texts.map((one) => [one.rule, one.problem] as const)));
  return [...last].flatMap(([rule, problem]) =>
    rules.has(rule) && (problem !== undefined || living.has(rule)) ? [{ rule, problem }] : [],
  );
}

/** Rules that have other texts now than those that failed: no message may ever say that the problem has ended. */
export function textsChanged({ session, rules }: Pick<TurnPorts, 'session' | 'rules'>): readonly TextsFinding[] {
  return [...livingTexts(session)].flatMap(([id, failed]) => {
    const rule = rules.get(id);
    return rule === undefined || versionOfTexts(rule) === failed ? [] : [{ rule: id, problem: undefined }];
  });
}

/** Distinguishes the texts of a rule from earlier ones. */
export function versionOfTexts({ message }: Pick<Rule, 'message'>): string {
  const { title, text, runbook, resolvedTitle, resolvedText } = message;
  const sources = [title, text, runbook, resolvedTitle, resolvedText].map((template) => template?.source ?? null);
  return hashId('texts', ...sources).slice(0, 8);
}

/** By rule, which version of its texts failed. */
function livingTexts(session: TurnPorts['session']): ReadonlyMap<string, string> {
  const living = Object.values(knownDocument(session, HEALTH_RULE_ID)?.alerts ?? {});
  return new Map(
    living.flatMap(({ group, labels }) =>
      group['kind'] === TEXTS_KIND ? [[group['subject'] ?? '', labels?.[TEXTS_LABEL] ?? ''] as const] : [],
    ),
  );
}
