import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemory } from '../../../src/backends/embedded/memory-stores.ts';
import type { OidcConfig } from '../../../src/config/oidc.ts';
import { type Secret, secret } from '../../../src/core/secret.ts';
import { systemClock } from '../../../src/core/time.ts';
import { oidcProvider } from '../../../src/service/sign-in/provider.ts';
import { SHOWN_AT, type ShownService, shownService } from '../server/shown-service.ts';

/** What people may do in these tests. */
const ACCESS = { admin: ['platform'], silence: ['on-call'], read: ['staff'] };

/** Two replicas behind one address that sends each request to the other one in turn. */
export interface Replicas {
  readonly url: string;
  readonly replicas: readonly ShownService[];
  readonly log: readonly string[];
  /** Lets time pass for both. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** The configuration of a provider, as `readOidc` gives it. */
export function oidcConfig(issuer: string, clientSecret: Secret, more: Partial<OidcConfig> = {}): OidcConfig {
  return {
    ...{ label: 'Example Inc.', issuer, clientId: 'tocsin', clientSecret, access: ACCESS, groupsClaims: ['groups'] },
    ...{ scopes: ['openid', 'profile', 'email', 'groups'], sessionLength: 8 * 3_600_000, providerLogout: true },
    sessionKey: secret('a-session-key-of-the-tests'),
    ...more,
  };
}

/** Starts them; `made` makes the provider's configuration once the address is known. */
export async function twoReplicas(
  made: (url: string) => Promise<OidcConfig>,
  tokens: readonly { readonly name: string; readonly token: Secret }[] = [],
  program?: string,
): Promise<Replicas> {
  const front = await alternatingFront();
  const { url } = front;
  const config = await made(url);
  const { signIns } = createMemory().stores('default');
  const log: string[] = [];
  const note = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`);
  const { sessionKey, sessionLength } = config;
  const replicas: ShownService[] = [];
  let passed = 0;
  for (const _ of ['a', 'b']) {
    const clock = { ...systemClock, now: () => SHOWN_AT + passed, monotonic: () => systemClock.monotonic() + passed };
    const provider = oidcProvider({ config, externalUrl: () => url, fetch, clock, log: { warn: note, info: note } });
    const access = { host: '0.0.0.0', tokens, requireLogin: true, externalUrl: url, oidc: { sessionKey, sessionLength } };
    const replica = await shownService({ access, provider, signIns, ...(program !== undefined && { program }) });
    front.add(await replica.server.listen('127.0.0.1', 0));
    replicas.push(replica);
  }
  return {
    ...{ url, replicas, log },
    pass: (ms) => {
      passed += ms;
      for (const replica of replicas) replica.clock.set(replica.clock.now() + ms);
    },
    close: async () => {
      await Promise.all(replicas.map(({ server }) => server.close()));
      await front.close();
    },
  };
}

/** An address that sends each request to the next of the servers behind it. */
export interface Front {
  readonly url: string;
  add(address: string): void;
  close(): Promise<void>;
}

/** Starts one without any server behind it. */
export async function alternatingFront(): Promise<Front> {
  let turn = 0;
  const ports: string[] = [];
  const front = createServer((request, response) => {
    const port = ports[turn++ % ports.length];
    const asked = { host: '127.0.0.1', port, path: request.url, method: request.method, headers: request.headers };
    const passed = send(asked, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    add: (address) => void ports.push(new URL(address).port),
    close: async () => {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}
