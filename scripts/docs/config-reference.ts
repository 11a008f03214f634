import { HTTP_CONFIG_SCHEMA } from '../../src/channels/http-client/config.ts';
import { COMMON_KEYS } from '../../src/config/receiver-schema.ts';
import { configSchema } from '../../src/config/schema.ts';
import { isObject, type JsonSchema } from '../../src/core/json.ts';
import { TRACE_LOGS } from '../../src/search/trace-logs.ts';
import { KEY_HEAD, keyRows } from './key-rows.ts';
import { code, propertiesOf, table } from './markdown.ts';

/** Tables of every key of tocsin.yaml: top level and sections, routes, then each channel's options. */
export function configKeys(): string {
  const schema = plain(configSchema());
  const { receivers, route: _route, ...sections } = propertiesOf(schema);
  const definitions = isObject(schema['definitions']) ? schema['definitions'] : {};
  const route = isObject(definitions['route']) ? definitions['route'] : {};
  const receiver = isObject(receivers?.['items']) ? receivers['items'] : {};
  const channels = Object.entries(propertiesOf(receiver)).filter(([key]) => key !== 'name');
  return [
    '### Sections',
    table(
      KEY_HEAD,
      keyRows({ properties: sections }).filter(([key = '']) => !key.includes('lint.severity.')),
    ),
    'Keys of `lint.severity` are the codes of [findings](problems.md).',
    `Default of \`evidence.trace_logs.fields.message\`: ${TRACE_LOGS.fields.message.map(code).join(', ')}.`,
    '### Keys of a route',
    String(propertiesOf(schema)['route']?.['description'] ?? ''),
    table(KEY_HEAD, keyRows(route)),
    '### Keys of a receiver',
    table(KEY_HEAD, keyRows({ properties: { name: propertiesOf(receiver)['name'] ?? {} }, required: ['name'] })),
    '### Keys of each destination',
    'Of every entry of every list below.',
    table(KEY_HEAD, keyRows({ properties: JSON.parse(JSON.stringify(COMMON_KEYS)) })),
    '### Keys of http_config',
    'Of every entry with this key: all but mail and the console.',
    table(KEY_HEAD, keyRows(plain(HTTP_CONFIG_SCHEMA))),
    ...channels.flatMap(([key, list]) => channelKeys(key, list)),
  ].join('\n\n');
}

function channelKeys(key: string, list: JsonSchema): readonly string[] {
  const items = isObject(list['items']) ? list['items'] : {};
  const own = Object.entries(propertiesOf(items)).filter(([name]) => !Object.hasOwn(COMMON_KEYS, name) && name !== 'http_config');
  const rows = keyRows({ ...items, properties: Object.fromEntries(own) });
  const heading = [`### Keys of an entry of ${key}`, String(list['description'] ?? '')];
  return rows.length === 0 ? heading : [...heading, table(KEY_HEAD, rows)];
}

/** Without what the schema library remembers beside the JSON. */
function plain(schema: JsonSchema): JsonSchema {
  const read: unknown = JSON.parse(JSON.stringify(schema));
  return isObject(read) ? (read as JsonSchema) : {};
}
