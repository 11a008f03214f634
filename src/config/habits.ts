import { own } from '../core/record.ts';
import type { SchemaProblem } from '../yaml/schema-problems.ts';

type Habits = Readonly<Record<string, string>>;

const MATCHERS = 'in Tocsin: `matchers: [severity="critical", team=~"todo|shop"]`';

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
    'victorops_configs wechat_configs webex_configs incidentio_configs sns_configs',
    'in Tocsin: `http_configs`, with the body that the service takes',
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
