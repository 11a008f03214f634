import { chunked } from '../../core/chunked.ts';
import type { RuleId } from '../../core/ids.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer, Versioned } from '../../core/stored.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { DAY } from '../../core/time.ts';
import { sourceOf } from '../../evaluation/rule-document.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { AlertGroupDocument } from '../../notify/alert-group.ts';
import { alertGroupId } from '../../notify/alert-group-id.ts';
import type { TurnPorts } from '../turn-ports.ts';

/**
 * How long a removed rule, and an alert group in which nothing is said, are kept, ms. Their numbers keep a replica that froze from sending
 * twice what it had read before: it must not have been frozen for as long as this.
 */
export const FORGET_AFTER: Duration = 30 * DAY;

/** What was forgotten. */
export interface Forgotten {
  readonly rules: number;
  readonly alertGroups: number;
  /** Alert groups that live on without the numbers of rules that no longer exist. */
  readonly shrunk: number;
}

type Ports = Pick<TurnPorts, 'namespace' | 'states' | 'alertGroups' | 'session' | 'rules'>;

const PAGE = 500;
const MOST_OUTBOXES = 10_000;
/** Sources that an alert group knows before it is worth asking which of them no longer exist. */
const MANY_SOURCES = 100;

/**
 * Removes state that is no longer needed, so that short-lived rules, groups and receivers leave nothing behind: documents of
 * rules that were removed long ago, and alert groups that have been quiet for as long, for which no rule has pending entries. While a rule document with
 * pending entries cannot be read, every alert group stays. Removals are fenced: a concurrent write keeps the document. Of the rules, those that
 * `evaluates` says are this replica's.
 */
export async function applyRetention(
  now: Instant,
  ports: Ports,
  evaluates: (rule: RuleId) => boolean,
): Promise<StoreAnswer<Forgotten>> {
  const addressees = await readAddressees(ports);
  if (!addressees.ok) return addressees;
  const rules = await deleteQuietRules(now, ports, evaluates);
  if (!rules.ok) return rules;
  const alertGroups = await deleteQuietAlertGroups(now, addressees.value, ports);
  return alertGroups.ok ? { ok: true, value: { rules: rules.value, ...alertGroups.value } } : alertGroups;
}

/** The alert groups that pending entries name. */
interface Addressees {
  readonly ids: ReadonlySet<string>;
  /** False if there may be more: in a document that cannot be read, or beyond the limit of the search. */
  readonly complete: boolean;
}

/** Alert groups that some rule document still names: without `taken` they would take again what they have notified. */
async function readAddressees({ states, namespace }: Ports): Promise<StoreAnswer<Addressees>> {
  const outboxes = await states.outboxes(MOST_OUTBOXES);
  if (!outboxes.ok) return outboxes;
  const named = new Set<string>();
  let complete = outboxes.value.length < MOST_OUTBOXES;
  for (const ids of chunked(outboxes.value, PAGE)) {
    const loaded = await readApart(ids, (some) => states.load(some, new Map()));
    if (!loaded.ok) return loaded;
    if (loaded.value.unreadable.size > 0) complete = false;
    for (const { document } of loaded.value.found.values())
      for (const target of document.outbox.flatMap(({ to }) => to)) named.add(alertGroupId(namespace, target));
  }
  return { ok: true, value: { ids: named, complete } };
}

/** Walks over all ids, page by page. */
async function eachPage(
  list: (after: string | undefined) => Promise<StoreAnswer<readonly string[]>>,
  work: (ids: readonly string[]) => Promise<StoreAnswer<void>>,
): Promise<StoreAnswer<void>> {
  let after: string | undefined;
  do {
    const page = await list(after);
    if (!page.ok) return page;
    const done = await work(page.value);
    if (!done.ok) return done;
    after = page.value.length < PAGE ? undefined : page.value.at(-1);
  } while (after !== undefined);
  return { ok: true, value: undefined };
}

async function deleteQuietRules(now: Instant, ports: Ports, evaluates: (rule: RuleId) => boolean): Promise<StoreAnswer<number>> {
  let removed = 0;
  const walked = await eachPage(
    (after) => ports.states.list(PAGE, after),
    async (ids) => {
      const mine = ids.filter((id) => evaluates(id) && !ports.rules.has(id));
      if (mine.length === 0) return { ok: true, value: undefined };
      const loaded = await readApart(mine, (some) => ports.states.load(some, new Map()));
      if (!loaded.ok) return loaded;
      const old = [...loaded.value.found].filter(([, { document }]) => isDeletableRule(document, now));
      const results = await ports.states.remove(old.map(([id, { version }]) => ({ id, version })));
      for (const [id] of old) ports.session.rules.delete(id);
      removed += results.filter(({ kind }) => kind === 'saved').length;
      return { ok: true, value: undefined };
    },
  );
  return walked.ok ? { ok: true, value: removed } : walked;
}

/** Whether a rule was removed so long ago, and has nothing pending, that its document may be deleted. */
export function isDeletableRule({ removed, alerts, past = {}, outbox, evaluated_through }: RuleDocument, now: Instant): boolean {
  const living = Object.keys(alerts).length + Object.keys(past).length + outbox.length;
  return removed === true && living === 0 && now - evaluated_through > FORGET_AFTER;
}

/**
 * Whether an alert group has been quiet for so long that it may go: nothing is notified as firing, on its way or waiting. What was refused waits
 * for a message that never came; it was counted and reported as dead when it was refused.
 */
export function isDeletableAlertGroup(document: AlertGroupDocument, now: Instant): boolean {
  const { alerts, queued, failed, inflight, due, notified_at, dead, suppressed } = document;
  if (due !== null || inflight !== null || queued.length > 0 || Object.keys(alerts).length > 0) return false;
  const times = [notified_at, dead?.last_at, suppressed?.last_at, ...failed.map(({ queued_at }) => queued_at)];
  const last = Math.max(...times.map((time) => time ?? Number.NEGATIVE_INFINITY));
  return Number.isFinite(last) && now - last > FORGET_AFTER;
}

async function deleteQuietAlertGroups(
  now: Instant,
  addressees: Addressees,
  ports: Ports,
): Promise<StoreAnswer<Omit<Forgotten, 'rules'>>> {
  const done = { alertGroups: 0, shrunk: 0 };
  const walked = await eachPage(
    (after) => ports.alertGroups.quiet(PAGE, after),
    async (ids) => {
      const loaded = await readApart(
        ids.filter((id) => !addressees.ids.has(id) && !ports.session.busy.has(id)),
        ports.alertGroups.load,
      );
      if (!loaded.ok) return loaded;
      const read = [...loaded.value.found];
      const old = addressees.complete ? read.filter(([, { document }]) => isDeletableAlertGroup(document, now)) : [];
      const results = await ports.alertGroups.remove(old.map(([id, { version }]) => ({ id, version })));
      done.alertGroups += results.filter(({ kind }) => kind === 'saved').length;
      const gone = new Set(old.map(([id]) => id));
      const shrunk = await shrinkTaken(
        read.filter(([id]) => !gone.has(id)),
        now,
        ports,
      );
      if (!shrunk.ok) return shrunk;
      done.shrunk += shrunk.value;
      return { ok: true, value: undefined };
    },
  );
  return walked.ok ? { ok: true, value: done } : walked;
}

/** Takes the numbers of rules that no longer exist out of alert groups that many rules have notified something. */
async function shrinkTaken(
  alertGroups: readonly (readonly [string, Versioned<AlertGroupDocument>])[],
  now: Instant,
  ports: Ports,
): Promise<StoreAnswer<number>> {
  const crowded = alertGroups.filter(([, { document }]) => Object.keys(document.taken).length > MANY_SOURCES);
  if (crowded.length === 0) return { ok: true, value: 0 };
  const rules = [...new Set(crowded.flatMap(([, { document }]) => Object.keys(document.taken).map(ruleOf)))];
  const living = new Set<string>();
  const known = new Set<RuleId>();
  for (const ids of chunked(rules, PAGE)) {
    const loaded = await readApart(ids, (some) => ports.states.load(some, new Map()));
    if (!loaded.ok) return loaded;
    for (const id of loaded.value.unreadable.keys()) known.add(id);
    for (const [id, { document }] of loaded.value.found) {
      // The one before a young document may still be on some replica's mind.
      if (now - document.incarnation < FORGET_AFTER) known.add(id);
      living.add(sourceOf(document));
    }
  }
  const writes = crowded.flatMap(([id, { document, version }]) => {
    const taken = Object.fromEntries(
      Object.entries(document.taken).filter(([source]) => living.has(source) || known.has(ruleOf(source))),
    );
    return Object.keys(taken).length === Object.keys(document.taken).length
      ? []
      : [{ id, document: { ...document, taken }, version }];
  });
  const results = await ports.alertGroups.save(writes);
  return { ok: true, value: results.filter(({ kind }) => kind === 'saved').length };
}

/** The rule of a source, `rule#incarnation`. */
function ruleOf(source: string): RuleId {
  return source.slice(0, source.lastIndexOf('#'));
}
