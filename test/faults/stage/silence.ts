import type { Silence } from '../../../src/state/silence.ts';
import { es } from '../../support/elasticsearch/request.ts';
import type { Stage } from './stage.ts';

/** Writes a silence whose times are seconds of the story. Replicas read silences every few seconds. */
export async function silence(
  { cluster, namespace, zero }: Stage,
  matchers: Silence['matchers'],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const id = `silence-${from}`;
  const times = { starts_at: zero + from * 1_000, ends_at: zero + to * 1_000 };
  const body: Silence = { v: 1, id, matchers, ...times, created_by: 'the play', comment: 'Maintenance.' };
  const document = encodeURIComponent(`${encodeURIComponent(namespace)}:${id}`);
  const path = `/tocsin-silences/_doc/${document}?refresh=true`;
  await es(cluster[0] ?? '').json('PUT', path, { namespace, id, ...times, body });
}
