import type { Instant } from '../core/time.ts';
import type { Measurement } from '../state/rule-document.ts';
import type { NotifiedAlert } from './alert-group.ts';
import type { Composed } from './claim.ts';
import type { DeliveryPorts } from './delivery-ports.ts';

/**
 * A message that was just frozen, with the present values of what it says is still firing: of the last evaluation that found each alert, which
 * are written nowhere else than with its rule. Where they cannot be read the message has those of the last notification, and says so.
 */
export async function withPresentRead(
  alertGroup: string,
  composed: Composed,
  now: Instant,
  ports: Pick<DeliveryPorts, 'standingOf'>,
): Promise<Composed> {
  const also = frozenAlso(composed);
  if (Object.keys(also).length === 0) return composed;
  const { present } = await ports.standingOf(alertGroup, also, now);
  return withPresent(composed, present);
}

/** What a claimed message says is still firing. */
export function frozenAlso({ claimed, document: { inflight } }: Composed): Readonly<Record<string, NotifiedAlert>> {
  return claimed ? (inflight?.facts.also ?? {}) : {};
}

/** As withPresentRead, with what was read. Pure. */
export function withPresent(composed: Composed, present: ReadonlyMap<string, Measurement>): Composed {
  const { inflight } = composed.document;
  const known = frozenAlso(composed);
  if (inflight === null || !Object.keys(known).some((id) => present.has(id))) return composed;
  const also = Object.fromEntries(
    Object.entries(known).map(([id, notified]) => {
      const measured = present.get(id);
      return [id, measured === undefined ? notified : { ...notified, ...measured, present: true as const }];
    }),
  );
  return { ...composed, document: { ...composed.document, inflight: { ...inflight, facts: { ...inflight.facts, also } } } };
}
