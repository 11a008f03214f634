import type { Secret } from '../core/secret.ts';
import type { Probed } from './channel.ts';
import { placeOf, reach } from './reach.ts';

/** Looks whether the host of a secret URL is there, without asking it anything; says the host alone. */
export async function probeUrl(secretUrl: Secret, signal: AbortSignal): Promise<Probed> {
  const place = placeOf(new URL(secretUrl.reveal()));
  const reached = await reach(place, signal);
  if (!reached.ok) return reached;
  const { tls, validTo } = reached.value;
  const what = `${place.host}:${place.port} answers${tls === undefined ? ' without TLS' : ` over ${tls}`}`;
  return { ok: true, what, ...(validTo !== undefined && { certificateUntil: validTo }) };
}
