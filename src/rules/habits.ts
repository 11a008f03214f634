import { own } from '../core/record.ts';
import { translatedKey } from './translated-keys.ts';

/** Rule types of ElastAlert2, and what they are here. */
const TYPE_HABITS: Readonly<Record<string, string>> = {
  any: 'in Tocsin: `type: match`',
  blacklist: 'in Tocsin: `type: match`, with the listed values in the query: `field: ("a" or "b")`',
  whitelist: 'in Tocsin: `type: match`, with the listed values left out by the query: `field: * and not field: ("a" or "b")`',
  cardinality: 'in Tocsin: `type: threshold`, `metrics: { distinct: { cardinality: FIELD } }`, `condition: distinct > 10`',
  metric_aggregation: 'in Tocsin: `type: threshold`, `metrics: { value: { avg: FIELD } }`, `condition: value > 10`',
  spike_aggregation: 'in Tocsin: `type: spike`, `metrics: { value: { avg: FIELD } }`',
  percentage_match:
    'in Tocsin: `type: threshold`, `metrics: { bad: { count: QUERY }, total: { count: "*" } }`, `condition: bad / total > 0.05`',
};

const IS = (here: string) => `in Tocsin: ${here}`;
const RECEIVER = 'a receiver of tocsin.yaml';
const BUILT_IN = IS(`one of the destinations of ${RECEIVER}: docs/destinations.md`);
const OTHER_CHANNEL = IS(`\`http_configs\` of ${RECEIVER}, with the body that the service accepts`);

/** Keys that people write who come from other systems, or one level too high, and the next step. */
const HABITS: Readonly<Record<string, string>> = {
  ...each('filter', IS('`query: KQL`; a list of clauses is `query: { dsl: { bool: { filter: [ … ] } } }`')),
  ...each(
    'alert alerts notify receiver',
    IS('`receivers: [NAME]`, receivers of tocsin.yaml; or leave it out, and its routes choose by labels'),
  ),
  ...each('timeframe', IS('`window`')),
  ...each('realert', IS('`repeat_interval`; a firing alert is sent once, then every `repeat_interval`')),
  ...each(
    'exponential_realert',
    'leave it out: repeat_interval is the time between reminders, and flapping alerts are damped by `flapping`',
  ),
  ...each('realert_key query_key compound_query_key groups aggregation_key', IS('`group_by`')),
  ...each('interval run_every bucket_interval sync_bucket_interval', IS('`every`')),
  ...each('cron limit_execution', IS('`schedule`')),
  ...each('tz query_timezone use_local_time limit_execution_timezone', IS('`timezone`, with `schedule`')),
  ...each(
    'num_events threshold expr when max_threshold min_threshold max_cardinality min_cardinality min_percentage max_percentage',
    IS('`condition`, such as `count >= 5`'),
  ),
  ...each('spike_height spike_type threshold_ref threshold_cur', IS('`condition: current >= 3 * reference && current >= 10`')),
  ...each('severity priority', IS('`labels: { severity: critical }`')),
  ...each('owner category tags', IS('`labels`')),
  ...each(
    'title_args description_args description_missing_value source_args type_args',
    IS('a part of the text: `{{ value }}` or `{{ group["host.name"] }}`'),
  ),
  ...each('annotations', IS('`message: { title: …, text: …, runbook: … }`')),
  ...each('runbook', IS('`message: { runbook: … }`')),
  ...each('title alert_subject alert_subject_args alert_subject_max_len', IS('`message: { title: … }`')),
  ...each(
    'text alert_text alert_text_args alert_text_kw alert_text_type jinja_root_name alert_missing_value',
    IS('`message: { text: … }`, in Liquid'),
  ),
  ...each('include include_fields', IS('`evidence: { fields: [ … ] }`')),
  ...each('top_count_keys raw_count_keys top_count_number', IS('`evidence: { top: [ … ] }`')),
  ...each('attach_related', IS('`evidence: { samples: 5 }`')),
  ...each('timestamp_field', IS('`time_field`')),
  ...each(
    'timestamp_type timestamp_format timestamp_format_expr timestamp_to_datetime_format_expr custom_pretty_ts_format',
    'leave it out: the mapping of time_field defines the format',
  ),
  ...each('buffer_time', IS('`window`')),
  ...each('query_delay', IS('`delay`')),
  ...each(
    'allow_buffer_time_overlap use_run_every_query_size scan_entire_timeframe bucket_offset_delta',
    'leave it out: every evaluation covers its whole window',
  ),
  ...each(
    'max_query_size max_scrolling max_scrolling_count use_count_query use_terms_query doc_type _source_enabled es_send_get_body_as',
    'leave it out: Elasticsearch counts documents, and only samples are fetched',
  ),
  ...each('max_terms terms_size', IS('`max_groups`')),
  ...each('terms_window_size', IS('`lookback` of `type: new_term`')),
  ...each('window_step_size', 'leave it out: new_term reads its whole lookback with one search per field'),
  ...each('min_doc_count', IS('`condition: count >= 5`')),
  ...each('min_denominator', IS('`condition: total >= 50 && bad / total > 0.05`')),
  ...each('match_bucket_filter', IS('`metrics: { bad: { count: QUERY } }`')),
  ...each('percentage_format_string metric_format_string', IS('a filter of message texts: `{{ value | percent: 1 }}`')),
  ...each(
    'metric_agg_key metric_agg_type metric_agg_script percentile_range',
    IS('`metrics: { value: { avg: FIELD } }`, or `p95`, `max`, `sum`, …'),
  ),
  ...each('cardinality_field', IS('`metrics: { distinct: { cardinality: FIELD } }`')),
  ...each('compare_key', IS('`field` of `type: change`, or a query: `field: ("a" or "b")`')),
  ...each('blacklist whitelist', IS('a query: `field: ("a" or "b")`')),
  ...each('fields', IS('`field` of `type: new_term`, with `group_by`')),
  ...each('field_value', IS('`metrics: { value: { sum: FIELD } }`')),
  ...each('ignore_null alert_on_missing_field', IS('`missing: include`, or `ignore_null` of `type: change`')),
  ...each('alert_on_new_data', 'leave it out: a new group is evaluated at once, unless `settle` sets a grace period'),
  ...each('forget_keys', IS('`forget_after: 1h`: a group that has been silent this long is no longer watched')),
  ...each('use_keyword_postfix', 'leave it out: use a field that can be grouped by, such as service.name.keyword'),
  ...each(
    'aggregation aggregate_by_match_time aggregation_alert_time_compared_with_timestamp_field',
    IS('`group_by`, `group_wait` and `group_interval` of a route in tocsin.yaml'),
  ),
  ...each(
    'summary_table_fields summary_table_type summary_table_max_rows summary_prefix summary_suffix',
    'leave it out: a message lists its alerts',
  ),
  ...each('use_strftime_index search_extra_index', IS('`index`: a pattern such as logs-*')),
  ...each('is_enabled', IS('`enabled`')),
  ...each('disabled', IS('`enabled: false`')),
  ...each(
    'match_enhancements run_enhancements_first import',
    'not supported: put shared keys into `defaults.yaml` of the folder',
  ),
  ...each(
    'include_rule_params_in_matches include_rule_params_in_first_match_only',
    'leave it out: texts can use {{ rule }} and {{ labels }}',
  ),
  ...each('kibana_url shorten_kibana_discover_url generate_kibana_discover_url', IS('`kibana: { url: … }` of tocsin.yaml')),
  ...each(
    'use_ssl verify_certs ca_certs ssl_show_warn client_cert client_key aws_region profile',
    IS('`elasticsearch` of tocsin.yaml'),
  ),
  ...each('email cc bcc from_addr assets_dir', IS(`\`email_configs\` of ${RECEIVER}`)),
  ...each(
    'command pipe_match_json pipe_alert_text fail_on_non_zero_exit',
    IS(`\`exec_configs: [{ command: [ … ] }]\` of ${RECEIVER}, which the machine must allow`),
  ),
  ...each('username password short_description comments assignment_group subcategory cmdb_ci caller_id', BUILT_IN),
  ...each('work_wechat_bot_id work_wechat_msgtype', OTHER_CHANNEL),
  ...each(
    'notify_alert notify_all_errors notify_email',
    IS('`meta_receiver` of tocsin.yaml: Tocsin reports its own failures there'),
  ),
  ...each('disable_rules_on_error', 'leave it out: a failing rule raises a health alert and stays enabled; see error_after'),
  ...each(
    'max_threads misfire_grace_time',
    'leave it out: rules are evaluated in parallel; missed windows are evaluated later, see catch_up',
  ),
  ...each('replace_dots_in_field_names string_multi_field_name', "leave it out: use {{ group['host.name'] }} in texts"),
  ...each('jinja_filters jinja_template_path', 'leave it out: texts are Liquid, whose filters are {{ value | round: 1 }}'),
};

/** Keys that begin with the name of something else that is configured elsewhere. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^es_/, IS('`elasticsearch` of tocsin.yaml')],
  [/^kibana_/, IS('`kibana: { url: … }` of tocsin.yaml')],
  [/^(?:generate_)?opensearch_/, 'leave it out: links lead to Kibana, with kibana: { url: … } of tocsin.yaml'],
  [/^slack_/, IS(`\`slack_configs: [{ api_url_file: … }]\` of ${RECEIVER}`)],
  [/^(?:smtp|email|ses)_/, IS(`\`email_configs\` of ${RECEIVER}`)],
  [/^http_post2?_/, IS(`\`webhook_configs: [{ url_file: … }]\` of ${RECEIVER}`)],
  [/^(?:pagerduty|opsgenie|jira|telegram|mattermost|discord|alertmanager|twilio|sns)_/, BUILT_IN],
  [/^(?:ms_teams|ms_power_automate|googlechat|rocket_chat|hive|servicenow|service_now)_/, BUILT_IN],
  [
    /^(?:pagertree|victorops|alerta|gelf|gitter|zbx|webex|indexer|datadog|dingtalk|line|linenotify|stomp|exotel|chatwork|iris|lark|workwechat|yzj|tencent_sms|matrixhookshot|flashduty|smseagle|sqs|statsd|debug)_/,
    OTHER_CHANNEL,
  ],
];

/** What a rule type of another system is here; undefined for one that none is known to have. */
export function typeHabitOf(type: string): string | undefined {
  const module = 'custom code is not supported: use type: esql for queries that the other types cannot express';
  return own(TYPE_HABITS, type) ?? (/^\w+(?:\.\w+)+$/.test(type) ? module : undefined);
}

/** The exact keys among them. */
export const HABIT_KEYS: readonly string[] = Object.keys(HABITS);

/** The next step for a key of another system, with what the rule gives it; undefined for a key that none is known to have. */
export function habitOf(key: string, rule: Readonly<Record<string, unknown>> = {}): string | undefined {
  const translated = translatedKey(key, rule);
  if (translated !== undefined) return IS(translated);
  return own(HABITS, key) ?? FAMILIES.find(([pattern]) => pattern.test(key))?.[1];
}

function each(keys: string, hint: string): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.split(' ').map((key) => [key, hint]));
}
