import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ReceivedAlert } from '../../state/received-alert.ts';
import { type AccessRules, mayChange } from './access.ts';

/** The outcome of posted alerts. */
export type PostOutcome =
  | { readonly kind: 'stored' }
  /** `off`: none are taken; `invalid`: some or all of them are, the others are stored; `full`: too many fire; `failed`: the store did not take them. */
  | { readonly kind: 'off' | 'invalid' | 'full' | 'failed'; readonly message: string };

/** Alerts of other systems, as the API takes and shows them. */
export interface ReceivedDesk {
  /** `source`: who sent them. */
  post(body: unknown, source: string): Promise<PostOutcome>;
  /** What was sent of those that fire, by the ids of their alerts; empty where that cannot be read. */
  byAlert(): Promise<ReadonlyMap<string, ReceivedAlert>>;
}

interface ReceivingPorts {
  readonly received?: ReceivedDesk;
  readonly access: () => AccessRules;
}

/** A sender with thousands of alerts sends them in parts, each of them every minute. */
const SENDS = { rateLimit: { max: 1_200, timeWindow: 60_000 } };
const LONGEST_BODY = 4 * 1_024 * 1_024;

/** Why none are taken. */
export const NOT_TAKEN = 'this Tocsin does not accept alerts from other systems: add `received_alerts: {}` to tocsin.yaml';

const STATUS = { off: 404, invalid: 400, full: 429, failed: 503 } as const;

/** `POST /alerts` of Alertmanager's API v2. Nothing of a body is read before it is known that its sender may send it. */
export function receivedAlertsApi(
  app: FastifyInstance,
  { received, access }: ReceivingPorts,
  refuse: (reply: FastifyReply, status: number, message: string) => FastifyReply,
): void {
  const senders = new WeakMap<object, string>();
  app.post(
    '/alerts',
    {
      config: SENDS,
      bodyLimit: LONGEST_BODY,
      onRequest: async (request, reply) => {
        const allowed = mayChange({ headers: request.headers, remoteAddress: request.socket.remoteAddress }, access(), 'alerts');
        if (!allowed.ok) {
          if (allowed.status === 401) reply.header('www-authenticate', 'Bearer');
          return refuse(reply, allowed.status, allowed.message);
        }
        senders.set(request, allowed.by ?? request.socket.remoteAddress ?? 'localhost');
        return undefined;
      },
    },
    async (request, reply) => {
      if (received === undefined) return refuse(reply, STATUS.off, NOT_TAKEN);
      const posted = await received.post(request.body, senders.get(request) ?? '');
      return posted.kind === 'stored' ? reply.send() : refuse(reply, STATUS[posted.kind], posted.message);
    },
  );
}
