import type { RuleDocument } from '../../../src/evaluation/rule-states.ts';
import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import { es } from '../../support/elasticsearch/request.ts';
import type { Stage } from './stage.ts';
import { until } from './stage.ts';

/** What is stored in the end. */
export interface Ending {
  readonly rules: readonly RuleDocument[];
  readonly alertGroups: ReadonlyMap<string, AlertGroupDocument>;
}

const QUIET_WITHIN = 280_000;

/** Waits until everything of the story is evaluated, enqueued and recorded; throws with what is still open. */
export async function quiet(stage: Stage): Promise<Ending> {
  const end = stage.zero + stage.story.length * 1_000;
  let open = 'nothing was read';
  let ending: Ending | undefined;
  await until('quiet', QUIET_WITHIN, async () => {
    try {
      ending = await read(stage);
      open = openIn(ending, stage.namespace, end);
    } catch (error) {
      open = String(error);
    }
    return open === '';
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${open}`);
  });
  if (ending === undefined) throw new Error('nothing was read');
  return ending;
}

async function read({ cluster, namespace }: Stage): Promise<Ending> {
  const client = es(cluster[0] ?? '');
  const all = async (kind: string) => {
    await client.refresh(`tocsin-${kind}`);
    const query = { size: 1_000, query: { term: { namespace } } };
    const found = await client.json<{ hits: { hits: { _source: { id: string; body: unknown } }[] } }>(
      'POST',
      `/tocsin-${kind}/_search?allow_partial_search_results=false`,
      query,
    );
    return found.hits.hits.map(({ _source }) => _source);
  };
  const [rules, alertGroups] = await Promise.all([all('rules'), all('alert-groups')]);
  return {
    rules: rules.map(({ body }) => body as RuleDocument),
    alertGroups: new Map(alertGroups.map(({ id, body }) => [id, body as AlertGroupDocument])),
  };
}

/** What is not done yet, in words; empty when all is. */
function openIn({ rules, alertGroups }: Ending, namespace: string, end: number): string {
  const open: string[] = [];
  for (const { rule, evaluated_through, outbox, incarnation } of rules) {
    if (rule !== 'tocsin-health' && evaluated_through < end)
      open.push(`${rule} is evaluated ${end - evaluated_through} ms short of the end`);
    for (const { n, to } of outbox) {
      const late = to.some(
        (target) => (alertGroups.get(alertGroupId(namespace, target))?.taken[`${rule}#${incarnation}`] ?? 0) < n,
      );
      if (late) open.push(`${rule} number ${n} is not enqueued`);
    }
  }
  for (const { destination, queued, failed, remainders, leaving, inflight, group_labels } of alertGroups.values()) {
    const name = `${destination} ${JSON.stringify(group_labels)}`;
    if (queued.length > 0) open.push(`${name} has ${queued.length} queued`);
    // What Tocsin says of itself may wait for hours where its own receivers refuse it.
    const unsent = failed.filter(({ rule }) => rule !== 'tocsin-health').length;
    if (unsent > 0) open.push(`${name} has ${unsent} refused`);
    if (remainders !== undefined) open.push(`${name} has not reached every recipient`);
    if ((leaving?.entries.length ?? 0) > 0) open.push(`${name} hands something over`);
    if (inflight !== null) open.push(`${name} is sending: ${inflight.last_failure?.text ?? 'claimed'}`);
  }
  return open.join('; ');
}
