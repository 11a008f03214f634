import { silenceNote } from '../engine/alert-list/suppressed-by.ts';
import { newSession } from '../engine/session.ts';
import { suppressionNow } from '../engine/suppression-now.ts';
import { readWhatFires } from '../engine/what-fires.ts';
import type { RuleStates } from '../evaluation/rule-states.ts';
import type { Silences } from '../notify/silences.ts';
import { type SuppressionSubject, silenceOf } from '../notify/suppression.ts';
import type { Routing } from '../routing/route.ts';
import type { Rule } from '../rules/rule.ts';

/** What is read to say what suppresses an alert. */
export interface SuppressionStores {
  readonly silences: Pick<Silences, 'list'>;
  readonly states: RuleStates;
}

/**
 * Reads what suppresses alerts now; gives what suppresses one, in words for people, or undefined. What cannot be read suppresses nothing here: this
 * is for stories, and decides nothing.
 */
export async function suppressionTexts(
  { silences, states }: SuppressionStores,
  { now, rules, routing }: { readonly now: number; readonly rules: readonly Rule[]; readonly routing: Routing },
): Promise<(alert: SuppressionSubject) => string | undefined> {
  const session = newSession();
  const ports = { states, session, rules: new Map(rules.map((rule) => [rule.id, rule])), routing };
  const read = await silences.list(now);
  const known = read.ok ? read.value : [];
  session.silences = known;
  await readWhatFires(now, ports);
  const suppression = suppressionNow(now, ports);
  return (alert) => {
    const why = suppression?.(alert);
    const silence = why === undefined ? undefined : silenceOf(why, known);
    return silence === undefined ? why : silenceNote(silence);
  };
}
