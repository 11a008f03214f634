import { asError } from '../core/errors.ts';
import { type InternalErrors, internalErrorText } from '../core/internal-errors.ts';
import type { Replaceable, Saved, StoreAnswer, Versioned, Write } from '../core/stored.ts';
import { openAnswer, type RangeSearch } from '../search/range/range-query.ts';
import type { Search } from '../search/search.ts';
import { searchProblem } from '../search/search-problem.ts';
import type { TurnPorts } from './turn-ports.ts';

/**
 * The ports of a turn behind a wall. Ports answer with values and do not throw; if one does all the same, because of one question or one
 * document, it is found by halves: that one gets an answer that says so, and the others get theirs.
 */
export function isolatedPorts<P extends TurnPorts>(ports: P, errors: InternalErrors): P {
  const { states, alertGroups, silences, acknowledgements, history } = ports;
  return {
    ...ports,
    search: isolatedSearch(ports.search, errors),
    ranges: ports.ranges && isolatedRanges(ports.ranges, errors),
    states: {
      ...states,
      load: (ids, have) => loadIsolated(ids, (some) => states.load(some, have), errors),
      save: (writes) => saveIsolated(writes, states.save, 'rule', errors),
      list: (limit, after) => answered('listing the rules', () => states.list(limit, after), errors),
      progress: (limit, after) =>
        answered('reading the last evaluated windows of rules', () => states.progress(limit, after), errors),
      firing: (limit, after) => answered('searching for firing alerts', () => states.firing(limit, after), errors),
      outboxes: (limit) => answered('searching for pending notifications', () => states.outboxes(limit), errors),
    },
    alertGroups: {
      ...alertGroups,
      load: (ids) => loadIsolated(ids, alertGroups.load, errors),
      save: (writes) => saveIsolated(writes, alertGroups.save, 'alert_group', errors),
      due: (before, limit) => answered('searching for alert groups that are due', () => alertGroups.due(before, limit), errors),
    },
    silences: { ...silences, list: (from) => answered('reading the silences', () => silences.list(from), errors) },
    acknowledgements: {
      ...acknowledgements,
      list: (from) => answered('reading the acknowledgements', () => acknowledgements.list(from), errors),
    },
    history: {
      ...history,
      write: async (batch) => {
        const written = await isolate(
          batch,
          async (some) => [await history.write(some)],
          (one, thrown) => {
            errors.note('engine', `writing to the ${one.index} index`, `writing to the ${one.index} index`, thrown);
            return 0;
          },
        );
        return written.reduce((sum, count) => sum + count, 0);
      },
    },
  };
}

/** A search port of which a question that makes it throw costs no other question its answer. */
function isolatedSearch(search: Search, errors: InternalErrors): Search {
  return {
    ask: (queries, signal) =>
      isolate(
        queries,
        (some) => search.ask(some, signal),
        (query, thrown) => {
          // Whose question it is shows in the run that fails by it; here the stack is kept.
          const { step, error } = errors.note('engine', 'asking a question', `asking “${query.name}”`, thrown);
          const problem = searchProblem('internal', internalErrorText({ step, error }));
          return { kind: 'failed', problem, cost: { took: 0, shards: 0, merged: 1 } };
        },
      ),
  };
}

/** Range queries of which one that throws leaves its windows open: each of them is asked alone. */
function isolatedRanges(ranges: RangeSearch, errors: InternalErrors): RangeSearch {
  const note = (step: string, thrown: unknown) => errors.note('engine', 'searching several windows at once', step, thrown);
  return {
    ...ranges,
    wholeFields: async (source, fields, signal) => {
      try {
        return await ranges.wholeFields(source, fields, signal);
      } catch (thrown) {
        note('reading the types of fields', thrown);
        return new Set();
      }
    },
    ask: (questions, signal) =>
      isolate(
        questions,
        (some) => ranges.ask(some, signal),
        (question, thrown) => {
          note(`searching several windows for “${question.query.name}”`, thrown);
          return openAnswer(question);
        },
      ),
  };
}

type Loaded<D> = StoreAnswer<ReadonlyMap<string, Versioned<D>>>;

async function loadIsolated<D>(
  ids: readonly string[],
  load: (ids: readonly string[]) => Promise<Loaded<D>>,
  errors: InternalErrors,
): Promise<Loaded<D>> {
  const parts = await isolate<string, Loaded<D>>(
    ids,
    async (some) => [await load(some)],
    (id, thrown) => {
      const message = internalErrorText(errors.note('engine', 'reading state', `reading the state of ${id}`, thrown));
      return { ok: false, message, unreadable: new Map([[id, message]]) };
    },
  );
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : together(parts);
}

/** Parts of one load: a failure with document IDs affects those, any other affects all. */
function together<D>(parts: readonly Loaded<D>[]): Loaded<D> {
  const found = new Map<string, Versioned<D>>();
  const unreadable = new Map<string, string>();
  const replaceable = new Map<string, Replaceable>();
  for (const part of parts) {
    if (part.ok) for (const [id, stored] of part.value) found.set(id, stored);
    else if (part.unreadable === undefined) return part;
    else {
      for (const [id, message] of part.unreadable) unreadable.set(id, message);
      for (const [id, version] of part.replaceable ?? []) replaceable.set(id, version);
    }
  }
  const [message] = unreadable.values();
  return message === undefined ? { ok: true, value: found } : { ok: false, message, unreadable, replaceable };
}

function saveIsolated<D>(
  writes: readonly Write<D>[],
  save: (writes: readonly Write<D>[]) => Promise<readonly Saved[]>,
  kind: 'rule' | 'alert_group',
  errors: InternalErrors,
): Promise<readonly Saved[]> {
  // A write that was applied before its neighbour threw meets a conflict when it is repeated, and is read again.
  return isolate<Write<D>, Saved>(writes, save, ({ id }, thrown) => {
    const message = internalErrorText(errors.note(kind, id, 'writing its state', thrown));
    // A rule that cannot be kept has a health alert for it; an alert group is read and tried again.
    return kind === 'rule' ? { kind: 'refused', message } : { kind: 'conflict' };
  });
}

async function answered<T>(step: string, ask: () => Promise<StoreAnswer<T>>, errors: InternalErrors): Promise<StoreAnswer<T>> {
  try {
    return await ask();
  } catch (thrown) {
    errors.note('engine', step, step, thrown);
    return { ok: false, message: `${step}: ${asError(thrown).message}` };
  }
}

/**
 * Does work over many items together. When it throws it is done again over each half, until the item that throws is alone: then `alone` says
 * what happens to it, and every other item had its turn. Results in the order of the items. To be used only for work that may be repeated.
 */
async function isolate<I, R>(
  items: readonly I[],
  work: (items: readonly I[]) => Promise<readonly R[]>,
  alone: (item: I, thrown: unknown) => R,
): Promise<readonly R[]> {
  try {
    return await work(items);
  } catch (thrown) {
    const [only] = items;
    if (only === undefined) return [];
    if (items.length === 1) return [alone(only, thrown)];
    const middle = Math.ceil(items.length / 2);
    const first = await isolate(items.slice(0, middle), work, alone);
    return [...first, ...(await isolate(items.slice(middle), work, alone))];
  }
}
