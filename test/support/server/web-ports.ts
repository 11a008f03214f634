import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { manualClock } from '../../../src/core/time.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { ServerParts } from '../../../src/server/server.ts';
import { acknowledgeDesk } from '../../../src/service/acknowledge-desk.ts';
import { sessionDesk } from '../../../src/service/sign-in/session-desk.ts';
import { heardAcknowledgements } from '../../../src/service/web/acknowledging.ts';
import { type EventHub, eventHub } from '../../../src/service/web/event-hub.ts';
import { ruleCosts } from '../../../src/service/web/rule-costs.ts';
import { type WebDeskParts, webDesk } from '../../../src/service/web/web-desk.ts';
import { world } from '../engine/world.ts';

/** What the pages of a test's server are served from. */
interface WebUnderTest extends Partial<Omit<WebDeskParts, 'ports'>> {
  readonly engine: TurnPorts;
  readonly now: number;
}

/** The ports of pages and the API, as the service makes them; by default over an engine without rules. */
export function webPorts(given: Partial<WebUnderTest> = {}): ServerParts['web'] {
  const { engine = world().engine([]), now = 0, ...parts } = given;
  const clock = parts.clock ?? manualClock(now);
  const backend = parts.backend ?? embeddedBackend();
  const desk = acknowledgeDesk({ stores: embeddedBackend(), namespace: 'default', rules: [], clock });
  return webDesk({
    ...{
      backend,
      clock,
      acknowledgements: heardAcknowledgements(
        () => desk,
        () => undefined,
      ),
      costs: ruleCosts(),
      program: undefined,
      events: hub(clock),
      signIn: {
        sessions: sessionDesk({ store: embeddedBackend().signIns, clock, longest: 43_200_000, shown: (text) => text }),
        provider: () => undefined,
        auditSession: () => undefined,
      },
    },
    ...{ signal: new AbortController().signal, shown: (text: string) => text },
    ...parts,
    ports: () => engine,
  });
}

function hub(clock: WebDeskParts['clock']): EventHub {
  return eventHub({ clock, replica: 'test', others: () => undefined, silences: async () => ({ ok: true, value: [] }) });
}
