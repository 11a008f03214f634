import { randomUUID } from 'node:crypto';
import type { ChannelFetch } from '../../channels/channel.ts';
import type { Config } from '../../config/config.ts';
import { hashId } from '../../core/ids.ts';
import { type Clock, type Instant, iso } from '../../core/time.ts';
import type { SignInStore } from '../../engine/sign-in-store.ts';
import type { HistoryRecord } from '../../notify/history.ts';
import type { AuditedSession, WebPorts } from '../../server/web/ports.ts';
import { SESSION_LENGTH } from '../../server/web/session.ts';
import type { Log } from '../log.ts';
import { oidcProvider } from './provider.ts';
import { sessionDesk } from './session-desk.ts';

/** What signing in is made of. */
export interface SignInParts {
  readonly store: SignInStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: ChannelFetch;
  /** What is in force now; `server` stays as it was at the start. */
  readonly config: () => Config;
  readonly shown: (text: string) => string;
  readonly record: (record: HistoryRecord) => void;
}

/** Signing in to the pages, as the service uses it. */
export interface SignIn {
  readonly web: Pick<WebPorts, 'sessions' | 'provider' | 'auditSession'>;
  /** What does not work of it, for people. Alerts do not depend on it. */
  problems(): readonly string[];
  /** To be called every second. Never rejects. */
  poll(): void;
}

/** Starts what people sign in with: the sessions that all replicas know, and the provider where one is configured. */
export function startSignIn({ store, clock, log, fetch, config, shown, record }: SignInParts): SignIn {
  const { server, namespace } = config();
  const { oidc } = server;
  const externalUrl = () => config().externalUrl ?? '';
  const longest = Math.max(SESSION_LENGTH, oidc?.sessionLength ?? 0);
  const sessions = sessionDesk({ store, clock, longest, shown });
  const provider = oidc && oidcProvider({ config: oidc, externalUrl, fetch, clock, log });
  return {
    web: {
      sessions,
      provider: () => provider,
      auditSession: (change) => {
        log.info(change, change.done);
        record(sessionRecord(change, namespace, clock.now(), randomUUID()));
      },
    },
    problems: () => {
      const atProvider = provider?.problem();
      const ofSessions = sessions.problem();
      return [
        ...(atProvider === undefined ? [] : [shown(atProvider.message)]),
        ...(ofSessions === undefined ? [] : [`This replica does not know which sessions were ended on others: ${ofSessions}`]),
      ];
    },
    poll: () => {
      sessions.poll();
      provider?.poll();
    },
  };
}

/** Who signed in or whose sessions were ended, as history keeps it beside the changes of silences. */
function sessionRecord({ done, name, user, by }: AuditedSession, namespace: string, at: Instant, nonce: string): HistoryRecord {
  return {
    index: 'alerts',
    id: hashId('audit', 'session', user, done, by, at, nonce),
    at,
    body: {
      '@timestamp': iso(at),
      'event.kind': 'event',
      'event.category': 'authentication',
      'event.action': done.replaceAll(' ', '-'),
      message: done === 'sessions ended' ? `the sessions of ${name} ended by ${by}` : `${name} ${done}`,
      tocsin: { namespace, user, name, by },
    },
  };
}
