import { type Static, Type } from 'typebox';
import { HTTP_CONFIG_SCHEMA } from '../channels/http-client/config.ts';
import { DURATION_PATTERN } from '../core/duration.ts';
import { LINT_CODES } from '../core/finding-codes.ts';
import type { JsonSchema } from '../core/json.ts';
import { TRACE_LOGS } from '../search/trace-logs.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import { escalateKey } from './escalate.ts';
import { withFileKeys } from './file-keys.ts';
import { INHIBIT_RULE_SCHEMA } from './inhibit-schema.ts';
import { readerKeys } from './readers.ts';
import { CONFIGS_KEYS, type RawReceiver, receiverSchema } from './receiver-schema.ts';
import { type RawServer, serverSchema } from './server.ts';
import { intervalKeys, timeIntervalsKey } from './time-intervals.ts';

const text = (description: string, more: object = {}) => Type.String({ minLength: 1, description, ...more });
const flag = (description: string, value: boolean) => Type.Boolean({ description, default: value });
const duration = (description: string, value?: string) =>
  Type.String({ minLength: 1, pattern: DURATION_PATTERN, description, ...(value === undefined ? {} : { default: value }) });
const texts = (description: string) =>
  Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })], { description });
const closed = { additionalProperties: false } as const;
const optional = Type.Optional;

/** Keys of `elasticsearch` that hold secrets. */
const ELASTICSEARCH_SECRETS = ['api_key', 'password', 'bearer_token', 'key_passphrase'] as const;

const elasticsearch = Type.Object(
  {
    url: optional(text('Address of the cluster.', { examples: ['https://elasticsearch:9200'] })),
    urls: optional(
      Type.Array(text('Address of one node.'), { minItems: 1, description: 'Addresses of several nodes of one cluster.' }),
    ),
    cloud_id: optional(text('Cloud ID of a deployment in Elastic Cloud; replaces the address.')),
    api_key: optional(text('API key, encoded as Elasticsearch shows it.')),
    username: optional(text('User name, with password.')),
    password: optional(text('Password, with username.')),
    bearer_token: optional(text('Token of a service account.')),
    ca_file: optional(text("PEM file of the CA that signed the cluster's certificate.")),
    ca_fingerprint: optional(text('SHA-256 fingerprint of the CA, as Elasticsearch prints it at its first start.')),
    cert_file: optional(text('PEM file with a client certificate, if the cluster requires one; with key_file.')),
    key_file: optional(text('PEM file with the private key of cert_file; must not be world-readable.')),
    key_passphrase: optional(text('Passphrase of key_file, if it has one.')),
    verify_certificate: optional(flag("Check the cluster's certificate and name.", true)),
    compression: optional(
      flag(
        'Compress requests and responses. This costs CPU time on both sides; use it if the network is slow or metered.',
        false,
      ),
    ),
    request_timeout: optional(duration('Timeout of requests other than searches.', '30s')),
  },
  { ...closed, description: 'The cluster that is searched and that stores the state.' },
);

/** Keys of `heartbeat` that hold secrets: who has the URL can pretend that all is well. */
const HEARTBEAT_SECRETS = ['url'] as const;

const heartbeat = Type.Object(
  {
    url: text('URL to call. Usually its path is a secret.', {
      examples: ['https://hc-ping.com/your-uuid-here'],
    }),
    every: optional(duration('Time between two requests; at least 1s.', '1m')),
    method: optional(
      Type.Enum(['POST', 'GET'], {
        default: 'POST',
        description: 'POST sends JSON with the namespace, the version, the number of rules and the time; GET sends nothing.',
      }),
    ),
    timeout: optional(
      duration('Timeout of one request, at least 1s; failed requests are not retried before the next interval.', '10s'),
    ),
  },
  {
    ...closed,
    description:
      'A periodic request while Tocsin works: rules are evaluated, not all of them fail, the store answers. An external service alerts when it stops.',
  },
);

const fieldList = (description: string, fields: readonly string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 512, pattern: '^\\S+$' }), {
    ...{ minItems: 1, maxItems: 10, uniqueItems: true, default: [...fields] },
    description,
  });

const evidence = Type.Object(
  {
    trace_logs: optional(
      Type.Object(
        {
          enabled: optional(flag('Default for rules that do not set `evidence.logs`.', TRACE_LOGS.enabled)),
          indices: optional(
            Type.Array(text('A data stream or pattern.', { pattern: '^[^\\s"\\\\|?#,]+$' }), {
              ...{ minItems: 1, maxItems: 20, uniqueItems: true, default: [...TRACE_LOGS.indices] },
              description: 'Data streams and patterns with logs; they need not exist.',
            }),
          ),
          lines: optional(
            Type.Integer({
              ...{ minimum: 1, maximum: 10, default: TRACE_LOGS.lines },
              description: 'Maximum number of lines per alert: errors first, then the closest in time.',
            }),
          ),
          before: optional(duration('How long before the start of the window lines are searched; at most 1h.', '1m')),
          after: optional(duration('How long after the end of the window lines are searched; at most 1h.', '2m')),
          timeout: optional(duration('Timeout of the search, at least 100ms: the message waits for it.', '10s')),
          fields: optional(
            Type.Object(
              {
                trace: optional(fieldList('Fields with the trace ID.', TRACE_LOGS.fields.trace)),
                message: optional(
                  fieldList('Fields with the text; the first one that a document has is used.', TRACE_LOGS.fields.message),
                ),
                level: optional(fieldList('Fields with the level.', TRACE_LOGS.fields.level)),
                service: optional(fieldList('Fields with the name of the service.', TRACE_LOGS.fields.service)),
              },
              { ...closed, description: 'Fields of log documents.' },
            ),
          ),
        },
        { ...closed, description: "Log lines of the traces of an alert's sample documents." },
      ),
    ),
  },
  { ...closed, description: 'What messages show of the documents behind an alert; defaults for rules.' },
);

const length = (description: string) =>
  Type.Object(
    { min: optional(duration('The shortest that is allowed.')), max: optional(duration('The longest that is allowed.')) },
    { ...closed, description },
  );

const pattern = (description: string) =>
  text(`${description} A regular expression that the whole text has to fit.`, { maxLength: 1_000 });

/** Parts of a rule's life that a policy may require tests to reach. */
const PARTS = ['fires', 'does_not_fire', 'resolves', 'no_data', 'levels', 'pending_only', 'message', 'resolved_message'] as const;

const lint = Type.Object(
  {
    severity: optional(
      Type.Unsafe<Readonly<Record<string, 'off' | 'note' | 'warning' | 'error'>>>({
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(LINT_CODES).map(([code, { severity, means }]) => [
            code,
            { enum: ['off', 'note', 'warning', 'error'], default: severity, description: means },
          ]),
        ),
        additionalProperties: false,
        description:
          'How bad a finding is, by its code; `off`: it is not reported. What keeps a rule from loading is always an error.',
      }),
    ),
    require: optional(
      Type.Array(Type.Enum(['description', 'runbook', 'test']), {
        uniqueItems: true,
        description: 'What each rule has to have: a `description`, a `message.runbook`, a rule test beside it.',
      }),
    ),
    owner: optional(texts('A label that names the owner of a rule, or several labels, one of which is enough.')),
    labels: optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            required: optional(flag('Whether each rule has to have it.', true)),
            values: optional(Type.Array(text('A value.'), { minItems: 1, description: 'The values that are allowed.' })),
            pattern: optional(pattern('What its values look like.')),
          },
          { ...closed, description: 'What is asked of a label.' },
        ),
        { description: 'Labels that rules have to have, by name. A field of `group_by` counts as one, whatever its values.' },
      ),
    ),
    name: optional(pattern('What names of rules look like.')),
    severities: optional(
      Type.Array(text('A severity.'), { minItems: 1, description: 'The severities that are allowed, of rules and levels.' }),
    ),
    coverage: optional(
      Type.Object(
        {
          require: optional(
            Type.Array(Type.Enum([...PARTS]), {
              uniqueItems: true,
              description:
                'Parts of the life of each rule that its tests have to reach, as far as the rule has them; of a rule that reports events, `fires` is that it does.',
            }),
          ),
          min: optional(
            Type.Integer({
              minimum: 0,
              maximum: 100,
              description:
                'The least that the tests of all rules together have to reach, percent; `--coverage-min` counts instead.',
            }),
          ),
        },
        { ...closed, description: 'What rule tests have to reach: for `tocsin test --coverage` and `tocsin pr`.' },
      ),
    ),
    every: optional(length('How often rules may be evaluated.')),
    window: optional(length('How much time rules may look at.')),
  },
  { ...closed, description: 'What `tocsin check` asks of rules in this house, and how bad its findings are.' },
);

const routeKeys = {
  receiver: optional(text('The receiver to notify; children inherit it.')),
  continue: optional(flag('Whether the following siblings are tried too.', false)),
  matchers: optional(
    Type.Array(text('A matcher.', { examples: ['severity="critical"'] }), {
      description: 'Matchers for labels; all must match.',
    }),
  ),
  group_by: optional(
    Type.Array(text('A label.'), { description: "Labels to group messages by; '...' means all labels except the severity." }),
  ),
  group_wait: optional(duration('How long the first message waits for more alerts.', '0s')),
  group_interval: optional(duration('Minimum time between messages about changes.', '5m')),
  repeat_interval: optional(
    Type.Union(
      [
        duration('A length of time.'),
        Type.Object(
          {
            first: duration('Until the first reminder.'),
            factor: optional(
              Type.Number({ minimum: 1, maximum: 100, default: 2, description: 'How much longer each next one takes.' }),
            ),
            max: optional(duration('The longest time between two.', '1d')),
          },
          { ...closed, description: 'Reminders that become rarer.' },
        ),
      ],
      { default: '4h', description: 'Time between reminders while something is firing.' },
    ),
  ),
  schedule: optional(
    text('When messages are sent, as a cron pattern of five fields in `timezone`: a digest of all that is new. `off`: at once.', {
      examples: ['0 8,13 * * 1-5'],
    }),
  ),
  send_resolved: optional(flag('Whether those whom this route notifies are notified of the end of alerts.', true)),
  ...intervalKeys,
  escalate: optional(escalateKey),
  ...readerKeys,
};

/** A node of the routing tree as `tocsin.yaml` has it. */
export type RawRoute = Static<typeof rawRoute> & { readonly routes?: readonly RawRoute[] };
const rawRoute = Type.Object(routeKeys);

const sections = {
  namespace: optional(
    text(
      'Name of this deployment: lowercase letters, digits, - and _. It is part of every ID, so that deployments can share a cluster.',
      {
        examples: ['shop'],
        pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
        default: CONFIG_DEFAULTS.namespace,
      },
    ),
  ),
  elasticsearch: optional(elasticsearch),
  rules: optional(texts('Files and folders with rules, relative to this file.')),
  silences: optional(
    texts('Files and folders with silences, relative to this file; by default `silences`, if there is such a folder.'),
  ),
  time_intervals: optional(timeIntervalsKey),
  meta_receiver: optional(text('The receiver of health alerts of Tocsin.')),
  external_url: optional(
    text('Address under which people reach the server of Tocsin. Messages link to the page of each alert there.', {
      examples: ['https://tocsin.example.com'],
    }),
  ),
  kibana: optional(
    Type.Object(
      { url: text('Address of Kibana, for links.'), space: optional(text("Kibana's space, for links.")) },
      { ...closed, description: 'Kibana, for links in messages.' },
    ),
  ),
  evidence: optional(evidence),
  inhibit_rules: optional(
    Type.Array(INHIBIT_RULE_SCHEMA, {
      maxItems: 1_000,
      description: 'Which alerts are not notified while which other alerts fire, as in Alertmanager.',
    }),
  ),
  lint: optional(lint),
  server: optional(Type.Unsafe<RawServer>({})),
  log: optional(
    Type.Object(
      {
        level: optional(Type.Enum(['debug', 'info', 'warn', 'error'], { default: 'info', description: 'Minimum level to log.' })),
        format: optional(Type.Enum(['json', 'pretty'], { default: 'json', description: 'JSON lines, or readable text.' })),
      },
      { ...closed, description: 'The log of `tocsin run`, on stdout.' },
    ),
  ),
  delivery: optional(
    Type.Object(
      {
        give_up_after: optional(duration('How long a message is retried before giving up.', '24h')),
        send_timeout: optional(duration('Timeout of one attempt.', '20s')),
        lease: optional(duration('How long a message is reserved for one replica; longer than send_timeout.', '60s')),
      },
      { ...closed, description: 'How messages are delivered.' },
    ),
  ),
  state: optional(
    Type.Object(
      {
        replicas: optional(
          Type.Integer({
            minimum: 0,
            maximum: 10,
            description: 'Replica shards of the state indices; default: one as soon as there is a second node.',
          }),
        ),
        refresh_interval: optional(duration('Refresh interval of the state indices.', '1s')),
      },
      { ...closed, description: 'The indices that hold state.' },
    ),
  ),
  heartbeat: optional(heartbeat),
  runs: optional(
    Type.Object(
      { keep: optional(duration('Retention; at least 1d. Whole daily indices are deleted.', '30d')) },
      { ...closed, description: 'Records of evaluations, read by `tocsin explain`.' },
    ),
  ),
  history: optional(
    Type.Object(
      { keep: optional(duration('Retention after the last change; at least 1d.', '365d')) },
      { ...closed, description: 'Records of episodes and notifications, for people and dashboards.' },
    ),
  ),
  reload_interval: optional(
    duration(
      'How often files are checked for changes, at least 1s; up to three times as long if the check is slow, as with thousands of files.',
      '10s',
    ),
  ),
  removed_after: optional(
    duration(
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
    description: `Configuration of Tocsin. Every text may contain \${env:NAME}. Keys that start with x- are ignored and can hold anchors.`,
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
            description: 'Child routes: the first that matches takes the alert.',
            items: { $ref: '#/definitions/route' },
          },
        },
        additionalProperties: false,
      },
    },
  };
}
