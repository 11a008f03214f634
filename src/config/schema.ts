import { type Static, Type } from 'typebox';
import { HTTP_CONFIG_SCHEMA } from '../channels/http-client/config.ts';
import type { JsonSchema } from '../core/json.ts';
import { CONFIG_DEFAULTS } from './defaults.ts';
import { elasticsearchSchema, type RawElasticsearch } from './elasticsearch.ts';
import { EVIDENCE_SCHEMA } from './evidence.ts';
import { heartbeatSchema, type RawHeartbeat } from './heartbeat.ts';
import { INHIBIT_RULE_SCHEMA } from './inhibit-rules.ts';
import { LINT_SCHEMA } from './lint-schema.ts';
import { NOISE_DIGEST_SCHEMA } from './noise-digest.ts';
import { RECEIVED_ALERTS_SCHEMA } from './received-alerts.ts';
import { CONFIGS_KEYS, type RawReceiver, receiverSchema } from './receiver-schema.ts';
import { type RawRoute, ROUTE_SCHEMA } from './route-schema.ts';
import { CLOSED, keyOfDuration, keyOfText, keyOfTexts, optionalKey } from './schema-parts.ts';
import { type RawServer, serverSchema } from './server.ts';
import { type RawSlackApp, slackAppSchema } from './slack-app.ts';
import { timeIntervalsKey } from './time-intervals.ts';

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
  elasticsearch: optionalKey(Type.Unsafe<RawElasticsearch>(elasticsearchSchema())),
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
  evidence: optionalKey(EVIDENCE_SCHEMA),
  inhibit_rules: optionalKey(
    Type.Array(INHIBIT_RULE_SCHEMA, {
      maxItems: 1_000,
      description: 'Which alerts are not notified while which other alerts fire, as in Alertmanager.',
    }),
  ),
  lint: optionalKey(LINT_SCHEMA),
  server: optionalKey(Type.Unsafe<RawServer>(serverSchema())),
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
        give_up_after: optionalKey(keyOfDuration('How long a message is retried before giving up.', CONFIG_DEFAULTS.giveUpAfter)),
        send_timeout: optionalKey(keyOfDuration('Timeout of one attempt.', CONFIG_DEFAULTS.sendTimeout)),
        lease: optionalKey(
          keyOfDuration('How long a message is reserved for one replica; longer than send_timeout.', CONFIG_DEFAULTS.lease),
        ),
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
        refresh_interval: optionalKey(keyOfDuration('Refresh interval of the state indices.', CONFIG_DEFAULTS.refreshInterval)),
      },
      { ...CLOSED, description: 'The indices that hold state.' },
    ),
  ),
  heartbeat: optionalKey(Type.Unsafe<RawHeartbeat>(heartbeatSchema())),
  noise_digest: optionalKey(NOISE_DIGEST_SCHEMA),
  received_alerts: optionalKey(RECEIVED_ALERTS_SCHEMA),
  slack_app: optionalKey(Type.Unsafe<RawSlackApp>(slackAppSchema())),
  runs: optionalKey(
    Type.Object(
      {
        keep: optionalKey(keyOfDuration('Retention; at least 1d. Whole daily indices are deleted.', CONFIG_DEFAULTS.keepRuns)),
      },
      { ...CLOSED, description: 'Records of evaluations, read by `tocsin explain`.' },
    ),
  ),
  history: optionalKey(
    Type.Object(
      {
        keep: optionalKey(keyOfDuration('Retention after the last change; at least 1d.', CONFIG_DEFAULTS.keepHistory)),
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
      CONFIG_DEFAULTS.reloadInterval,
    ),
  ),
  removed_after: optionalKey(
    keyOfDuration(
      'How long a rule must be unloaded in all running replicas before its alerts end, at least 10s; checked once a minute.',
      CONFIG_DEFAULTS.removedAfter,
    ),
  ),
};

/** `tocsin.yaml` as it is written, once the schema has passed it; receivers and routes are read by their own modules. */
export type RawConfig = Static<typeof rawConfig> & {
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
      receivers: { type: 'array', description: 'Named receivers.', items: receiverSchema(used) },
      route: { $ref: '#/definitions/route', description: 'The routing tree: which receivers are notified of which alerts.' },
    },
    patternProperties: { '^x-': {} },
    additionalProperties: false,
    definitions: { http_config: HTTP_CONFIG_SCHEMA, route: ROUTE_SCHEMA },
  };
}
