import type { Arrived } from '../search/answer.ts';
import type { Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import { evidenceOf, evidenceQueries } from './evidence.ts';
import type { Lane } from './lane.ts';
import type { OwedEntry } from './rule-states.ts';

/** Most alerts of one rule and turn for which documents are fetched; the others are told without. */
const EVIDENCE_ALERTS = 20;

/** Fetches sample documents and top values for the alerts that begin or get worse, and freezes them into their entries; events bring their own. */
export async function attachEvidence(lanes: readonly Lane[], search: Search, signal: AbortSignal): Promise<void> {
  const wanted = lanes.map((lane) => ({ lane, entries: freshEntries(lane) })).filter(({ entries }) => entries.length > 0);
  const queries = wanted.flatMap(({ lane, entries }) => entries.flatMap((entry) => queriesFor(lane, entry)));
  if (queries.length === 0) return;
  const answers = await search.ask(queries, signal);
  const arrived = new Map<string, Arrived>();
  for (const [index, query] of queries.entries()) {
    const answer = answers[index];
    if (answer !== undefined && answer.kind !== 'failed') arrived.set(query.name, answer);
  }
  for (const { lane, entries } of wanted) attachTo(lane, new Set(entries.map((entry) => entry.n)), arrived);
}

function freshEntries(lane: Lane): readonly OwedEntry[] {
  const from = lane.session.stored?.document.n ?? 0;
  return lane.document.owed
    .filter((entry) => entry.n > from && entry.reason !== 'event' && (entry.kind === 'firing' || entry.kind === 'worse'))
    .slice(0, EVIDENCE_ALERTS);
}

function prefixOf(lane: Lane, entry: OwedEntry): string {
  return `${lane.rule.id}/${entry.n}`;
}

function queriesFor(lane: Lane, entry: OwedEntry): readonly Query[] {
  return evidenceQueries(lane.rule, entry.group, entry.window, prefixOf(lane, entry));
}

function attachTo(lane: Lane, numbers: ReadonlySet<number>, arrived: ReadonlyMap<string, Arrived>): void {
  const owed = lane.document.owed.map((entry) => {
    if (!numbers.has(entry.n)) return entry;
    const evidence = evidenceOf(lane.rule, arrived, prefixOf(lane, entry));
    return evidence === undefined ? entry : { ...entry, evidence };
  });
  lane.document = { ...lane.document, owed };
}
