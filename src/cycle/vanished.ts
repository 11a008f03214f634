import type { Rule } from '../rules/rule.ts';
import type { Query } from '../search/query.ts';
import type { Search } from '../search/search.ts';
import type { Lane } from './lane.ts';
import type { Run } from './run.ts';

/** Fewer groups than this that go quiet together are told one by one. */
const GROUPS = 2;

/** Name of what a rule looks at, for people and for the alert about it: its data streams and patterns. */
export function sourceName(rule: Pick<Rule, 'source'>): string {
  return rule.source.indices.join(',');
}

/**
 * Marks runs in which several groups together began to be missed, or ended for want of data, because their whole source is gone: no
 * document of it in the window, whatever the rule's filter. Asked only then, one count a run. A question that fails marks nothing: the
 * groups are told as they are.
 */
export async function markVanished(lanes: readonly Lane[], search: Search, signal: AbortSignal): Promise<void> {
  const suspects = lanes.flatMap((lane) => lane.runs.filter((run) => isSuspect(lane.rule, run)).map((run) => ({ lane, run })));
  if (suspects.length === 0) return;
  const answers = await search.ask(
    suspects.map(({ lane, run }) => anyDocument(lane.rule, run)),
    signal,
  );
  for (const [index, { lane, run }] of suspects.entries()) {
    const answer = answers[index];
    if (answer === undefined || answer.kind === 'failed' || answer.matched > 0) continue;
    lane.runs.splice(lane.runs.indexOf(run), 1, { ...run, vanished: true });
  }
}

function isSuspect(rule: Rule, run: Run): boolean {
  if (run.outcome !== 'judged' || run.matched > 0 || rule.groupBy.length === 0) return false;
  const missed = run.changes.filter(
    ({ transition: { to, reason } }) => to === 'pending' || to === 'firing' || reason === 'no_data',
  );
  return missed.length >= GROUPS;
}

function anyDocument({ id, source }: Rule, { window }: Run): Query {
  return {
    name: `${id}/source`,
    kind: 'groups',
    source: { ...source, ignoreMissingIndex: true },
    window,
    filter: { match_all: {} },
    groupBy: [],
    missing: 'exclude',
    metrics: {},
    maxGroups: 1,
  };
}
