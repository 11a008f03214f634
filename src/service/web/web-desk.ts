import { randomBytes } from 'node:crypto';
import { asError } from '../../core/errors.ts';
import type { RuleId } from '../../core/ids.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { type Clock, type Duration, deadline } from '../../core/time.ts';
import type { RunHistory } from '../../engine/history/run-history.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import { ruleSeries, type Series } from '../../evaluation/rule-series.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { tickReadings } from '../../evaluation/tick-readings.ts';
import { explain } from '../../explain/explain.ts';
import type { Explanation } from '../../explain/explanation.ts';
import { explainJson } from '../../reports/explain/explain-json.ts';
import type { Rule } from '../../rules/rule.ts';
import { oneByOne } from '../../search/range/one-by-one.ts';
import type { ServerParts } from '../../server/server.ts';
import type { Costly } from '../../server/web/ports.ts';
import type { ServiceBackend } from '../store.ts';
import type { RuleCosts } from './rule-costs.ts';
import { sentMessages } from './sent-messages.ts';

/** Answers that search the cluster: at most so many at once, each within this time, and kept so long, ms. */
const MOST_AT_ONCE = 3;
const PATIENCE: Duration = 20_000;
/** Longest time that a rule is asked tick by tick for one chart. */
const ASKING: Duration = 5_000;
const KEPT: Duration = 15_000;
const MOST_KEPT = 50;
/** Reads of history with more records than this are shared and kept: pages ask for the same ones. */
const LARGE = 1_000;

/** What pages and the API are served from. */
export interface WebDeskParts {
  readonly backend: Pick<ServiceBackend, 'runHistory' | 'ranges' | 'search' | 'ruleStates'>;
  readonly clock: Clock;
  readonly ports: () => TurnPorts;
  readonly costs: RuleCosts;
  readonly signIn: Pick<ServerParts['web'], 'sessions' | 'provider' | 'auditSession'>;
  readonly events: ServerParts['web']['events'];
  readonly acknowledgements: ServerParts['web']['acknowledgements'];
  readonly program: string | undefined;
  /** What is known of the files of rules; without it, nothing is. */
  readonly ruleFiles?: ServerParts['web']['ruleFile'] | undefined;
  readonly signal: AbortSignal;
  /** Without the secrets of the configuration. */
  readonly shown: (text: string) => string;
}

const NO_HISTORY: RunHistory = {
  runs: async () => ({ ok: true, value: [] }),
  messages: async () => ({ ok: true, value: [] }),
  payload: async () => ({ ok: true, value: undefined }),
  episodes: async () => ({ ok: true, value: [] }),
  acknowledgements: async () => ({ ok: true, value: [] }),
};

/** Makes what pages and the API read: nothing of it rejects, and all of it is bounded. */
export function webDesk(parts: WebDeskParts): ServerParts['web'] {
  const { backend, clock, ports, shown, signal } = parts;
  const history = sharedHistory(backend.runHistory ?? NO_HISTORY, clock, shown);
  const searches = costlySearches(clock, shown);
  const inOrder = rulesInOrder();
  const limited = () => deadline(PATIENCE, signal);
  return {
    now: () => clock.now(),
    namespace: () => ports().namespace,
    rules: () => inOrder(ports().rules),
    ruleWithId: (id) => ports().rules.get(id),
    documents: (ids) => documentsOf(ids, backend, shown),
    ruleFile: (file) => ruleFileOf(file, parts),
    costOf: (rule) => parts.costs.of(rule),
    history,
    sent: sentMessages(history, shown),
    explain: (rule, group, moment) =>
      searches(JSON.stringify(['explain', rule.id, rule.definition, group ?? null, Math.floor(moment / KEPT)]), async () => {
        const { namespace, routing, kibana, traceLogs, search, states, alertGroups, received, typeNamed } = ports();
        const asked = { rule, group, moment, now: clock.now() };
        const reading = { namespace, routing, kibana, traceLogs, search, states, alertGroups, received, typeNamed, history };
        const explained: StoreAnswer<Explanation> = await explain(asked, reading, limited());
        return explained.ok ? explained : { ok: false, message: explained.message };
      }),
    // Where the cluster is, and how one signs in there, is not for those who read the API.
    explanationJson: (explanation, rule) => {
      const { ignoreMissingIndex } = rule.source;
      return explainJson({ explanation, place: { url: 'http://localhost:9200', auth: 'none', ignoreMissingIndex } });
    },
    series: (rule, group, range) => {
      const near = [range.from, range.to].map((at) => Math.floor(at / KEPT));
      return searches(JSON.stringify(['series', rule.id, rule.definition, group, near]), async () => {
        const type = ports().typeNamed(rule.type);
        if (type === undefined || rule.received === true) return { ok: true, value: undefined };
        const ranges = backend.ranges ?? oneByOne(backend.search);
        const ticks = () => tickReadings({ rule, type }, range, backend.search, deadline(ASKING, signal));
        const value: Series | undefined = await ruleSeries({ rule, type, group }, range, { ranges, ticks }, limited());
        return { ok: true, value };
      });
    },
    acknowledgements: parts.acknowledgements,
    ...parts.signIn,
    events: parts.events,
    program: parts.program,
    newNonce: () => randomBytes(24).toString('base64url'),
  };
}

async function ruleFileOf(file: string, { ruleFiles, shown }: WebDeskParts): ReturnType<ServerParts['web']['ruleFile']> {
  try {
    if (ruleFiles !== undefined) return await ruleFiles(file);
    return { tests: 'unknown', change: { kind: 'unknown', why: 'rule files are not read here' } };
  } catch (thrown) {
    return { tests: 'unknown', change: { kind: 'unknown', why: shown(asError(thrown).message) } };
  }
}

/** The rules by name, sorted once for each set of them. */
function rulesInOrder(): (rules: ReadonlyMap<RuleId, Rule>) => readonly Rule[] {
  let last: { readonly of: ReadonlyMap<RuleId, Rule>; readonly rules: readonly Rule[] } | undefined;
  return (of) => {
    if (last?.of !== of) last = { of, rules: [...of.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)) };
    return last.rules;
  };
}

async function documentsOf(
  ids: readonly string[],
  { ruleStates }: Pick<ServiceBackend, 'ruleStates'>,
  shown: (text: string) => string,
): Promise<StoreAnswer<ReadonlyMap<string, RuleDocument>>> {
  if (ids.length === 0) return { ok: true, value: new Map() };
  try {
    const read = await readApart(ids, (some) => ruleStates.load(some, new Map()));
    if (!read.ok) return { ok: false, message: shown(read.message) };
    return { ok: true, value: new Map([...read.value.found].map(([id, { document }]) => [id, document])) };
  } catch (thrown) {
    return { ok: false, message: shown(asError(thrown).message) };
  }
}

/** Answers are kept for a moment under a key; who asks for the same while it is made shares it. */
function kept<T>(clock: Clock, keeps: (value: T) => boolean) {
  const known = new Map<string, { readonly at: number; readonly value: Promise<T> }>();
  return (key: string, make: () => Promise<T>): Promise<T> => {
    const now = clock.monotonic();
    for (const [old, { at }] of known) if (now - at > KEPT || known.size > MOST_KEPT) known.delete(old);
    const found = known.get(key);
    if (found !== undefined) return found.value;
    const value = make();
    known.set(key, { at: now, value });
    void value.then((made) => {
      if (!keeps(made)) known.delete(key);
    });
    return value;
  };
}

/** What searches the cluster: a few at once, and the same question once. */
function costlySearches(clock: Clock, shown: (text: string) => string) {
  const share = kept<Costly<unknown>>(clock, ({ kind }) => kind === 'given');
  let running = 0;
  return <T>(key: string, ask: () => Promise<StoreAnswer<T>>): Promise<Costly<T>> =>
    share(key, async () => {
      if (running >= MOST_AT_ONCE) return { kind: 'busy', message: 'too many of these searches are running' };
      running += 1;
      try {
        const answer = await ask();
        return answer.ok ? { kind: 'given', value: answer.value } : { kind: 'failed', message: shown(answer.message) };
      } catch (thrown) {
        return { kind: 'failed', message: shown(asError(thrown).message) };
      } finally {
        running -= 1;
      }
    }) as Promise<Costly<T>>;
}

/** History whose large reads are shared: their times are rounded, so that pages that are opened together ask for the same. */
function sharedHistory(history: RunHistory, clock: Clock, shown: (text: string) => string): RunHistory {
  const share = kept<StoreAnswer<readonly unknown[]>>(clock, ({ ok }) => ok);
  const read = <W extends { readonly limit: number; readonly range: { readonly from: number; readonly to: number } }, T>(
    kind: string,
    wanted: W,
    ask: (wanted: W) => Promise<StoreAnswer<readonly T[]>>,
  ): Promise<StoreAnswer<readonly T[]>> => {
    const safely = async (): Promise<StoreAnswer<readonly T[]>> => {
      try {
        const answer = await ask(wanted);
        return answer.ok ? answer : { ok: false, message: shown(answer.message) };
      } catch (thrown) {
        return { ok: false, message: shown(asError(thrown).message) };
      }
    };
    if (wanted.limit < LARGE) return safely();
    const near = [wanted.range.from, wanted.range.to].map((at) => Math.floor(at / KEPT));
    return share(JSON.stringify([kind, { ...wanted, range: near }]), safely) as Promise<StoreAnswer<readonly T[]>>;
  };
  return {
    runs: (wanted) => read('runs', wanted, history.runs),
    messages: (wanted) => read('messages', wanted, history.messages),
    payload: (id) => history.payload(id),
    episodes: (wanted) => read('episodes', wanted, history.episodes),
    acknowledgements: (wanted) => read('acknowledgements', wanted, history.acknowledgements),
  };
}
