import { isObject } from '../../../core/json.ts';
import type { Duration, Instant } from '../../../core/time.ts';
import type { Wire } from '../wire.ts';
import type { IndexOptions } from './indices.ts';

/** An answer that took longer says too little about the moment at which it was made, ms. */
const LONGEST: Duration = 5_000;

/**
 * By how much the cluster's clock is ahead of this machine's, ms, to about a second; undefined when it cannot be seen. Elasticsearch resolves date
 * math in the name of an index by its own clock and names the index that it did not find, so no privilege beyond those on `tocsin-*` is
 * needed.
 */
export async function clusterClockAhead(
  wire: Wire,
  { prefix }: Pick<IndexOptions, 'prefix'>,
  now: () => Instant,
): Promise<Duration | undefined> {
  const name = `<${prefix}clock-{now{yyyy.MM.dd-HH.mm.ss}}>`;
  const began = now();
  const reply = await wire.send({
    method: 'GET',
    path: `/${encodeURIComponent(name)}/_mapping`,
    timeout: wire.requestTimeout,
    repeatable: true,
  });
  const took = now() - began;
  if (reply.kind !== 'answered' || took < 0 || took > LONGEST) return undefined;
  const error = isObject(reply.body) ? reply.body['error'] : undefined;
  const resolved = isObject(error) ? error['index'] : undefined;
  const theirs = typeof resolved === 'string' ? timeIn(resolved) : undefined;
  // Their second has begun somewhere between its beginning and its end, ours between question and answer.
  return theirs === undefined ? undefined : theirs + 500 - (began + took / 2);
}

function timeIn(name: string): Instant | undefined {
  const [, year, month, day, hour, minute, second] = /(\d{4})\.(\d\d)\.(\d\d)-(\d\d)\.(\d\d)\.(\d\d)$/.exec(name) ?? [];
  if (year === undefined) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
