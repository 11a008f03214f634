import type { RuleId } from '../core/ids.ts';
import { readApart } from '../core/read-apart.ts';
import type { StoreAnswer, Versioned } from '../core/stored.ts';
import type { Duration, Instant } from '../core/time.ts';
import { endAll } from '../cycle/apply-window.ts';
import type { RuleDocument } from '../cycle/rule-states.ts';
import { HEALTH_RULE_ID } from './health.ts';
import type { TurnPorts } from './turn-ports.ts';

/** A rule without a checkpoint for this long, and for ten times its `every`, is gone, ms. */
export const REMOVED_AFTER: Duration = 600_000;

const INTERVALS = 10;
const PAGE = 500;

/**
 * Ends the alerts of rules that have a document and are not loaded, with the reason `rule_removed`; the next sweep tells who was told of
 * them. The document is shrunk, not deleted: its numbers must never be used again. To be called only while every rule file loads, for the
 * rules that `judges` says are this replica's; gives those whose documents were written, and in `unreadable` those that are invalid.
 */
export async function removeRules(
  now: Instant,
  ports: Pick<TurnPorts, 'states' | 'rules' | 'session'>,
  judges: (rule: RuleId) => boolean = () => true,
): Promise<StoreAnswer<readonly RuleId[]>> {
  const removed: RuleId[] = [];
  const unreadable = new Map<RuleId, string>();
  let after: RuleId | undefined;
  do {
    const listed = await ports.states.list(PAGE, after);
    if (!listed.ok) return listed;
    const unknown = listed.value.filter((id) => id !== HEALTH_RULE_ID && !ports.rules.has(id) && judges(id));
    const ended = await endRules(unknown, now, ports);
    if (!ended.ok) return ended;
    removed.push(...ended.value);
    for (const [id, problem] of ended.unreadable ?? []) unreadable.set(id, problem);
    after = listed.value.length < PAGE ? undefined : listed.value.at(-1);
  } while (after !== undefined);
  return unreadable.size === 0 ? { ok: true, value: removed } : { ok: true, value: removed, unreadable };
}

async function endRules(
  ids: readonly RuleId[],
  now: Instant,
  ports: Pick<TurnPorts, 'states' | 'session'>,
): Promise<StoreAnswer<readonly RuleId[]>> {
  if (ids.length === 0) return { ok: true, value: [] };
  const loaded = await readApart(ids, (some) => ports.states.load(some, new Map()));
  if (!loaded.ok) return loaded;
  const { found, unreadable } = loaded.value;
  const gone = [...found].filter(([, { document }]) => isGone(document, now));
  if (gone.length === 0) return { ok: true, value: [], unreadable };
  const writes = gone.map(([id, { document, version }]: [RuleId, Versioned<RuleDocument>]) => ({
    id,
    document: shrunk(document, now),
    version,
  }));
  const results = await ports.states.save(writes);
  for (const { id } of writes) ports.session.rules.delete(id);
  const value = writes.flatMap(({ id }, index) => (results[index]?.kind === 'saved' ? [id] : []));
  return { ok: true, value, unreadable };
}

/** A replica that was not reloaded yet still checkpoints a rule, or that it fails: only long silence means that nobody has it. */
export function isGone(document: RuleDocument, now: Instant): boolean {
  const silence = Math.max(REMOVED_AFTER, INTERVALS * document.every);
  if (now - Math.max(document.judged_through, document.health.tried_at ?? 0) <= silence) return false;
  const { alerts, past = {} } = document;
  return document.removed !== true || Object.keys(alerts).length + Object.keys(past).length > 0;
}

function shrunk(document: RuleDocument, now: Instant): RuleDocument {
  return { ...endAll(document, now, 'rule_removed'), memory: null, health: { failures: 0 }, removed: true };
}
