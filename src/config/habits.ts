import { own } from '../core/record.ts';
import type { SchemaProblem } from '../yaml/schema-problems.ts';

type Habits = Readonly<Record<string, string>>;

const MATCHERS = 'in Tocsin: `matchers: [severity="critical", team=~"todo|shop"]`';

/** Keys at the top of Alertmanager's and ElastAlert2's own files. */
const AT_TOP: Habits = {
  global: 'not supported: the mail server is `smarthost` of each `email_configs` entry, and Slack has `api_url_file`',
  templates: 'not supported: texts are the `message` of each rule, in Liquid',
  mute_time_intervals: 'in Tocsin, and in newer Alertmanagers: `time_intervals`',
  ...each('rules_folder rule_files', 'in Tocsin: `rules: [ … ]`'),
  ...each('run_every', 'in Tocsin: `every`, of a rule or of defaults.yaml in the folder of rules'),
  ...each('buffer_time', 'in Tocsin: `window`, of a rule or of defaults.yaml in the folder of rules'),
  ...each('writeback_index', 'remove it: state is stored in tocsin-*, and `namespace` separates deployments'),
  ...each('alert_time_limit', 'in Tocsin: `delivery: { give_up_after: 24h }`'),
  ...each('old_query_limit', 'in Tocsin: `catch_up`, of a rule or of defaults.yaml in the folder of rules'),
  ...each('notify_alert notify_email notify_all_errors', 'in Tocsin: `meta_receiver: NAME`, the receiver of health alerts'),
  ...each('es_host es_hosts es_port es_url_prefix use_ssl', 'in Tocsin: `elasticsearch: { url: https://HOST:9200 }`'),
  ...each(
    'es_username es_password es_bearer es_api_key',
    'in Tocsin: `elasticsearch: { api_key_file: … }`, or username and password_file',
  ),
  ...each(
    'verify_certs ca_certs client_cert client_key ssl_show_warn',
    'in Tocsin: `elasticsearch: { ca_file, cert_file, key_file, verify_certificate }`',
  ),
  ...each('kibana_url kibana_username kibana_password', 'in Tocsin: `kibana: { url: … }`'),
  ...each('smtp_host smtp_port from_addr email_reply_to', 'in Tocsin: `email_configs` of a receiver'),
  logging: 'in Tocsin: `log: { level: info }`',
  ...each('max_threads misfire_grace_time max_query_size scroll_keepalive', 'leave it out: searches have built-in limits'),
};

const IN_ROUTES: Habits = {
  ...each('match match_re', MATCHERS),
  ...each('labels severity', MATCHERS),
};

const IN_INHIBIT_RULES: Habits = {
  ...each('source_match source_match_re', 'in Tocsin: `source_matchers: [severity="critical"]`'),
  ...each('target_match target_match_re', 'in Tocsin: `target_matchers: [severity="warning"]`'),
  sources: 'write one inhibit rule for each of them',
};

const IN_RECEIVERS: Habits = {
  ...each('msteams_configs', 'in Tocsin: `msteamsv2_configs`, with the URL of a workflow: Microsoft has ended connectors'),
  ...each('googlechat_configs', 'in Tocsin: `google_chat_configs`'),
  ...each(
    'victorops_configs wechat_configs webex_configs incidentio_configs',
    'in Tocsin: `http_configs`, with the body that the service accepts',
  ),
};

const IN_DESTINATIONS: Habits = {
  ...each('channel username icon_emoji icon_url', 'leave it out: the incoming webhook determines the channel and the name'),
  ...each(
    'title text subject html headers message pretext fallback color fields actions',
    'in Tocsin: `message: { title, text }` of a rule',
  ),
  ...each('http_config', 'in Tocsin: `auth_password_file`, `ca_file` and `verify_certificate` of mail'),
  ...each('tls_config', 'in Tocsin: `ca_file` and `verify_certificate` of mail, `http_config: { tls_config }` elsewhere'),
  ...each('follow_redirects enable_http2', 'leave it out: redirects are never followed'),
  ...each('bearer_token bearer_token_file', 'in Tocsin: `authorization: { credentials_file }` within http_config'),
  ...each('oauth2 proxy_connect_header', 'not supported: use authorization or basic_auth'),
  ...each('auth_identity auth_secret', 'in Tocsin: `auth_username`, with auth_password_file'),
  ...each('service_key service_key_file', 'in Tocsin: `routing_key_file`, of an integration for Events API v2'),
  ...each('priority severity', 'leave it out: it follows from the severity of the alert; docs/destinations.md has the table'),
  ...each('max_alerts', 'leave it out: messages have built-in limits'),
};

/** Keys at the top that other systems have: a file that is full of them is a configuration all the same. */
export const CONFIG_HABIT_KEYS: readonly string[] = Object.keys(AT_TOP);

/** An unknown key gets a better hint where Alertmanager or ElastAlert2 has it. */
export function withConfigHabits(problem: SchemaProblem): SchemaProblem {
  const key = problem.path.at(-1);
  if (problem.kind !== 'unknown-key' || typeof key !== 'string') return problem;
  const hint = own(habitsAt(problem.path), key);
  if (hint === undefined) return problem;
  const { meant: _meant, ...rest } = problem;
  return { ...rest, hint };
}

function habitsAt(path: SchemaProblem['path']): Habits {
  if (path.length === 1) return AT_TOP;
  if (path[0] === 'route') return IN_ROUTES;
  if (path[0] === 'inhibit_rules') return IN_INHIBIT_RULES;
  if (path[0] !== 'receivers') return {};
  return path.length === 3 ? IN_RECEIVERS : IN_DESTINATIONS;
}

function each(keys: string, hint: string): Habits {
  return Object.fromEntries(keys.split(' ').map((key) => [key, hint]));
}
