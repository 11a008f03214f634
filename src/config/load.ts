import { dirname, resolve } from 'node:path';
import { deepFreeze } from '../core/freeze.ts';
import { httpUrl } from '../core/http-url.ts';
import { isObject } from '../core/json.ts';
import type { Checked } from '../core/problems.ts';
import { DAY } from '../core/time.ts';
import type { TimeIntervals } from '../routing/time-intervals.ts';
import { routeTree } from '../routing/tree.ts';
import { fromTopToBottom } from '../yaml/complaints.ts';
import { type Ignore, ignoresOf } from '../yaml/ignores.ts';
import { knownKeysOf } from '../yaml/looks-like.ts';
import { parseOnly } from '../yaml/parse.ts';
import { kindOf, propertiesOf } from '../yaml/schema-words.ts';
import { CONFIG_CODES } from './codes.ts';
import type { Config } from './config.ts';
import { CONFIG_DEFAULTS, durationOr } from './defaults.ts';
import { clusterOf, readElasticsearch } from './elasticsearch.ts';
import { readTraceLogs } from './evidence.ts';
import { type Environment, expandEnvironment } from './expand.ts';
import { CONFIG_HABIT_KEYS } from './habits.ts';
import { readHeartbeat } from './heartbeat.ts';
import { readInhibitRules } from './inhibit-rules.ts';
import { readLint } from './lint.ts';
import { readNoiseDigest } from './noise-digest.ts';
import { withPlaces } from './places.ts';
import { readBounded } from './read-bounded.ts';
import { readReceivedAlerts } from './received-alerts.ts';
import type { RawReceiver } from './receiver-schema.ts';
import { readReceivers } from './receivers.ts';
import { type Report, reportOn, type SecretNeeds } from './report.ts';
import { checkReceiver, readRoute } from './routes.ts';
import { configSchema, type RawConfig } from './schema.ts';
import { type Files, filesIn } from './secret-files.ts';
import { readServer } from './server.ts';
import { readSlackApp } from './slack-app.ts';
import { withSlackButtons } from './slack-buttons.ts';
import { readTimeIntervals } from './time-intervals.ts';
import { validate } from './validate.ts';

const SCHEMA = configSchema();
const KEYS: ReadonlySet<string> = new Set(Object.keys(propertiesOf(SCHEMA)));
const LIKELY_KEYS: ReadonlySet<string> = new Set([...KEYS, ...CONFIG_HABIT_KEYS]);

/** Parts of a configuration that are known although others are broken. */
export type ConfigParts = Partial<
  Pick<Config, 'rules' | 'routing' | 'routePlaces' | 'receiverPlaces' | 'intervalPlaces' | 'lint'>
>;

/** What is known of a configuration that has errors: `usable`, where `elasticsearch` and `namespace` have none, is what reading the state takes. */
interface KnownParts {
  readonly parts?: ConfigParts;
  readonly usable?: Config;
}

/** A configuration, or all its problems and what is known all the same. */
export type LoadedConfig = (
  | Extract<Checked<Config>, { readonly ok: true }>
  | (Extract<Checked<Config>, { readonly ok: false }> & KnownParts)
) & {
  /** The comments of the file that ignore findings. */
  readonly ignores?: readonly Ignore[];
};

/** Any file can be named or linked as configuration: unless it plainly is one, nothing that it holds may be quoted. */
const looksLikeConfig = (value: unknown) => knownKeysOf(value, LIKELY_KEYS) > 0;

/**
 * Reads `tocsin.yaml`, with the files and environment variables it names, and gives all its problems at once. Without a file it is the
 * default configuration. Paths in the file are relative to its folder. Of the missing secrets, only those that `needed` asks for are
 * errors: placeholders replace the others.
 */
export async function loadConfig(file: string | undefined, env: Environment, needed: SecretNeeds = 'all'): Promise<LoadedConfig> {
  if (file === undefined) return defaultConfig(env);
  const path = resolve(file);
  const text = await readBounded(path, path, 'use --config to select another file');
  if (!text.ok)
    return { ok: false, problems: [{ code: 'config/file', severity: 'error', message: text.message, hint: text.hint }] };
  const source = { file, text: text.text };
  const { document, problems, plain } = parseOnly(source, CONFIG_CODES, 'merge them into one document', looksLikeConfig);
  if (problems.length > 0) return { ok: false, problems };
  const report = reportOn(document, needed);
  if (document !== undefined && !plain) {
    report.error(
      CONFIG_CODES.invalid,
      [],
      `expected a mapping, got ${kindOf(document.value)}`,
      `known keys: ${[...KEYS].join(', ')}`,
    );
    return { ok: false, problems: report.problems };
  }
  const raw = document?.value ?? {};
  const value = expandEnvironment(raw, { env, schema: SCHEMA, report });
  validate(value, raw, report);
  const built = { ...(await build(value, dirname(path), env, report)), ignores: ignoresOf(source) };
  if (document === undefined) return built;
  return built.ok
    ? { ...built, value: withPlaces(built.value, value, document) }
    : { ...built, ...(built.parts !== undefined && { parts: withPlaces(built.parts, value, document) }) };
}

/** What holds without a `tocsin.yaml`: one receiver, `default`, on the console; ELASTICSEARCH_URL and ELASTICSEARCH_API_KEY are honoured. */
export function defaultConfig(env: Environment): Promise<LoadedConfig> {
  return build({}, process.cwd(), env, reportOn(undefined));
}

/** Builds what is not broken, so that all problems are found at once. */
async function build(value: unknown, folder: string, env: Environment, report: Report): Promise<LoadedConfig> {
  const given = isObject(value) ? value : {};
  const section = <K extends keyof RawConfig>(key: K): RawConfig[K] | undefined => {
    return report.broken([key]) ? undefined : (given[key] as RawConfig[K] | undefined);
  };
  const files = filesIn(folder, report);
  const elasticsearch = await readElasticsearch(
    section('elasticsearch') ?? (given['elasticsearch'] === undefined ? clusterOf(env) : {}),
    files,
    report,
  );
  const intervals = await readTimeIntervals(section('time_intervals'), files, report);
  const routing = await readRouting(given, section('route'), { files, intervals }, report);
  const meta = section('meta_receiver');
  const areUnknown = routing.positions.size === 0 && report.broken(['receivers']);
  if (meta !== undefined && !areUnknown) checkReceiver(meta, ['meta_receiver'], Object.keys(routing.destinations), report);
  const rules = section('rules') ?? CONFIG_DEFAULTS.rules;
  if (rules.length === 0 && section('received_alerts') === undefined)
    report.error(
      'config/value',
      ['rules'],
      'expected at least 1 entry',
      'without `received_alerts` there would be nothing to alert on',
    );
  const silences = section('silences');
  const slackApp = await readSlackApp(section('slack_app'), files, report);
  const config: Omit<Config, 'routing'> = {
    namespace: section('namespace') ?? CONFIG_DEFAULTS.namespace,
    elasticsearch,
    rules: (typeof rules === 'string' ? [rules] : rules).map((path) => resolve(folder, path)),
    silences: {
      paths: [silences ?? CONFIG_DEFAULTS.silences].flat().map((path) => resolve(folder, path)),
      optional: silences === undefined,
    },
    destinations: withSlackButtons(routing.configs, slackApp.slackApp, report),
    ...(meta === undefined ? {} : { meta }),
    ...readExternalUrl(section('external_url'), report),
    ...readKibana(section('kibana'), report),
    traceLogs: readTraceLogs(section('evidence')?.trace_logs, report),
    lint: readLint(section('lint'), report),
    ...readProcess(section, report),
    server: await readServer(section('server'), section('external_url'), files, report),
    ...(await readHeartbeat(section('heartbeat'), files, report)),
    ...readNoiseDigest(section('noise_digest'), areUnknown ? undefined : Object.keys(routing.destinations), report),
    ...readReceivedAlerts(section('received_alerts'), report),
    ...slackApp,
    secrets: files.secrets,
  };
  const inhibitRules = readInhibitRules(section('inhibit_rules'), report);
  const problems = fromTopToBottom(report.problems);
  const { root, destinations, readers } = routing;
  if (report.broken([]) || root === undefined) {
    const parts: ConfigParts = {
      ...(!report.broken(['rules']) && { rules: config.rules }),
      ...(!report.broken(['lint']) && { lint: config.lint }),
      ...(root !== undefined && { routing: { root, destinations, readers, inhibitRules, intervals } }),
    };
    if (report.broken(['elasticsearch']) || report.broken(['namespace'])) return { ok: false, problems, parts };
    const known = { root: root ?? routeTree({ receiver: '' }), destinations, intervals };
    return { ok: false, problems, parts, usable: deepFreeze({ ...config, routing: known }) };
  }
  return {
    ok: true,
    value: deepFreeze({ ...config, routing: { root, destinations, readers, inhibitRules, intervals } }),
    problems,
  };
}

async function readRouting(
  given: Readonly<Record<string, unknown>>,
  route: RawConfig['route'],
  { files, intervals }: { readonly files: Files; readonly intervals: TimeIntervals },
  report: Report,
) {
  const raw = given['receivers'] ?? (report.broken(['receivers']) ? [] : [{ name: 'default', console_configs: [{}] }]);
  const receivers = await readReceivers(Array.isArray(raw) ? raw.filter(isReceiver) : [], files, report);
  const names = Object.keys(receivers.destinations);
  const root =
    report.broken(['route']) || (names.length === 0 && report.broken(['receivers']))
      ? undefined
      : readRoute(
          route,
          { receivers: names, intervals: Object.keys(intervals), intervalsAreKnown: !report.broken(['time_intervals']) },
          report,
        );
  return { ...receivers, root };
}

function isReceiver(value: unknown): value is RawReceiver {
  return isObject(value);
}

function readExternalUrl(url: RawConfig['external_url'], report: Report): Pick<Config, 'externalUrl'> {
  if (url === undefined) return {};
  const parsed = httpUrl(url);
  if (parsed === undefined || parsed.username !== '' || parsed.password !== '' || parsed.search !== '')
    report.error(
      'config/url',
      ['external_url'],
      'not an http or https URL without a login and a query',
      'write https://tocsin.example.com',
    );
  return { externalUrl: url.replace(/[/#]+$/, '') };
}

function readKibana(kibana: RawConfig['kibana'], report: Report): Pick<Config, 'kibana'> {
  if (kibana === undefined) return {};
  if (httpUrl(kibana.url) === undefined) {
    report.error('config/url', ['kibana', 'url'], 'not an http or https URL', 'write https://kibana.example.com');
  }
  return { kibana: { url: kibana.url.replace(/\/+$/, ''), ...(kibana.space === undefined ? {} : { space: kibana.space }) } };
}

type Section = <K extends keyof RawConfig>(key: K) => RawConfig[K] | undefined;

type Process = Pick<Config, 'log' | 'delivery' | 'state' | 'runs' | 'history' | 'reloadInterval' | 'removedAfter'>;

function readProcess(section: Section, report: Report): Process {
  const [log, delivery, state] = [section('log'), section('delivery'), section('state')];
  const sendTimeout = durationOr(delivery?.send_timeout, CONFIG_DEFAULTS.sendTimeout);
  const lease = durationOr(delivery?.lease, CONFIG_DEFAULTS.lease);
  if (lease <= sendTimeout) {
    report.error(
      'config/lease',
      ['delivery', 'lease'],
      'the lease must be longer than send_timeout',
      'otherwise two replicas may send the same message',
    );
  }
  const reloadInterval = durationOr(section('reload_interval'), CONFIG_DEFAULTS.reloadInterval);
  if (reloadInterval < 1_000) report.error('config/value', ['reload_interval'], 'expected at least 1s');
  const removedAfter = durationOr(section('removed_after'), CONFIG_DEFAULTS.removedAfter);
  // Replicas say every few seconds what they have loaded.
  if (removedAfter < 10_000) report.error('config/value', ['removed_after'], 'expected at least 10s');
  const keep = durationOr(section('runs')?.keep, CONFIG_DEFAULTS.keepRuns);
  if (keep < DAY) report.error('config/value', ['runs', 'keep'], 'expected at least 1d');
  const keepHistory = durationOr(section('history')?.keep, CONFIG_DEFAULTS.keepHistory);
  if (keepHistory < DAY) report.error('config/value', ['history', 'keep'], 'expected at least 1d');
  return {
    log: { level: log?.level ?? 'info', format: log?.format ?? 'json' },
    delivery: { giveUpAfter: durationOr(delivery?.give_up_after, CONFIG_DEFAULTS.giveUpAfter), sendTimeout, lease },
    state: {
      ...(state?.replicas !== undefined && { replicas: state.replicas }),
      refreshInterval: durationOr(state?.refresh_interval, CONFIG_DEFAULTS.refreshInterval),
    },
    runs: { keep },
    history: { keep: keepHistory, payloads: section('history')?.payloads ?? true },
    reloadInterval,
    removedAfter,
  };
}
