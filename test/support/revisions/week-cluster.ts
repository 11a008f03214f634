import type { Requests } from '../elasticsearch/request.ts';
import { WEEK_MAPPINGS, type WeekDocument, weekDocuments } from './week.ts';

const AT_ONCE = 20_000;

/** Indexes the week of documents into three data streams whose names begin with a prefix; gives how many there are. */
export async function indexWeek(cluster: Requests, prefix: string, step?: number): Promise<number> {
  const names: readonly WeekDocument['index'][] = ['logs-checkout', 'traces-shop', 'metrics-node'];
  const settings = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: -1 };
  for (const name of names) await cluster.json('PUT', `/${prefix}${name}`, { settings, mappings: WEEK_MAPPINGS });
  let count = 0;
  let lines: object[] = [];
  const flush = async () => {
    if (lines.length > 0) await cluster.lines('/_bulk?filter_path=errors', lines);
    lines = [];
  };
  for (const { index, source } of weekDocuments(step)) {
    lines.push({ create: { _index: `${prefix}${index}` } }, source);
    count++;
    if (lines.length >= AT_ONCE) await flush();
  }
  await flush();
  for (const name of names) await cluster.refresh(`${prefix}${name}`);
  return count;
}
