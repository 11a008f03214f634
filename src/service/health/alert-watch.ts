import { asError } from '../../core/errors.ts';
import type { Clock, Duration, Instant } from '../../core/time.ts';
import type { AlertsReport } from '../../engine/alert-list/alert-list.ts';
import { type AlertStores, alertsReport } from '../../engine/alert-list/read-alerts.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import type { PresentAlerts } from '../../server/status.ts';
import { within } from '../within.ts';

/** Reloading the page in a loop costs the cluster one read in this time, ms, and where there is much to read, a fifth of the time. */
const FRESH: Duration = 10_000;
const SHARE_OF_TIME = 5;
/** Where what is looked for may be newer than the list: how old the list may be, ms. */
const NEWEST: Duration = 1_000;
/** How long a page waits for the store, ms: it is asked for most when the store is slow. */
const PATIENCE: Duration = 3_000;

/** What the alerts of a namespace are read from. */
export interface AlertWatchParts {
  readonly clock: Clock;
  readonly ports: () => TurnPorts;
  readonly stores: AlertStores;
  /** Counts the changes that people made, who see them at once. */
  readonly changes?: () => number;
  /** Without the secrets of the configuration. */
  readonly shown: (text: string) => string;
}

/**
 * Reads the alerts of the whole namespace, whichever replica evaluates them: at most one read at a time, and one in ten seconds. Where the store
 * does not answer in time they are those that this process remembers, with the reason. A list that was read before `since` is not good enough. Never rejects.
 */
export function watchPresentAlerts({
  clock,
  ports,
  stores,
  shown,
  changes = () => 0,
}: AlertWatchParts): (newest?: boolean, since?: Instant) => Promise<PresentAlerts> {
  let last: { readonly at: Instant; readonly change: number; readonly took: Duration; readonly report: AlertsReport } | undefined;
  let reading: { readonly change: number; readonly asked: Instant; readonly problem: Promise<string | undefined> } | undefined;
  const read = async (change: number) => {
    const now = clock.now();
    const began = clock.monotonic();
    try {
      const report = await alertsReport(stores, wanted(ports(), now));
      last = { at: now, change, took: clock.monotonic() - began, report };
      return undefined;
    } catch (thrown) {
      return shown(asError(thrown).message);
    }
  };
  return async (newest = false, since = 0) => {
    const age = last === undefined ? NEWEST : clock.now() - last.at;
    if (newest && age >= 0 && age < NEWEST) await clock.sleep(NEWEST - age);
    const now = clock.now();
    const change = changes();
    const fresh = Math.max(newest ? NEWEST : FRESH, SHARE_OF_TIME * (last?.took ?? 0));
    const isKnown = last?.change === change && now >= last.at && last.at >= since;
    if (isKnown && last !== undefined && now - last.at < fresh) return { report: last.report };
    // What began before a change does not know of it.
    if (reading?.change !== change || reading.asked < since) {
      const next = { change, asked: now, problem: (reading?.problem ?? Promise.resolve()).then(() => read(change)) };
      reading = next;
      void next.problem.then(() => {
        if (reading === next) reading = undefined;
      });
    }
    const current = reading.problem;
    const inTime = await within(PATIENCE, current, clock);
    const problem = inTime ? await current : 'the store has not answered yet';
    if (problem === undefined && last !== undefined) return { report: last.report };
    return { report: await remembered(ports(), now), problem: problem ?? '' };
  };
}

function wanted({ namespace, rules, routing }: TurnPorts, now: Instant) {
  return { namespace, routing, all: false, now, rules: [...rules.values()] };
}

/** What this process has in memory of the rules: without values, and without who was notified. */
function remembered(ports: TurnPorts, now: Instant): Promise<AlertsReport> {
  const known = [...ports.session.rules.values()].flatMap(({ current }) => current ?? []);
  const documents = new Map(known.map((document) => [document.rule, document]));
  const version = { seqNo: 0, primaryTerm: 0 };
  return alertsReport(
    {
      ruleStates: {
        list: async (limit, after) => ({ ok: true, value: idsAfter([...documents.keys()], limit, after) }),
        load: async (ids) => ({
          ok: true,
          value: new Map(ids.flatMap((id) => entryOf(id, documents.get(id), version))),
        }),
      },
      alertGroups: { load: async () => ({ ok: true, value: new Map() }) },
    },
    wanted(ports, now),
  );
}

function idsAfter(ids: readonly string[], limit: number, after = ''): readonly string[] {
  return ids
    .filter((id) => id > after)
    .toSorted()
    .slice(0, limit);
}

function entryOf<D, V>(
  id: string,
  document: D | undefined,
  version: V,
): readonly (readonly [string, { document: D; version: V }])[] {
  return document === undefined ? [] : [[id, { document, version }]];
}
