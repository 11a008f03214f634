import type { Instant } from '../core/time.ts';
import type { DeliveryPorts, KnownSuppression } from './delivery-ports.ts';
import type { EndedSilence } from './silence-ends.ts';

/** What every step of a notification works with. */
export interface NotifyContext {
  /** When the turn began. */
  readonly began: Instant;
  readonly suppression: KnownSuppression;
  /** Silences that have just ended. */
  readonly ended: readonly EndedSilence[];
  readonly ports: DeliveryPorts;
  readonly signal: AbortSignal;
}

/** What time it is in a turn that goes on: a lease that counted from the turn's beginning would be over before it is used. */
export function timeIn({ began, ports }: Pick<NotifyContext, 'began' | 'ports'>): Instant {
  return began + ports.elapsed();
}
