import { beginsWith, type FlappingRule } from '../../alerts/flapping.ts';
import { own, put } from '../../core/record.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { FlappingOutage, OutageDraft } from './outage-state.ts';

/** The message about a silent source of one receiver, and what is known of its flapping. */
interface KnownOutage {
  readonly alert: string;
  readonly known: FlappingOutage | undefined;
}

/** Notes that an outage begins at `at`, and gives what flapping makes of it; undefined: it does not flap. */
export function flappingWithBegin(
  { past }: OutageDraft,
  { alert, known }: KnownOutage,
  at: Instant,
  rule: FlappingRule | undefined,
): FlappingOutage | undefined {
  if (rule === undefined) return undefined;
  const begins = beginsWith(own(past, alert)?.begins ?? [], at, rule);
  put(past, alert, { begins });
  if (known !== undefined) return { ...outageChangedAt(known, at), episodes: known.episodes + 1 };
  return begins.length < rule.episodes ? undefined : { since: begins[0] ?? at, episodes: begins.length, changed: at };
}

/** The same after an outage began or ended at `at`. */
export function outageChangedAt({ since, episodes }: FlappingOutage, at: Instant): FlappingOutage {
  return { since, episodes, changed: at };
}

/** The same with time that no evaluation covered (ms): it proves no source steady. */
export function withLost(flapping: FlappingOutage, lost: Duration): FlappingOutage {
  return lost === 0 ? flapping : { ...flapping, uncovered: (flapping.uncovered ?? 0) + lost };
}
