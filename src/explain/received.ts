import { readApart } from '../core/read-apart.ts';
import { type Instant, iso } from '../core/time.ts';
import { type ReceivedAlerts, receivedId } from '../received/received-alerts.ts';
import type { Rule } from '../rules/rule.ts';
import type { Group } from '../search/query.ts';
import type { ReceivedAlert } from '../state/received-alert.ts';

/** What another system has sent of groups, in words, by their ids; nothing of rules that search themselves. */
export async function receivedWords(
  rule: Pick<Rule, 'received'>,
  groups: readonly Group[],
  received: Pick<ReceivedAlerts, 'load'> | undefined,
  now: Instant,
): Promise<ReadonlyMap<string, string>> {
  if (rule.received !== true || received === undefined) return new Map();
  const loaded = await readApart(groups.map(receivedId), received.load);
  if (!loaded.ok)
    return new Map(groups.map((group) => [receivedId(group), `the sent messages cannot be read: ${loaded.message}`]));
  const { found, unreadable } = loaded.value;
  const words = [...found].map(([id, { document }]) => [id, wordsOf(document, now)] as const);
  return new Map([...words, ...unreadable]);
}

function wordsOf({ source, received_at, starts_at, ends_at, timeout }: ReceivedAlert, now: Instant): string {
  const from = `from ${source} at ${iso(received_at)}; started at ${iso(starts_at)}`;
  if (ends_at > now) return `${from} and ends at ${iso(ends_at)} unless it is sent again`;
  const why = timeout === true ? 'it was not sent again' : 'its sender set that end';
  return `${from} and ended at ${iso(ends_at)}, because ${why}`;
}
