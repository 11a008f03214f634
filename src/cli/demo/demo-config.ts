/** The demo's `tocsin.yaml`: a real one, with the addresses of the demo's servers in the environment. */
export const DEMO_CONFIG = `# The configuration of the demo. Try: tocsin routes show --config tocsin.yaml
namespace: demo

receivers:
  - name: on-call
    slack_configs:
      - api_url: \${env:DEMO_SLACK_URL}
    email_configs:
      - smarthost: \${env:DEMO_SMTP}
        from: Tocsin <tocsin@example.com>
        to: on-call@example.com
        require_tls: false
  - name: platform
    email_configs:
      - smarthost: \${env:DEMO_SMTP}
        from: Tocsin <tocsin@example.com>
        to: platform@example.com
        require_tls: false
  - name: team-todo
    slack_configs:
      - api_url: \${env:DEMO_SLACK_URL}

route:
  receiver: team-todo
  group_by: [alertname]
  group_wait: 0s
  group_interval: 2m
  repeat_interval: 8m
  routes:
    - matchers: ['severity="critical"']
      receiver: on-call
      continue: true
    - matchers: ['team="platform"']
      receiver: platform
    - matchers: ['severity!="critical"']
      receiver: team-todo

meta_receiver: on-call

kibana:
  url: https://kibana.example.com

delivery:
  lease: 10m
`;
