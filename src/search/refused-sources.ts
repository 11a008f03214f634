import { canonicalJson } from '../core/json.ts';
import type { Duration, Instant } from '../core/time.ts';
import { type Answer, NO_COST } from './answer.ts';
import type { Query } from './query.ts';
import type { Search } from './search.ts';
import type { SearchProblem, SearchProblemCode } from './search-problem.ts';

/** Problems of a source as a whole: indices are found, and privileges looked at, before any window is. */
const OF_SOURCE: ReadonlySet<SearchProblemCode> = new Set(['no_index', 'closed_index', 'unauthorized']);
/** How long a refusal counts: an index that is made meanwhile is seen soon after. */
const KEPT: Duration = 10_000;

interface Refusal {
  readonly problem: SearchProblem;
  readonly until: Instant;
}

/**
 * A search port for replays, which ask the same of thousands of windows: where an index does not exist, one of them says so for all. Answers are those
 * that asking gives; every ten seconds of `monotonic` it is asked again.
 */
export function rememberRefusals(search: Search, monotonic: () => Instant): Search {
  const refused = new Map<string, Refusal>();
  const learn = async (query: Query, answer: Answer, signal: AbortSignal) => {
    if (answer.kind !== 'failed' || !OF_SOURCE.has(answer.problem.code)) return;
    if (query.kind === 'esql' && !(await isRefused(query, search, signal))) return;
    refused.set(keyOf(query), { problem: answer.problem, until: monotonic() + KEPT });
  };
  return {
    ask: async (queries, signal) => {
      const now = monotonic();
      const known = queries.map((query): Answer | undefined => {
        const refusal = refused.size === 0 ? undefined : refused.get(keyOf(query));
        return refusal === undefined || refusal.until <= now
          ? undefined
          : { kind: 'failed', problem: refusal.problem, cost: NO_COST };
      });
      const rest = queries.filter((_, place) => known[place] === undefined);
      const answers = rest.length === 0 ? [] : await search.ask(rest, signal);
      for (const [place, answer] of answers.entries()) {
        const query = rest[place];
        if (query !== undefined) await learn(query, answer, signal);
      }
      let next = 0;
      return known.map((answer) => answer ?? (answers[next++] as Answer));
    },
  };
}

/** ES|QL looks for indices with documents of the window, in some versions: there a plain search says whether it is for all windows. */
async function isRefused({ name, source, window, filter }: Query, search: Search, signal: AbortSignal): Promise<boolean> {
  const about = { name, source, window, filter, groupBy: [], metrics: {}, maxGroups: 1 };
  const [answer] = await search.ask([{ ...about, kind: 'groups', missing: 'exclude' }], signal);
  return answer?.kind === 'failed' && OF_SOURCE.has(answer.problem.code);
}

/** Each kind of question is refused in its own words. */
function keyOf({ kind, source }: Query): string {
  return `${kind} ${canonicalJson(source)}`;
}
