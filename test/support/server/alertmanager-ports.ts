import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import type { ReceivedAlertsConfig } from '../../../src/config/received-alerts.ts';
import { own } from '../../../src/core/record.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Silences } from '../../../src/notify/silences.ts';
import type { ReceivedAlerts } from '../../../src/received/received-alerts.ts';
import type { Routing } from '../../../src/routing/route.ts';
import { route } from '../../../src/routing/routing.ts';
import { routeTree } from '../../../src/routing/tree.ts';
import type { AccessRules } from '../../../src/server/api/access.ts';
import type { ServerParts } from '../../../src/server/server.ts';
import { receivedDesk } from '../../../src/service/received-desk.ts';
import { silenceDesk } from '../../../src/service/silence-desk.ts';

/** What the Alertmanager API of a test's server is served from. */
export interface ApiUnderTest {
  readonly silences: Silences;
  readonly now: () => number;
  readonly host: string;
  /** Names of tokens, by the token. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly routing: Routing;
  /** Scopes of tokens, by their names; all where there is none. */
  readonly scopes: Readonly<Record<string, readonly ('read' | 'silence' | 'alerts')[]>>;
  readonly requireLogin: boolean;
  /** A proxy that names users, or a provider that they sign in with. */
  readonly auth: Pick<AccessRules, 'proxyAuth' | 'oidc'>;
  readonly received: ReceivedAlerts;
  /** Without it alerts of other systems are refused. */
  readonly receivedConfig: ReceivedAlertsConfig;
}

const TEAM = { id: 'team/slack/0', receiver: 'team', channel: 'slack' };
const ROUTING: Routing = {
  root: routeTree({ receiver: 'team', groupBy: ['alertname'] }),
  destinations: { team: [TEAM], night: [{ ...TEAM, id: 'night/email/0', receiver: 'night', channel: 'email' }] },
};

/** The ports, with the changes that were audited. */
export function alertmanagerPorts(given: Partial<ApiUnderTest> = {}) {
  const { now = () => 0, host = '127.0.0.1', tokens = {}, routing = ROUTING, scopes = {}, requireLogin = false } = given;
  const stores = createMemory().stores('default');
  const { silences = stores.silences, received = stores.received } = given;
  const counted: Record<string, number> = {};
  const audited: string[] = [];
  let made = 0;
  const newId = () => {
    made += 1;
    return `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
  };
  const ports: ServerParts['alertmanager'] = {
    silences: silenceDesk({ silences, clock: { now }, newId }),
    received: receivedDesk({
      ...{ received, namespace: 'default', clock: { now }, shown: (text: string) => text },
      config: () => given.receivedConfig,
      count: (outcome, count) => {
        counted[outcome] = (counted[outcome] ?? 0) + count;
      },
    }),
    routing: () => routing,
    targetsOf: () => (labels) => route(labels, routing),
    access: () => ({
      ...{ host, requireLogin, ...given.auth },
      tokens: Object.entries(tokens).map(([token, name]) => {
        const allowed = own(scopes, name);
        return { name, token: secret(token), ...(allowed !== undefined && { scopes: allowed }) };
      }),
    }),
    audit: ({ silence, done, by }) => audited.push(`${silence} ${done} by ${by}`),
  };
  return { ports, audited, silences, received, counted };
}
