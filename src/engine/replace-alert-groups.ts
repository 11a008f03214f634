import { type ReadApart, readApart } from '../core/read-apart.ts';
import { worstSeverity } from '../core/severity.ts';
import type { StoreAnswer, Versioned } from '../core/stored.ts';
import { type Duration, type Instant, LAST_INSTANT, MINUTE } from '../core/time.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { held } from '../evaluation/session.ts';
import type { AlertGroupDocument } from '../notify/alert-group.ts';
import { alertGroupIds } from '../notify/alert-group-id.ts';
import { loadAlertGroups, saveAlertGroups } from '../notify/alert-group-session.ts';
import { replacementOf, type SaidOfGroup } from '../notify/replacement.ts';
import type { Target } from '../routing/route.ts';
import { validParts } from '../state/alert-group-versions.ts';
import { saidOfGroup, targetsIn } from './outstanding-again.ts';
import type { TurnPorts } from './turn-ports.ts';

/** An alert group that was begun in place of an invalid document. */
export interface ReplacedGroup {
  readonly id: string;
  readonly receiver: string;
  /** The worst of what fires there. */
  readonly severity: string | undefined;
  readonly problem: string;
}

/** Alert groups that this process has replaced, and those that are not invalid any more, whoever did it. */
export interface ReplaceAnswer {
  readonly begun: readonly ReplacedGroup[];
  readonly over: ReadonlySet<string>;
}

/** What is needed to replace alert groups. */
export type ReplacePorts = Pick<TurnPorts, 'namespace' | 'states' | 'alertGroups' | 'session' | 'rules'>;

const PAGE = 500;
/** Alert groups that are looked at at a time although nothing is due there. */
const LOOKED_AT = 500;
/** How often: their documents are read whole, and sweeps follow each other in seconds. */
const LOOKED_EVERY: Duration = MINUTE;

/** Looks at a part of the alert groups that rules hold, or in which something is due later; gives those that are invalid, with the reason, by id. */
export async function invalidAlertGroups(now: Instant, ports: ReplacePorts): Promise<StoreAnswer<ReadonlyMap<string, string>>> {
  const { lookedInvalid } = ports.session;
  if (lookedInvalid !== undefined && Math.abs(now - lookedInvalid.at) < LOOKED_EVERY) return { ok: true, value: new Map() };
  const due = await ports.alertGroups.due(LAST_INSTANT, PAGE);
  if (!due.ok) return due;
  const ids = new Set(due.value.ids);
  const idOf = alertGroupIds(ports.namespace);
  for (const { current } of ports.session.rules.values())
    for (const target of current === undefined ? [] : targetsIn(current)) ids.add(idOf(target));
  const part = nextPart([...ids].sort(), lookedInvalid?.upTo ?? '');
  const loaded = await readApart(part, (some) => loadAlertGroups(some, ports));
  if (!loaded.ok) return loaded;
  ports.session.lookedInvalid = { at: now, upTo: part.at(-1) ?? '' };
  return { ok: true, value: loaded.value.unreadable };
}

function nextPart(ids: readonly string[], after: string): readonly string[] {
  if (ids.length <= LOOKED_AT) return ids;
  const start = Math.max(
    0,
    ids.findIndex((id) => id > after),
  );
  return ids.slice(start, start + LOOKED_AT);
}

/**
 * Begins an alert group in place of each of these that are invalid, by what the documents of the rules say of it. Those of a newer Tocsin stay
 * as they are, and so do those of which nobody can say whom they notify. Of several replicas one wins the fenced write.
 */
export async function replaceInvalidGroups(
  ids: readonly string[],
  now: Instant,
  ports: ReplacePorts,
): Promise<StoreAnswer<ReplaceAnswer>> {
  const none = { begun: [], over: new Set<string>() };
  if (ids.length === 0) return { ok: true, value: none };
  const loaded = await readApart(ids, (some) => loadAlertGroups(some, ports));
  if (!loaded.ok) return loaded;
  const { unreadable, replaceable } = loaded.value;
  const over = new Set(ids.filter((id) => !unreadable.has(id)));
  if (replaceable.size === 0) return { ok: true, value: { ...none, over } };
  const rules = await ruleDocuments(ports);
  if (!rules.ok) return rules;
  const { found, unreadable: invalidRules } = rules.value;
  const world = { found, invalidRules, now, rules: ports.rules, idOf: alertGroupIds(ports.namespace) };
  const plans = [...replaceable].flatMap(([id, { body, ...version }]) => {
    const problem = unreadable.get(id) ?? '';
    const document = replacementFor(id, { body, problem }, world);
    return document === undefined ? [] : [{ id, document, version, problem }];
  });
  if (plans.length === 0) return { ok: true, value: { begun: [], over } };
  const results = await saveAlertGroups(
    plans.map(({ id, document, version }) => ({ id, document, version })),
    ports,
  );
  const begun: ReplacedGroup[] = [];
  for (const [index, { id, document, problem }] of plans.entries()) {
    const kind = results[index]?.kind;
    // Another replica was first.
    if (kind === 'saved' || kind === 'conflict') over.add(id);
    if (kind === 'saved') begun.push({ id, receiver: document.receiver, severity: severityOf(document), problem });
  }
  return { ok: true, value: { begun, over } };
}

/** What a replacement is made of besides the invalid document: all documents of rules, and the rules that are loaded. */
interface RulesKnown {
  readonly found: readonly RuleDocument[];
  /** Rules whose document is invalid. */
  readonly invalidRules: ReadonlySet<string>;
  readonly rules: ReplacePorts['rules'];
  readonly now: Instant;
  readonly idOf: (target: Target) => string;
}

function replacementFor(
  id: string,
  invalid: { readonly body: unknown; readonly problem: string },
  { found, invalidRules, rules, now, idOf }: RulesKnown,
): AlertGroupDocument | undefined {
  const isGroup = (target: Target) => idOf(target) === id;
  const stored = validParts(invalid.body).target;
  const target = stored !== undefined && isGroup(stored) ? stored : found.flatMap(targetsIn).find(isGroup);
  if (target === undefined) return undefined;
  const said = found.flatMap((document): readonly SaidOfGroup[] => {
    const one = saidOfGroup(document, { rule: rules.get(document.rule), isGroup, now });
    return one === undefined ? [] : [one];
  });
  const read = new Set(found.map(({ rule }) => rule));
  // What notified of an alert and has no document any more is asked before the next reminder.
  const isUnread = (rule: string) => invalidRules.has(rule) || !read.has(rule);
  return replacementOf(target, invalid, { said, isUnread }, now);
}

interface RulesRead {
  readonly found: readonly RuleDocument[];
  readonly unreadable: ReadonlySet<string>;
}

/** All of the namespace: also of rules that other replicas evaluate. */
async function ruleDocuments({ states, session }: ReplacePorts): Promise<StoreAnswer<RulesRead>> {
  const found: RuleDocument[] = [];
  const unreadable = new Set<string>();
  for (let after: string | undefined; ; ) {
    const ids = await states.list(PAGE, after);
    if (!ids.ok) return ids;
    const page: StoreAnswer<ReadApart<Versioned<RuleDocument>>> = await readApart(ids.value, (some) =>
      states.load(some, held(session, some)),
    );
    if (!page.ok) return page;
    for (const { document } of page.value.found.values()) found.push(document);
    for (const id of page.value.unreadable.keys()) unreadable.add(id);
    after = ids.value.at(-1);
    if (ids.value.length < PAGE) return { ok: true, value: { found, unreadable } };
  }
}

function severityOf({ queued, alerts }: AlertGroupDocument): string | undefined {
  return worstSeverity([...queued, ...Object.values(alerts)].map(({ level }) => level));
}
