import { join } from 'node:path';
import type { Duration, Instant } from '../../../src/core/time.ts';
import { checkpoint } from '../../../src/evaluation/evaluate-batch.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import type { RangeSearch } from '../../../src/search/range/range-query.ts';
import type { Search } from '../../../src/search/search.ts';
import { heard, MINUTE, turnAt, world } from '../engine/world.ts';

/** What a service that was down did when it came back: all that people and stores see of it, and what it asked. */
export interface CaughtUp {
  readonly seen: { readonly runs: unknown; readonly stored: unknown; readonly heard: readonly string[] };
  /** Questions that were asked alone, range queries, and turns until no window was due. */
  readonly asked: { readonly alone: number; readonly ranges: number; readonly turns: number };
}

/** A downtime, and what answers before and after it; without `ranges`, each missed window is asked for alone. */
export interface Downtime {
  readonly search: Search;
  readonly ranges?: RangeSearch;
  readonly rules: readonly Rule[];
  /** The last turn before it. */
  readonly from: Instant;
  readonly length: Duration;
}

/** Plays a few minutes, a downtime and the turns after it, over stores in memory. */
export async function catchUpAfter({ search, ranges, rules, from, length }: Downtime): Promise<CaughtUp> {
  const { engine, backend, channel } = world();
  const asked = { alone: 0, ranges: 0, turns: 0 };
  const counted: Search = {
    ask: (queries, signal) => {
      asked.alone += queries.length;
      return search.ask(queries, signal);
    },
  };
  const countedRanges: RangeSearch | undefined = ranges && {
    ...ranges,
    ask: (questions, signal) => {
      asked.ranges += questions.length;
      return ranges.ask(questions, signal);
    },
  };
  const parts = { backend: { ...backend, search: counted, ...(countedRanges && { ranges: countedRanges }) } };
  const runs: unknown[] = [];
  const before = engine(rules, parts);
  for (const minute of [2, 1, 0]) runs.push(...(await turnAt(before, from - minute * MINUTE)).runs.map(comparable));
  await checkpoint(before);
  Object.assign(asked, { alone: 0, ranges: 0 });
  // Another process: what it remembered is gone.
  const ports = engine(rules, parts);
  const now = from + length;
  for (let log = await turnAt(ports, now); ; log = await turnAt(ports, now)) {
    asked.turns++;
    runs.push(...log.runs.map(comparable));
    if (log.nextWake !== now) break;
  }
  const documents = await backend.ruleStates.load(
    rules.map(({ id }) => id),
    new Map(),
  );
  if (!documents.ok) throw new Error(documents.message);
  const stored = rules.map(({ id }) => documents.value.get(id)?.document);
  return { seen: { runs, stored, heard: heard(channel) }, asked };
}

/** A run without what its searches cost, and how they were put: a window that was asked for with others was not asked for alone. */
function comparable({ sent: _sent, cost: _cost, ...run }: { readonly sent: unknown; readonly cost: unknown }): unknown {
  return run;
}

/** The rules of the fixture: one of each type and of each kind of question. */
export async function rulesOfAllTypes(): Promise<readonly Rule[]> {
  const { rules, problems } = await loadRules([join(import.meta.dirname, '..', '..', 'fixtures', 'ahead', 'rules.yaml')], {});
  if (problems.some(({ severity }) => severity === 'error')) throw new Error(JSON.stringify(problems));
  return rules;
}
