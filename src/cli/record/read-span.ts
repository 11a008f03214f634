import { createDocuments } from '../../backends/embedded/documents.ts';
import type { Config } from '../../config/config.ts';
import type { Clock, TimeRange } from '../../core/time.ts';
import { play } from '../../replay/play.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Search } from '../../search/search.ts';
import { deliverySettings } from '../../service/destinations.ts';

/** What plays a rule to see what it asks. */
export interface SpanPlay {
  readonly config: Config;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Answers as a store without documents would. */
  emptySearch(documents: ReturnType<typeof createDocuments>): Search;
}

/** The time of which a rule reads documents when it is evaluated over a range: its questions say so, reference windows and lookbacks included. */
export async function readSpan(
  rule: Rule,
  range: TimeRange,
  { config, clock, signal, emptySearch }: SpanPlay,
): Promise<TimeRange> {
  const empty = emptySearch(createDocuments());
  let [from, to] = [range.from, range.from];
  const search: Search = {
    ask: (queries, own) => {
      for (const { window } of queries) {
        from = Math.min(from, window.from);
        to = Math.max(to, window.to);
      }
      return empty.ask(queries, own);
    },
  };
  const settings = deliverySettings(config);
  await play({ rules: [rule], failures: [], settings, search, range, warmUp: 0, clock, signal, progress: () => undefined });
  return { from, to };
}
