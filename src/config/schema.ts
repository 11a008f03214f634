import { type Static, Type } from 'typebox';
import { HTTP_CONFIG_SCHEMA } from '../channels/http-client/config.ts';
import type { JsonSchema } from '../core/json.ts';
import { TRACE_LOGS } from '../search/trace-logs.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import { escalateKey } from './escalate.ts';
import { withFileKeys } from './file-keys.ts';
import { INHIBIT_RULE_SCHEMA } from './inhibit-schema.ts';
import { LINT_SCHEMA } from './lint-schema.ts';
import { readerKeys } from './readers.ts';
import { RECEIVED_ALERTS_SCHEMA } from './received-alerts.ts';
import { CONFIGS_KEYS, type RawReceiver, receiverSchema } from './receiver-schema.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, keyOfTexts, optionalKey } from './schema-parts.ts';
import { type RawServer, serverSchema } from './server.ts';
import { type RawSlackApp, slackAppSchema } from './slack-app.ts';
import { intervalKeys, timeIntervalsKey } from './time-intervals.ts';

/** Keys of `elasticsearch` that hold secrets. */
const ELASTICSEARCH_SECRETS = ['api_key', 'password', 'bearer_token', 'key_passphrase'] as const;

const elasticsearch = Type.Object(
  {
    url: optionalKey(keyOfText('Address of the cluster.', { examples: ['https://elasticsearch:9200'] })),
    urls: optionalKey(
      Type.Array(keyOfText('Address of one node.'), { minItems: 1, description: 'Addresses of several nodes of one cluster.' }),
    ),
    cloud_id: optionalKey(keyOfText('Cloud ID of a deployment in Elastic Cloud; replaces the address.')),
    api_key: optionalKey(keyOfText('API key, encoded as Elasticsearch shows it.')),
    username: optionalKey(keyOfText('User name, with password.')),
    password: optionalKey(keyOfText('Password, with username.')),
    bearer_token: optionalKey(keyOfText('Token of a service account.')),
    ca_file: optionalKey(keyOfText("PEM file of the CA that signed the cluster's certificate.")),
    ca_fingerprint: optionalKey(keyOfText('SHA-256 fingerprint of the CA, as Elasticsearch prints it at its first start.')),
    cert_file: optionalKey(keyOfText('PEM file with a client certificate, if the cluster requires one; with key_file.')),
    key_file: optionalKey(keyOfText('PEM file with the private key of cert_file; must not be world-readable.')),
    key_passphrase: optionalKey(keyOfText('Passphrase of key_file, if it has one.')),
    verify_certificate: optionalKey(keyOfFlag("Check the cluster's certificate and name.", true)),
    compression: optionalKey(
      keyOfFlag(
        'Compress requests and responses. This costs CPU time on both sides; use it if the network is slow or metered.',
        false,
      ),
    ),
    request_timeout: optionalKey(keyOfDuration('Timeout of requests other than searches.', '30s')),
  },
  { ...CLOSED, description: 'The cluster that is searched and that stores the state.' },
);

/** Keys of `heartbeat` that hold secrets: who has the URL can pretend that all is well. */
const HEARTBEAT_SECRETS = ['url'] as const;

const heartbeat = Type.Object(
  {
    url: keyOfText('URL to call. Usually its path is a secret.', {
      examples: ['https://hc-ping.com/your-uuid-here'],
    }),
    every: optionalKey(keyOfDuration('Time between two requests; at least 1s.', '1m')),
    method: optionalKey(
      Type.Enum(['POST', 'GET'], {
        default: 'POST',
        description: 'POST sends JSON with the namespace, the version, the number of rules and the time; GET sends nothing.',
      }),
    ),
    timeout: optionalKey(
      keyOfDuration('Timeout of one request, at least 1s; failed requests are not retried before the next interval.', '10s'),
    ),
  },
  {
    ...CLOSED,
    description:
      'A periodic request while Tocsin works: rules are evaluated, not all of them fail, and the store is available. An external service alerts when the requests stop.',
  },
);

const fieldList = (description: string, fields: readonly string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 512, pattern: '^\\S+$' }), {
    ...{ minItems: 1, maxItems: 10, uniqueItems: true, default: [...fields] },
    description,
  });

const evidence = Type.Object(
  {
    trace_logs: optionalKey(
      Type.Object(
        {
          enabled: optionalKey(keyOfFlag('Default for rules that do not set `evidence.logs`.', TRACE_LOGS.enabled)),
          indices: optionalKey(
            Type.Array(keyOfText('A data stream or pattern.', { pattern: '^[^\\s"\\\\|?#,]+$' }), {
              ...{ minItems: 1, maxItems: 20, uniqueItems: true, default: [...TRACE_LOGS.indices] },
              description: 'Data streams and patterns with logs; they need not exist.',
            }),
          ),
          lines: optionalKey(
            Type.Integer({
              ...{ minimum: 1, maximum: 10, default: TRACE_LOGS.lines },
              description: 'Maximum number of lines per alert: errors first, then the closest in time.',
            }),
          ),
          before: optionalKey(keyOfDuration('How long before the start of the window lines are searched; at most 1h.', '1m')),
          after: optionalKey(keyOfDuration('How long after the end of the window lines are searched; at most 1h.', '2m')),
          timeout: optionalKey(keyOfDuration('Timeout of the search, at least 100ms: the message waits for it.', '10s')),
          fields: optionalKey(
            Type.Object(
              {
                trace: optionalKey(fieldList('Fields with the trace ID.', TRACE_LOGS.fields.trace)),
                message: optionalKey(
                  fieldList('Fields with the text; the first one that a document has is used.', TRACE_LOGS.fields.message),
                ),
                level: optionalKey(fieldList('Fields with the level.', TRACE_LOGS.fields.level)),
                service: optionalKey(fieldList('Fields with the name of the service.', TRACE_LOGS.fields.service)),
              },
              { ...CLOSED, description: 'Fields of log documents.' },
            ),
          ),
        },
        { ...CLOSED, description: "Log lines of the traces of an alert's sample documents." },
      ),
    ),
  },
  { ...CLOSED, description: 'What messages show of the documents behind an alert; defaults for rules.' },
);

const routeKeys = {
  receiver: optionalKey(keyOfText('The receiver to notify; children inherit it.')),
  continue: optionalKey(keyOfFlag('Whether the following sibling routes are tried too.', false)),
  matchers: optionalKey(
    Type.Array(keyOfText('A matcher.', { examples: ['severity="critical"'] }), {
      description: 'Matchers for labels; all must match.',
    }),
  ),
  group_by: optionalKey(
    Type.Array(keyOfText('A label.'), {
      description: "Labels to group messages by; '...' means all labels except the severity.",
    }),
  ),
  group_wait: optionalKey(keyOfDuration('How long the first message waits for more alerts.', '0s')),
  group_interval: optionalKey(keyOfDuration('Minimum time between messages about changes.', '5m')),
  repeat_interval: optionalKey(
    Type.Union(
      [
        keyOfDuration('A length of time.'),
        Type.Object(
          {
            first: keyOfDuration('Time until the first reminder.'),
            factor: optionalKey(
              Type.Number({
                minimum: 1,
                maximum: 100,
                default: 2,
                description: 'Factor by which the time grows with each reminder.',
              }),
            ),
            max: optionalKey(keyOfDuration('Maximum time between two reminders.', '1d')),
          },
          { ...CLOSED, description: 'Reminders at growing intervals.' },
        ),
      ],
      { default: '4h', description: 'Time between reminders while something is firing.' },
    ),
  ),
  schedule: optionalKey(
    keyOfText(
      'When messages are sent, as a cron pattern of five fields in `timezone`: a digest of everything new. `off`: at once.',
      {
        examples: ['0 8,13 * * 1-5'],
      },
    ),
  ),
  send_resolved: optionalKey(keyOfFlag('Whether the receivers of this route are notified when alerts end.', true)),
  ...intervalKeys,
  escalate: optionalKey(escalateKey),
  ...readerKeys,
};

/** A node of the routing tree as `tocsin.yaml` has it. */
export type RawRoute = Static<typeof rawRoute> & { readonly routes?: readonly RawRoute[] };
const rawRoute = Type.Object(routeKeys);

const sections = {
  namespace: optionalKey(
    keyOfText(
      'Name of this deployment: lowercase letters, digits, - and _. It is part of every ID, so that deployments can share a cluster.',
      {
        examples: ['shop'],
        pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
        default: CONFIG_DEFAULTS.namespace,
      },
    ),
  ),
  elasticsearch: optionalKey(elasticsearch),
  rules: optionalKey(
    Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }))], {
      description: 'Files and folders with rules, relative to this file. `[]`, together with `received_alerts`: no rules.',
    }),
  ),
  silences: optionalKey(
    keyOfTexts('Files and folders with silences, relative to this file; default: `silences`, if the folder exists.'),
  ),
  time_intervals: optionalKey(timeIntervalsKey),
  meta_receiver: optionalKey(keyOfText('The receiver of health alerts of Tocsin.')),
  external_url: optionalKey(
    keyOfText('URL at which users reach Tocsin’s server. Messages link to the page of each alert there.', {
      examples: ['https://tocsin.example.com'],
    }),
  ),
  kibana: optionalKey(
    Type.Object(
      { url: keyOfText('Address of Kibana, for links.'), space: optionalKey(keyOfText("Kibana's space, for links.")) },
      { ...CLOSED, description: 'Kibana, for links in messages.' },
    ),
  ),
  evidence: optionalKey(evidence),
  inhibit_rules: optionalKey(
    Type.Array(INHIBIT_RULE_SCHEMA, {
      maxItems: 1_000,
      description: 'Which alerts are not notified while which other alerts fire, as in Alertmanager.',
    }),
  ),
  lint: optionalKey(LINT_SCHEMA),
  server: optionalKey(Type.Unsafe<RawServer>({})),
  log: optionalKey(
    Type.Object(
      {
        level: optionalKey(
          Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'Minimum level to log.' }),
        ),
        format: optionalKey(Type.Enum(['json', 'pretty'], { default: 'json', description: 'JSON lines, or readable text.' })),
      },
      { ...CLOSED, description: 'The log of `tocsin run`, on stdout.' },
    ),
  ),
  delivery: optionalKey(
    Type.Object(
      {
        give_up_after: optionalKey(keyOfDuration('How long a message is retried before giving up.', '24h')),
        send_timeout: optionalKey(keyOfDuration('Timeout of one attempt.', '20s')),
        lease: optionalKey(keyOfDuration('How long a message is reserved for one replica; longer than send_timeout.', '60s')),
      },
      { ...CLOSED, description: 'How messages are delivered.' },
    ),
  ),
  state: optionalKey(
    Type.Object(
      {
        replicas: optionalKey(
          Type.Integer({
            minimum: 0,
            maximum: 10,
            description: 'Replica shards of the state indices; default: one as soon as there is a second node.',
          }),
        ),
        refresh_interval: optionalKey(keyOfDuration('Refresh interval of the state indices.', '1s')),
      },
      { ...CLOSED, description: 'The indices that hold state.' },
    ),
  ),
  heartbeat: optionalKey(heartbeat),
  noise_digest: optionalKey(
    Type.Object(
      {
        receiver: Type.String({ description: 'Name of the receiver of the report.' }),
        schedule: optionalKey(
          Type.String({
            default: '0 8 * * 1',
            description: 'When the report is sent: a cron pattern of five fields. It always covers the last seven days.',
          }),
        ),
        timezone: optionalKey(Type.String({ default: 'UTC', description: 'IANA time zone of the schedule.' })),
      },
      {
        ...CLOSED,
        description: 'A report of the noisiest rules: messages, short and unacknowledged episodes, and time in alert by team.',
      },
    ),
  ),
  received_alerts: optionalKey(RECEIVED_ALERTS_SCHEMA),
  slack_app: optionalKey(Type.Unsafe<RawSlackApp>(slackAppSchema())),
  runs: optionalKey(
    Type.Object(
      { keep: optionalKey(keyOfDuration('Retention; at least 1d. Whole daily indices are deleted.', '30d')) },
      { ...CLOSED, description: 'Records of evaluations, read by `tocsin explain`.' },
    ),
  ),
  history: optionalKey(
    Type.Object(
      {
        keep: optionalKey(keyOfDuration('Retention after the last change; at least 1d.', '365d')),
        payloads: optionalKey(
          Type.Boolean({
            default: true,
            description: 'Store the sent payload with each notification, so that pages can show it.',
          }),
        ),
      },
      { ...CLOSED, description: 'Records of episodes and notifications, for people and dashboards.' },
    ),
  ),
  reload_interval: optionalKey(
    keyOfDuration(
      'How often files are checked for changes, at least 1s; up to three times as long if the check is slow, as with thousands of files.',
      '10s',
    ),
  ),
  removed_after: optionalKey(
    keyOfDuration(
      'How long a rule must be unloaded in all running replicas before its alerts end, at least 10s; checked once a minute.',
      '2m',
    ),
  ),
};

/** `tocsin.yaml` as it is written, once the schema has passed it; receivers and routes are read by their own modules. */
export type RawConfig = Static<typeof rawConfig> & {
  readonly elasticsearch?: Static<typeof elasticsearch> & {
    readonly [K in `${(typeof ELASTICSEARCH_SECRETS)[number]}_file`]?: string;
  };
  readonly heartbeat?: Partial<Static<typeof heartbeat>>;
  readonly route?: RawRoute;
  readonly receivers?: readonly RawReceiver[];
};
const rawConfig = Type.Object(sections);

/**
 * JSON schema of `tocsin.yaml`, generated from the channels' own schemas: drives validation here and completion in editors. `used`: only these lists
 * of destinations are described in full.
 */
export function configSchema(used: ReadonlySet<string> = new Set(CONFIGS_KEYS)): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'tocsin.yaml',
    description: `Configuration of Tocsin. Every string may contain \${env:NAME}. Keys that start with x- are ignored and can hold anchors.`,
    type: 'object',
    properties: {
      ...sections,
      elasticsearch: withFileKeys({ ...elasticsearch }, ELASTICSEARCH_SECRETS),
      heartbeat: withFileKeys({ ...heartbeat }, HEARTBEAT_SECRETS),
      server: serverSchema(),
      receivers: { type: 'array', description: 'Named receivers.', items: receiverSchema(used) },
      route: { $ref: '#/definitions/route', description: 'The routing tree: which receivers are notified of which alerts.' },
    },
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    definitions: {
      http_config: HTTP_CONFIG_SCHEMA,
      route: {
        type: 'object',
        properties: {
          ...routeKeys,
          routes: {
            type: 'array',
            description: 'Child routes: the first one that matches gets the alert.',
            items: { $ref: '#/definitions/route' },
          },
        },
        additionalProperties: false,
      },
    },
  };
}
