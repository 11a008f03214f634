import { startDeliveries } from './deliveries.ts';
import { deliveryPorts } from './delivery.ts';
import { isolatedPorts } from './isolated-ports.ts';
import type { TurnContext, TurnInput } from './turn-context.ts';
import { openTurnLog } from './turn-log.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Makes the context of one turn: its log, its ports behind walls, and the stopwatch of its deliveries, which begins now. */
export function openTurn(input: TurnInput, given: TurnPorts, signal: AbortSignal): TurnContext {
  const { session } = given;
  const log = openTurnLog(input.now);
  const ports = isolatedPorts(given, log.errors);
  const notify = { began: input.now, suppression: undefined, ports: deliveryPorts(ports, log.errors), signal };
  return { ...input, ports, session, notify, deliveries: startDeliveries(notify, session), log, signal };
}
