import { chunked } from '../../core/chunked.ts';
import type { RuleId } from '../../core/ids.ts';
import { readApart } from '../../core/read-apart.ts';
import type { Instant } from '../../core/time.ts';
import { held, remember } from '../../evaluation/session.ts';
import type { Rule } from '../../rules/rule.ts';
import type { TurnPorts } from '../turn-ports.ts';

/** Read at once. */
const PAGE = 500;

/**
 * Notes in memory that rules are paused from `now` on, as soon as their files say so: a pause that is shorter than the time until it is saved
 * counts all the same, and is saved with an orderly stop.
 */
export function pauseInMemory(now: Instant, { rules, session }: Pick<TurnPorts, 'rules' | 'session'>): void {
  for (const { id } of paused(rules)) {
    const known = session.rules.get(id);
    if (known?.current === undefined || known.current.paused !== undefined) continue;
    // Whatever was evaluated and not saved is kept, and one more thing to save it for.
    session.rules.set(id, { ...known, current: { ...known.current, paused: now }, unsaved: known.unsaved + 1 });
  }
}

/**
 * Saves that rules are paused, so that whichever process evaluates them next does not evaluate the windows of the pause. To be called now and
 * then, for the rules that `evaluates` says are this replica's. Gives why it could not be done; what failed is done at the next call.
 */
export async function savePauses(
  now: Instant,
  ports: Pick<TurnPorts, 'rules' | 'session' | 'states'>,
  evaluates: (rule: RuleId) => boolean,
): Promise<string | undefined> {
  const { session, states, rules } = ports;
  const here = paused(rules).filter(({ id }) => evaluates(id));
  const known = new Set(here.flatMap(({ id }) => (session.pauseSaved.has(id) ? [id] : [])));
  session.pauseSaved = known;
  const news = here.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  let problem: string | undefined;
  for (const ids of chunked(news, PAGE)) {
    const loaded = await readApart(ids, (some) => states.load(some, held(session, some)));
    if (!loaded.ok) return loaded.message;
    const readable = ids.filter((id) => !loaded.value.unreadable.has(id));
    remember(session, readable, loaded.value.found);
    const writes = readable.flatMap((id) => {
      const { stored, current } = session.rules.get(id) ?? {};
      if (stored === undefined || stored.document.paused !== undefined) known.add(id);
      else
        return [{ id, document: { ...(current ?? stored.document), paused: current?.paused ?? now }, version: stored.version }];
      return [];
    });
    if (writes.length === 0) continue;
    const results = await states.save(writes);
    for (const [index, { id }] of writes.entries()) {
      const result = results[index];
      session.rules.delete(id);
      if (result?.kind === 'saved') known.add(id);
      else problem ??= result !== undefined && 'message' in result ? result.message : 'another replica wrote first';
    }
  }
  return problem;
}

function paused(rules: ReadonlyMap<RuleId, Rule>): readonly Rule[] {
  return [...rules.values()].filter(({ enabled }) => !enabled);
}
