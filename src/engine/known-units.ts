import type { Instant } from '../core/time.ts';
import type { Unit } from '../core/units.ts';

/** What is known of the units of a rule's fields, and until when. */
export interface KnownUnits {
  readonly fields: string;
  readonly until: Instant;
  readonly units: Readonly<Record<string, Unit>>;
}
