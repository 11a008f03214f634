import { secret } from '../../src/core/secret.ts';

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
    ...{ api_url: url, username: 'ops@example.com', api_token: secret('j1ra-token'), project: 'OPS', issue_type: 'Incident' },
    resolve_transition: 'Done',
  }),
  servicenow: (url) => ({ instance_url: url, username: 'tocsin', password: secret('serv1cenow-password') }),
  thehive: (url) => ({ api_url: url, api_key: secret('theh1ve-key'), tags: ['shop'], close_status: 'Ignored' }),
  twilio: (url) => ({ api_url: url, account_sid: 'AC1', auth_token: secret('tw1lio-token'), from: '+15550100', to: '+15550199' }),
  exec: () => ({ command: ['/usr/local/bin/notify', '--urgent'] }),
  apprise: (url) => ({ api_url: url, key: secret('appr1se-key'), tag: 'oncall' }),
};
