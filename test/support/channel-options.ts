import type { Channel } from '../../src/channels/channel.ts';
import { channels } from '../../src/channels/registry.ts';
import { secret } from '../../src/core/secret.ts';

/** In every secret of these options, so that a leak is found; what follows it says of which key it is. */
export const SECRET = 'tvE9xS3cretS3cret';

/** Where the options lead: the address of an HTTP server, and `host:port` of an SMTP server. */
interface Servers {
  readonly http: string;
  readonly smtp: string;
}

const NOWHERE: Servers = { http: 'https://hooks.example.com', smtp: 'smtp.example.com:587' };

/** The keys of each channel, with a secret in each of its secret keys: the one place where tests have a row for a channel. */
const KEYS: Readonly<Record<string, (servers: Servers) => Readonly<Record<string, unknown>>>> = {
  slack: ({ http }) => ({ api_url: secret(`${http}/services/T0/B0/${SECRET}`) }),
  webhook: ({ http }) => ({
    url: secret(`${http}/hook/${SECRET}?token=${SECRET}-query`),
    signing_secret: secret(`${SECRET}-signing`),
    bearer_token: secret(`${SECRET}-bearer`),
  }),
  email: ({ smtp }) => ({
    smarthost: smtp,
    require_tls: false,
    from: 'Tocsin <tocsin@example.com>',
    to: ['todo@example.com'],
    auth_username: 'tocsin',
    auth_password: secret(`${SECRET}-password`),
  }),
  console: () => ({}),
};

/** A channel of the registry with options that it has read, leading to these servers. */
export function channelWithOptions(
  name: string,
  servers: Servers = NOWHERE,
): { readonly channel: Channel<unknown>; readonly options: unknown } {
  const channel = channels[name];
  if (channel === undefined) throw new Error(`there is no channel ${name}`);
  const keys = KEYS[name]?.(servers);
  if (keys === undefined) throw new Error(`test/support/channel-options.ts has no row for the channel ${name}: add one`);
  const missing = channel.secrets.filter((key) => keys[key] === undefined);
  if (missing.length > 0) throw new Error(`the row of ${name} has no secret for ${missing.join(', ')}`);
  return { channel, options: channel.read(keys) };
}
