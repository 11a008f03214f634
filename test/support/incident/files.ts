/** The rule of the incident, as the page shows it. */
export const INCIDENT_RULE = `name: checkout-failing
type: frequency
index: logs-shop-*
query: http.response.status_code >= 500
group_by: [service.name]
every: 1m
window: 1m
delay: 0s
condition: count >= 5
keep_firing_for: 2m
labels: { severity: critical, team: shop }
message:
  title: "{{ group['service.name'] }}: {{ count }} requests failed in {{ window }}"
  text: "Customers cannot pay."
`;

/** Its configuration, as the page shows it. */
export const INCIDENT_CONFIG = `external_url: https://tocsin.example.com
slack_app:
  app_token_file: /run/secrets/slack-app-token
  bot_token_file: /run/secrets/slack-bot
receivers:
  - name: on-call
    slack_configs:
      - { bot_token_file: /run/secrets/slack-bot, channel: C024BE91L }
  - name: lead
    email_configs:
      - { smarthost: "smtp.example.com:587", from: tocsin@example.com, to: lead@example.com }
  - name: checkout-owner
    email_configs:
      - { smarthost: "smtp.example.com:587", from: tocsin@example.com, to: checkout-owner@example.com }
route:
  receiver: on-call
  group_by: [alertname, service.name]
  group_wait: 0s
  group_interval: 1m
  repeat_interval: 15m
  routes:
    - { matchers: [service.name=checkout], receiver: checkout-owner, continue: true }
    - { receiver: on-call, escalate: [{ after: 10m, receiver: lead }] }
`;

/** The configuration as it is played: real servers in the place of those that it names. */
export function playedConfig({ slack, smtp }: { readonly slack: string; readonly smtp: string }): string {
  return INCIDENT_CONFIG.replaceAll('/run/secrets/slack-app-token', `app\n  api_url: "${slack}"`)
    .replaceAll('/run/secrets/slack-bot, channel', `bot, api_url: "${slack}", channel`)
    .replaceAll('/run/secrets/slack-bot', 'bot')
    .replaceAll('"smtp.example.com:587"', `"${smtp}", require_tls: false`)
    .replace('external_url', 'rules: [rules.yaml]\nexternal_url');
}
