import type { HttpConfig } from '../channels/http-client/config.ts';
import { channels } from '../channels/registry.ts';
import { parseDuration } from '../core/duration.ts';
import { TocsinError } from '../core/errors.ts';
import { deepFreeze } from '../core/freeze.ts';
import { isObject } from '../core/json.ts';
import type { ReaderSettings } from '../core/locale.ts';
import { own, put } from '../core/record.ts';
import type { Destination } from '../routing/route.ts';
import type { Path } from '../yaml/path.ts';
import type { DestinationConfig } from './config.ts';
import { fileKeyOf } from './file-keys.ts';
import { readHttpConfig } from './http-config.ts';
import { readReader } from './readers.ts';
import { COMMON_KEYS, configsKey, type RawReceiver } from './receiver-schema.ts';
import type { Report } from './report.ts';
import { schemaAt } from './schema-at.ts';
import type { Files } from './secret-files.ts';

/** The receivers of a configuration: who they notify, and each destination's options by its id. */
export interface Receivers {
  readonly destinations: Readonly<Record<string, readonly Destination[]>>;
  readonly configs: ReadonlyMap<string, DestinationConfig>;
  /** How their readers know numbers and times, of those that say so. */
  readonly readers: Readonly<Record<string, ReaderSettings>>;
  /** Position of each receiver in the list. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Reads all receivers; their names are unique, and so are the ids of their destinations: receiver, channel, and name or position. */
export async function readReceivers(raw: readonly RawReceiver[], files: Files, report: Report): Promise<Receivers> {
  const destinations: [string, readonly Destination[]][] = [];
  const configs = new Map<string, DestinationConfig>();
  const positions = new Map<string, number>();
  const readers: [string, ReaderSettings][] = [];
  for (const [index, receiver] of raw.entries()) {
    const path = ['receivers', index];
    if (typeof receiver?.name !== 'string') continue;
    if (positions.has(receiver.name)) {
      report.error(
        'config/duplicate-receiver',
        [...path, 'name'],
        `duplicate receiver ${receiver.name}`,
        'merge their lists under one name',
      );
      continue;
    }
    positions.set(receiver.name, index);
    const reader = report.broken(path) ? undefined : readReader(receiver, path, report);
    if (reader !== undefined) readers.push([receiver.name, reader]);
    const read = report.broken(path) ? [] : await readDestinations(receiver, path, files, report);
    for (const [at, config] of read.entries()) {
      const double = configs.has(config.id) || read.slice(0, at).some((earlier) => earlier.id === config.id);
      if (double) report.error('config/duplicate-destination', path, `duplicate destination ${config.id}`, 'rename one of them');
      configs.set(config.id, config);
    }
    destinations.push([receiver.name, read.map(({ id, channel }) => ({ id, receiver: receiver.name, channel }))]);
  }
  return { destinations: Object.fromEntries(destinations), configs, readers: Object.fromEntries(readers), positions };
}

async function readDestinations(
  receiver: RawReceiver,
  path: Path,
  files: Files,
  report: Report,
): Promise<readonly DestinationConfig[]> {
  const found: DestinationConfig[] = [];
  for (const channel of Object.values(channels)) {
    const list = own(receiver, configsKey(channel.name));
    for (const [index, keys] of (Array.isArray(list) ? list : []).entries()) {
      const place = [...path, configsKey(channel.name), index];
      const options = await readOptions(channel, keys, place, files, report);
      const id = `${receiver.name}/${channel.name}/${keys?.name ?? index}`;
      const terms = readTerms({ ...resolvedOf(receiver), ...keys }, place, report);
      if (options !== undefined) found.push({ id, receiver: receiver.name, channel: channel.name, options, ...terms });
    }
  }
  return found;
}

/** What a receiver says for those of its destinations that do not. */
function resolvedOf(receiver: RawReceiver): Readonly<Record<string, unknown>> {
  return own(receiver, 'send_resolved') === false ? { send_resolved: false } : {};
}

type AnyChannel = (typeof channels)[keyof typeof channels];

async function readOptions(
  channel: AnyChannel,
  keys: Readonly<Record<string, unknown>>,
  place: Path,
  files: Files,
  report: Report,
): Promise<unknown> {
  const elsewhere = new Set([
    ...Object.keys(COMMON_KEYS),
    'http_config',
    ...[...channel.secrets, ...(channel.files ?? [])].flatMap((name) => [name, fileKeyOf(name)]),
  ]);
  const options: Record<string, unknown> = Object.fromEntries(Object.entries(keys).filter(([key]) => !elsewhere.has(key)));
  const http = own(keys, 'http_config');
  if (isObject(http) && !report.broken([...place, 'http_config'])) {
    const read: HttpConfig = await readHttpConfig(http, [...place, 'http_config'], files, report);
    put(options, 'http_config', read);
  }
  for (const name of [...channel.secrets, ...(channel.files ?? [])]) {
    const value = await files.secret(keys, name, place);
    const least = leastLength(channel, name);
    if (value !== undefined && value.reveal().length < least) {
      const key = own(keys, name) === undefined ? fileKeyOf(name) : name;
      report.error('config/secret-file', [...place, key], `${name} has fewer than ${least} characters`, 'use a longer one');
    }
    if (value !== undefined) put(options, name, value);
  }
  for (const [key, secrets] of Object.entries(channel.nested ?? {})) {
    const section = own(keys, key);
    if (isObject(section)) put(options, key, await withSecrets(section, secrets, [...place, key], files));
  }
  if (report.broken(place)) return undefined;
  try {
    return deepFreeze(channel.read(options));
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error;
    report.error(error.code, place, error.message, error.hint);
    return undefined;
  }
}

/** An object of options with its secrets as such, wherever they were. */
async function withSecrets(
  section: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
  place: Path,
  files: Files,
): Promise<Readonly<Record<string, unknown>>> {
  const elsewhere = new Set(secrets.flatMap((name) => [name, fileKeyOf(name)]));
  const options: Record<string, unknown> = Object.fromEntries(Object.entries(section).filter(([key]) => !elsewhere.has(key)));
  for (const name of secrets) {
    const value = await files.secret(section, name, place);
    if (value !== undefined) put(options, name, value);
  }
  return options;
}

/** On which terms a destination gets its messages: keys that every kind has. */
function readTerms(
  keys: Readonly<Record<string, unknown>>,
  place: Path,
  report: Report,
): Pick<DestinationConfig, 'sendResolved' | 'rate' | 'timeout'> {
  const [count = '', per = ''] = String(own(keys, 'rate_limit') ?? '').split('/');
  const rate = { count: Number(count), per: parseDuration(per) ?? 0 };
  if (count !== '' && rate.per < 1_000 && !report.broken(place))
    report.error('config/value', [...place, 'rate_limit'], 'expected at least one second', 'write 30/1m');
  const timeout = parseDuration(String(own(keys, 'timeout') ?? ''));
  if (timeout !== undefined && timeout < 1_000) report.error('config/value', [...place, 'timeout'], 'expected at least 1s');
  return {
    ...(own(keys, 'send_resolved') === false && { sendResolved: false as const }),
    ...(count !== '' && { rate }),
    ...(timeout !== undefined && { timeout }),
  };
}

/** Minimum length of a secret, also in a secret file: the schema sees only secrets in the configuration file. */
function leastLength(channel: AnyChannel, key: string): number {
  const least = schemaAt(channel.schema, [key])?.['minLength'];
  return typeof least === 'number' ? least : 1;
}
