import type { Instant } from '../core/time.ts';
import type { Session } from '../evaluation/session.ts';
import type { KnownSuppression } from '../notify/delivery-ports.ts';
import type { Silence } from '../notify/silences.ts';
import { type Suppression, silencedAt } from '../notify/suppression.ts';
import type { TurnPorts } from './turn-ports.ts';

/** What each replica last read: outdated knowledge only delays a message, or sends one too many. */
const lastRead = new WeakMap<Session, readonly Silence[]>();

/**
 * What holds alerts back at `now`: the silences as they are, or as this session last read them, and rules that are paused. Undefined: they
 * were never read. `problem`: why they could not be read now. `invalid`: silences that are left out because they are invalid, with the
 * reason, by id; absent when none could be read.
 */
export async function readSuppression(
  now: Instant,
  ports: Pick<TurnPorts, 'silences' | 'session' | 'rules'>,
): Promise<{
  readonly suppression: KnownSuppression;
  readonly problem?: string;
  readonly invalid?: ReadonlyMap<string, string>;
}> {
  const read = await ports.silences.list(now);
  if (read.ok) lastRead.set(ports.session, read.value);
  const known = lastRead.get(ports.session);
  return {
    suppression: known === undefined ? undefined : withPaused(silencedAt(known, now), ports),
    ...(read.ok && { invalid: read.unreadable ?? new Map() }),
    ...(!read.ok && { problem: `the silences could not be read: ${read.message}` }),
  };
}

/** Nothing is notified of a paused rule; what is outstanding waits until it is not paused any more, or is gone. */
function withPaused(silenced: Suppression, { rules }: Pick<TurnPorts, 'rules'>): Suppression {
  const paused = new Set([...rules.values()].filter((rule) => !rule.enabled).map((rule) => rule.name));
  if (paused.size === 0) return silenced;
  return (labels) => (paused.has(labels['alertname'] ?? '') ? 'the rule is paused' : silenced(labels));
}
