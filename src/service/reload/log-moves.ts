import type { Config } from '../../config/config.ts';
import { movesAfter } from '../../engine/moves.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import type { Log } from '../log.ts';

/** Says which destinations a reload took away, how many alerts they hold as far as this replica knows, and where those go. */
export function logMoves(before: Config, ports: TurnPorts, log: Log): void {
  for (const { destination, alerts, to } of movesAfter(before.destinations.keys(), ports))
    log.warn(
      { destination, alerts, to },
      'a destination is no longer configured: its alerts move to the receivers that match now',
    );
}
