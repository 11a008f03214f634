import type { RuleId } from '../../core/ids.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { endAll } from '../../evaluation/apply-window.ts';
import { closeOutage } from '../../evaluation/outage/outage.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { isKnownDeleted } from '../known-deleted.ts';
import { HEALTH_RULE_ID } from '../self-monitoring/health-rule.ts';
import type { TurnPorts } from '../turn-ports.ts';

/** Where a rule is loaded, as far as the living replicas say: `perhaps`: one of them has other rules; `unknown`: one of them does not say. */
export type WhereLoaded = 'nowhere' | 'perhaps' | 'unknown';

/** How it is decided that a rule no longer exists. */
export interface RuleRemoval {
  readonly whereLoaded: (rule: RuleId) => WhereLoaded;
  /** How long no living replica must have had it loaded, ms. */
  readonly after: Duration;
}

/** How long no living replica must have had a rule loaded, unless configured, ms. */
const REMOVED_AFTER: Duration = 120_000;

/** A rule not evaluated for this long, and for ten times its `every`, counts as removed even if not all replicas publish their rules, ms. */
const UNSEEN_AFTER: Duration = 600_000;

const INTERVALS = 10;
const PAGE = 500;
/** It is looked at once a minute. What was not seen for longer than this, ms, may have been otherwise in between: it is counted again. */
const SEEN_WITHIN: Duration = 150_000;

const NOT_SAID: RuleRemoval = { whereLoaded: () => 'unknown', after: REMOVED_AFTER };

/**
 * Ends the alerts of rules that have a document and that no replica has loaded any more, with the reason `rule_removed`; the next sweep notifies
 * their receivers. The document is shrunk, not deleted: its numbers must never be used again. The time since when it is not loaded is noted
 * in the document, so that a restart begins nothing again. A rule that a file that does not load may have stays. Only rules that `evaluates` says
 * are this replica's; gives those whose alerts were ended, and in `unreadable` those whose documents are invalid.
 */
export async function removeRules(
  now: Instant,
  ports: Pick<TurnPorts, 'states' | 'rules' | 'session' | 'failures' | 'inBrokenFiles'>,
  evaluates: (rule: RuleId) => boolean = () => true,
  removal: RuleRemoval = NOT_SAID,
): Promise<StoreAnswer<readonly RuleId[]>> {
  const removed: RuleId[] = [];
  const unreadable = new Map<RuleId, string>();
  let after: RuleId | undefined;
  do {
    const listed = await ports.states.list(PAGE, after);
    if (!listed.ok) return listed;
    const unknown = listed.value.filter((id) => id !== HEALTH_RULE_ID && isKnownDeleted(id, ports) && evaluates(id));
    const ended = await endRules(unknown, now, ports, removal);
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
  removal: RuleRemoval,
): Promise<StoreAnswer<readonly RuleId[]>> {
  if (ids.length === 0) return { ok: true, value: [] };
  const loaded = await readApart(ids, (some) => ports.states.load(some, new Map()));
  if (!loaded.ok) return loaded;
  const { found, unreadable } = loaded.value;
  const writes = [...found].flatMap(([id, { document, version }]) => {
    const next = nextOf(document, now, removal);
    return next === document ? [] : [{ id, document: next, version }];
  });
  if (writes.length === 0) return { ok: true, value: [], unreadable };
  const results = await ports.states.save(writes);
  for (const { id } of writes) ports.session.rules.delete(id);
  const ended = writes.filter(({ document }, index) => document.removed === true && results[index]?.kind === 'saved');
  return { ok: true, value: ended.map(({ id }) => id), unreadable };
}

/** What happens to the document of a rule that is not loaded here; the same one when there is nothing to write. Pure. */
function nextOf(document: RuleDocument, now: Instant, { whereLoaded, after }: RuleRemoval): RuleDocument {
  if (isOver(document)) return document;
  const { unloaded, ...rest } = document;
  switch (whereLoaded(document.rule)) {
    case 'nowhere':
      return stillUnloaded(document, now, after);
    case 'perhaps':
      return unloaded === undefined ? document : rest;
    case 'unknown':
      return isGone(document, now) ? shrunk(rest, now) : document;
  }
}

function stillUnloaded(document: RuleDocument, now: Instant, after: Duration): RuleDocument {
  const { unloaded, ...rest } = document;
  const counts = unloaded !== undefined && unloaded.seen <= now && now - unloaded.seen <= SEEN_WITHIN;
  if (!counts) return { ...rest, unloaded: { since: now, seen: now } };
  return now - unloaded.since >= after ? shrunk(rest, now) : { ...rest, unloaded: { ...unloaded, seen: now } };
}

/** Nothing of it is left to end. */
function isOver({ removed, alerts, past = {}, outage }: RuleDocument): boolean {
  return removed === true && Object.keys(alerts).length + Object.keys(past).length === 0 && outage === undefined;
}

/** A replica that was not reloaded yet still checkpoints a rule, or that it fails: only a long time without evaluations means that it is not loaded. */
function isGone(document: RuleDocument, now: Instant): boolean {
  return !isOver(document) && now > endsUnseen(document);
}

/** When the alerts of a rule end if it is not evaluated, or tried, until then. */
export function endsUnseen({ evaluated_through, every, health }: RuleDocument): Instant {
  return Math.max(evaluated_through, health.tried_at ?? 0) + Math.max(UNSEEN_AFTER, INTERVALS * every);
}

function shrunk(document: RuleDocument, now: Instant): RuleDocument {
  const ended = closeOutage(document, endAll(document, now, 'rule_removed'), now, 'rule_removed');
  return { ...ended, memory: null, health: { failures: 0 }, removed: true };
}
