import type { Instant } from '../core/time.ts';
import { claim, deliver } from '../notifications/deliver.ts';
import type { Claimed, DeliveryPorts, KnownSuppression, Notified } from '../notifications/delivery-ports.ts';

/** Sends of one turn, begun as soon as there is something to send: nobody's message waits for another rule's slow index. */
export interface Deliveries {
  /** Sends messages that this turn has claimed already. */
  send(claimed: readonly Claimed[]): void;
  /** Claims and sends what these conversations owe, unless another turn of this process is at it. */
  claimAndSend(conversations: readonly string[]): void;
  /** Waits for all that was begun; gives it in the order of its beginning, and what the store would not take. Rejects when one of them threw. */
  finished(): Promise<{ readonly notified: readonly Notified[]; readonly problems: readonly string[] }>;
}

/** What deliveries need. `busy`: conversations that turns of this process work on. */
export interface DeliveriesParts {
  readonly now: Instant;
  readonly suppression: KnownSuppression;
  readonly ports: DeliveryPorts;
  readonly busy: Set<string>;
  readonly atOnce: number;
  readonly signal: AbortSignal;
}

type Work = () => Promise<readonly Notified[]>;

/** Starts the deliveries of a turn, at most `atOnce` side by side. */
export function startDeliveries({ now, suppression, ports, busy, atOnce, signal }: DeliveriesParts): Deliveries {
  const waiting: (() => Promise<void>)[] = [];
  const results: Promise<readonly Notified[]>[] = [];
  const problems: string[] = [];
  let running = 0;

  const next = (): void => {
    const work = running < atOnce ? waiting.shift() : undefined;
    if (work === undefined) return;
    running++;
    void work().finally(() => {
      running--;
      next();
    });
  };
  const enqueue = (work: Work): void => {
    const result = new Promise<readonly Notified[]>((resolve, reject) => {
      waiting.push(() => work().then(resolve, reject));
    });
    // Who waits for all of them hears of it; until then nobody may be listening.
    result.catch(() => undefined);
    results.push(result);
    next();
  };
  const alone = async (id: string, work: Work): Promise<readonly Notified[]> => {
    const mine = !busy.has(id);
    busy.add(id);
    try {
      return await work();
    } finally {
      if (mine) busy.delete(id);
    }
  };

  return {
    // A message claimed by this turn is sent by it whoever else works on the conversation: its lease would only run out.
    send: (claimed) => {
      for (const one of claimed) enqueue(() => alone(one.id, () => deliver(one, now, suppression, ports, signal)));
    },
    claimAndSend: (conversations) => {
      for (const id of conversations) {
        enqueue(async () => {
          if (busy.has(id)) return [];
          return alone(id, async () => {
            const { claimed, problem } = await claim(id, now, suppression, ports, signal);
            if (problem !== undefined) problems.push(problem);
            return claimed === undefined ? [] : deliver(claimed, now, suppression, ports, signal);
          });
        });
      }
    },
    finished: async () => {
      const notified: Notified[] = [];
      for (let index = 0; index < results.length; index++) notified.push(...((await results[index]) ?? []));
      return { notified, problems };
    },
  };
}
