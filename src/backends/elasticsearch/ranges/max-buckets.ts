import { isObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import { succeeded, type Wire } from '../wire.ts';

/** What `search.max_buckets` is unless someone changed it. */
const DEFAULT = 65_536;
const SETTING = 'search.max_buckets';

/** The most buckets that an answer of the cluster may have; the default where the setting may not be read. */
export async function maxBuckets(wire: Wire, signal: AbortSignal): Promise<number> {
  const reply = await wire.send({
    method: 'GET',
    path: '/_cluster/settings',
    query: { include_defaults: true, flat_settings: true, filter_path: '*.search*max_buckets' },
    timeout: wire.requestTimeout,
    signal,
    repeatable: true,
  });
  if (!succeeded(reply) || !isObject(reply.body)) return DEFAULT;
  for (const layer of ['transient', 'persistent', 'defaults']) {
    const settings = own(reply.body, layer);
    const value = isObject(settings) ? Number(own(settings, SETTING)) : Number.NaN;
    if (Number.isSafeInteger(value) && value > 0) return value;
  }
  return DEFAULT;
}
