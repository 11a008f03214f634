import type { RuleId } from '../core/ids.ts';
import type { StoreAnswer } from '../core/stored.ts';
import { sourceOf } from '../cycle/rule-document.ts';
import { held, remember, type Session, withoutConfirmed } from '../cycle/session.ts';
import type { Owing } from '../notifications/hand-on.ts';
import type { TurnPorts } from './turn-ports.ts';

/** What a rule document owes. */
export type Owed = Owing;

const RULES_A_SWEEP = 500;

/**
 * Finds rule documents that owe something, whoever wrote them: after a crash between saving and handing on, nobody else would. The search
 * only finds work; what is owed is read by id.
 */
export async function owedDocuments(ports: TurnPorts): Promise<StoreAnswer<readonly Owed[]>> {
  const found = await ports.states.owing(RULES_A_SWEEP);
  if (!found.ok) return found;
  const open = found.value.filter((id) => !allConfirmed(ports.session, id));
  if (open.length === 0) return { ok: true, value: [] };
  const loaded = await ports.states.load(open, held(ports.session, open));
  if (!loaded.ok) return loaded;
  remember(ports.session, open, loaded.value);
  const owed = [...loaded.value.values()].flatMap(({ document }): readonly Owed[] =>
    document.owed.length === 0 ? [] : [{ source: sourceOf(document), rule: document.rule, owed: document.owed }],
  );
  return { ok: true, value: owed };
}

/** Notes which entries every target has confirmed; the rule's next write clears them. */
export function settleConfirmed(session: Session, confirmed: ReadonlyMap<RuleId, readonly number[]>): void {
  for (const [rule, numbers] of confirmed) {
    const known = session.rules.get(rule);
    for (const n of numbers) known?.confirmed.add(n);
  }
}

function allConfirmed(session: Session, rule: RuleId): boolean {
  const known = session.rules.get(rule);
  if (known?.stored === undefined) return false;
  return known.stored.document.owed.every((entry) => known.confirmed.has(entry.n));
}

/** Clears what was confirmed of rules that nobody judges any more, in a fenced write of their own; gives how many were written. */
export async function clearUnjudged(ports: TurnPorts): Promise<number> {
  const writes = [...ports.session.rules].flatMap(([id, known]) => {
    if (known.stored === undefined || known.confirmed.size === 0 || ports.rules.get(id)?.enabled === true) return [];
    const document = withoutConfirmed(known.stored.document, known.confirmed);
    return document === known.stored.document ? [] : [{ id, document, version: known.stored.version }];
  });
  if (writes.length === 0) return 0;
  const results = await ports.states.save(writes);
  for (const write of writes) ports.session.rules.delete(write.id);
  return results.filter((result) => result.kind === 'saved').length;
}
