import type { Channel } from '../../src/channels/channel.ts';
import { type HttpConfig, PLAIN_HTTP } from '../../src/channels/http-client/config.ts';
import { channels } from '../../src/channels/registry.ts';
import { secret } from '../../src/core/secret.ts';

/** In every secret of these options, so that a leak is found; what follows it says of which key it is. */
export const SECRET = 'tvE9xS3cretS3cret';

/** A login of `http_config`, as the configuration reads it. */
const CONNECTION: HttpConfig = {
  ...PLAIN_HTTP,
  authorization: secret(`Bearer ${SECRET}`),
  secrets: [secret(`Bearer ${SECRET}`), secret(SECRET)],
};

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
  pagerduty: ({ http }) => ({ routing_key: secret(SECRET), url: `${http}/v2/enqueue` }),
  msteamsv2: ({ http }) => ({ webhook_url: secret(`${http}/workflows/${SECRET}`) }),
  opsgenie: ({ http }) => ({ api_key: secret(SECRET), api_url: http }),
  discord: ({ http }) => ({ webhook_url: secret(`${http}/api/webhooks/1/${SECRET}`) }),
  telegram: ({ http }) => ({ bot_token: secret(SECRET), api_url: http, chat_id: '@shop' }),
  mattermost: ({ http }) => ({ webhook_url: secret(`${http}/hooks/${SECRET}`) }),
  rocketchat: ({ http }) => ({ api_url: http, token: secret(SECRET), token_id: secret(`${SECRET}-user`), channel: '#alerts' }),
  google_chat: ({ http }) => ({ url: secret(`${http}/v1/spaces/A/messages?key=${SECRET}-key&token=${SECRET}`) }),
  ntfy: ({ http }) => ({ api_url: http, topic: secret(SECRET), token: secret(`${SECRET}-token`) }),
  alertmanager: ({ http }) => ({ urls: [http], http_config: CONNECTION }),
  http: ({ http }) => ({ url: secret(`${http}/own/${SECRET}`), json: { text: '{{ headline }} {{ more }} {{ at }}' } }),
  matrix: ({ http }) => ({ homeserver_url: http, access_token: secret(SECRET), room_id: '!room:example.com' }),
  pushover: ({ http }) => ({ api_url: http, token: secret(SECRET), user_key: secret(`${SECRET}-user`) }),
  github: ({ http }) => ({ api_url: http, token: secret(SECRET), repository: 'shop/todo' }),
  gitlab: ({ http }) => ({ api_url: http, token: secret(SECRET), project: 'shop/todo' }),
  servicenow: ({ http }) => ({ instance_url: http, username: 'tocsin', password: secret(SECRET) }),
  thehive: ({ http }) => ({ api_url: http, api_key: secret(SECRET) }),
  twilio: ({ http }) => ({ api_url: http, account_sid: 'AC1', auth_token: secret(SECRET), from: '+15550100', to: '+15550199' }),
  sns: ({ http }) => ({
    ...{ api_url: http, topic_arn: 'arn:aws:sns:eu-central-1:123456789012:alerts' },
    sigv4: { access_key: secret(`${SECRET}-id`), secret_key: secret(SECRET) },
  }),
  exec: () => ({ command: [process.execPath, '-e', 'process.stdin.resume()'] }),
  apprise: ({ http }) => ({ api_url: http, key: secret(SECRET) }),
  jira: ({ http }) => ({
    api_url: http,
    api_type: 'cloud',
    username: 'a@b.c',
    api_token: secret(SECRET),
    project: 'OPS',
    issue_type: 'Task',
  }),
};

/** Secrets of another way to the same kind of destination. */
const OTHER_WAYS: readonly string[] = ['slack bot_token'];

/** A channel of the registry with options that it has read, leading to these servers. */
export function channelWithOptions(
  name: string,
  servers: Servers = NOWHERE,
): { readonly channel: Channel<unknown>; readonly options: unknown } {
  const channel = channels[name];
  if (channel === undefined) throw new Error(`there is no channel ${name}`);
  const keys = KEYS[name]?.(servers);
  if (keys === undefined) throw new Error(`test/support/channel-options.ts has no row for the channel ${name}: add one`);
  const missing = channel.secrets.filter((key) => keys[key] === undefined && !OTHER_WAYS.includes(`${name} ${key}`));
  if (missing.length > 0) throw new Error(`the row of ${name} has no secret for ${missing.join(', ')}`);
  return { channel, options: channel.read(keys) };
}

/** For each kind of HTTP destination that has messages of its own form: keys that lead to a server. */
export const DESTINATION_KEYS: Readonly<Record<string, (url: string) => Readonly<Record<string, unknown>>>> = {
  pagerduty: (url) => ({ routing_key: secret('R0UTINGKEY'), url: `${url}/v2/enqueue` }),
  msteamsv2: (url) => ({ webhook_url: secret(`${url}/workflows/w0rkfl0w`) }),
  opsgenie: (url) => ({ api_key: secret('0psgenie-key'), api_url: url, tags: 'shop, todo' }),
  discord: (url) => ({ webhook_url: secret(`${url}/api/webhooks/1/t0ken`) }),
  telegram: (url) => ({ bot_token: secret('123:b0t-token'), api_url: url, chat_id: -1001234567890 }),
  mattermost: (url) => ({ webhook_url: secret(`${url}/hooks/h00k`), channel: 'alerts' }),
  rocketchat: (url) => ({ api_url: url, token: secret('r0cket-token'), token_id: secret('r0cket-user'), channel: '#alerts' }),
  google_chat: (url) => ({ url: secret(`${url}/v1/spaces/AAA/messages?key=k3y-of-space&token=t0ken-of-space`) }),
  ntfy: (url) => ({ api_url: url, topic: secret('t0pic-of-the-shop') }),
  alertmanager: (url) => ({ urls: [url] }),
  http: (url) => ({
    url: secret(`${url}/own`),
    json: { summary: '{{ headline }}', level: '{{ severity }}', alerts: ['{{ alerts[0].title }}'], fixed: 7 },
  }),
  matrix: (url) => ({ homeserver_url: url, access_token: secret('m4trix-token'), room_id: '!room:example.com' }),
  pushover: (url) => ({ api_url: url, token: secret('push0ver-token'), user_key: secret('push0ver-user') }),
  github: (url) => ({ api_url: url, token: secret('g1thub-token'), repository: 'shop/todo', labels: ['incident'] }),
  gitlab: (url) => ({ api_url: url, token: secret('g1tlab-token'), project: 'shop/todo', labels: ['incident'] }),
  jira: (url) => ({
    ...{
      api_url: url,
      api_type: 'cloud',
      username: 'ops@example.com',
      api_token: secret('j1ra-token'),
      project: 'OPS',
      issue_type: 'Incident',
    },
    resolve_transition: 'Done',
  }),
  servicenow: (url) => ({ instance_url: url, username: 'tocsin', password: secret('serv1cenow-password') }),
  thehive: (url) => ({ api_url: url, api_key: secret('theh1ve-key'), tags: ['shop'], close_status: 'Ignored' }),
  twilio: (url) => ({ api_url: url, account_sid: 'AC1', auth_token: secret('tw1lio-token'), from: '+15550100', to: '+15550199' }),
  sns: (url) => ({
    ...{ api_url: url, topic_arn: 'arn:aws:sns:eu-central-1:123456789012:alerts', attributes: { team: 'todo' } },
    sigv4: { access_key: secret('AKIDEXAMPLE1'), secret_key: secret('sns-secret-key') },
  }),
  exec: () => ({ command: ['/usr/local/bin/notify', '--urgent'] }),
  apprise: (url) => ({ api_url: url, key: secret('appr1se-key'), tag: 'oncall' }),
};
