import { own } from '../core/record.ts';
import { DAY, type Duration, type Instant } from '../core/time.ts';
import type { HitRow } from './answer.ts';
import type { HitsQuery, Source } from './query.ts';

/** Where ECS keeps the time at which a document arrived. */
export const INGESTED = 'event.ingested';

/** How long documents took from their own time to their arrival, ms; a sender whose clock is ahead counts as 0. */
export interface IngestLag {
  /** How many documents were looked at. */
  readonly documents: number;
  readonly median: Duration;
  /** 99 of 100 documents took no longer. */
  readonly p99: Duration;
}

const DOCUMENTS = 500;

/** The question for the documents of a source that arrived last, 500 of the last day at most; late ones are among them. */
export function ingestLagQuery(name: string, source: Source, now: Instant): HitsQuery {
  return {
    kind: 'hits',
    name,
    source: { ...source, timeField: INGESTED },
    window: { from: now - DAY, to: now },
    filter: { exists: { field: source.timeField } },
    fields: [source.timeField],
    limit: DOCUMENTS,
  };
}

/** The lag of documents that came as answer; undefined when none of them has a time. */
export function ingestLag(hits: readonly HitRow[], timeField: string): IngestLag | undefined {
  const lags = hits
    .flatMap(({ at, fields }) => {
      const time = instantOf(own(fields, timeField)?.[0]);
      return time === undefined ? [] : [Math.max(0, at - time)];
    })
    .sort((a, b) => a - b);
  const percentile = (percent: number) => lags[Math.ceil((lags.length * percent) / 100) - 1];
  const median = percentile(50);
  const p99 = percentile(99);
  return median === undefined || p99 === undefined ? undefined : { documents: lags.length, median, p99 };
}

/** What has arrived is found by searches only after a refresh, ms. */
const UNTIL_SEARCHABLE: Duration = 5_000;
const STEPS: readonly (readonly [below: Duration, step: Duration])[] = [
  [60_000, 5_000],
  [600_000, 30_000],
  [3_600_000, 60_000],
];
const WIDEST_STEP: Duration = 600_000;

/** The `delay` for a lag: its 99th percentile and a refresh, rounded up to what a person would write. */
export function suggestedDelay({ p99 }: Pick<IngestLag, 'p99'>): Duration {
  const wanted = p99 + UNTIL_SEARCHABLE;
  const step = STEPS.find(([below]) => wanted <= below)?.[1] ?? WIDEST_STEP;
  return Math.ceil(wanted / step) * step;
}

/** Dates come as the mapping's format writes them: ISO 8601, or milliseconds as text. */
function instantOf(value: unknown): Instant | undefined {
  const time = typeof value === 'string' && !/^-?\d+$/.test(value) ? Date.parse(value) : Number(value ?? Number.NaN);
  return Number.isNaN(time) ? undefined : time;
}
