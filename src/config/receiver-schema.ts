import { Type } from 'typebox';
import type { Channel } from '../channels/channel.ts';
import { HTTP_CONFIG_SCHEMA } from '../channels/http-client/config.ts';
import { channels } from '../channels/registry.ts';
import { DURATION_PATTERN } from '../core/duration.ts';
import { isObject, type JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import { withFileKeys } from './file-keys.ts';
import { MENTIONS_SCHEMA, readerKeys } from './readers.ts';
import { keyOfText } from './schema-parts.ts';

/** A receiver as `tocsin.yaml` has it: a name, and `CHANNEL_configs` lists. */
export interface RawReceiver {
  readonly name: string;
  readonly timezone?: string;
  readonly locale?: string;
  readonly mentions?: Readonly<Record<string, string>>;
  readonly [configs: string]: unknown;
}

/** The key of a receiver that lists destinations of a channel. */
export function configsKey(channel: string): string {
  return `${channel}_configs`;
}

/** The keys of a receiver that list destinations. */
export const CONFIGS_KEYS: readonly string[] = Object.keys(channels).map(configsKey);

/** JSON schema of one receiver; only the lists of destinations in `used` are described in full. */
export function receiverSchema(used: ReadonlySet<string>): JsonSchema {
  const name = keyOfText('Name used in routes and rules; without slashes.', {
    examples: ['team-todo'],
    maxLength: 100,
    pattern: '^[^/\\s][^/]*$',
  });
  const lists = Object.values(channels).map((channel) => {
    const key = configsKey(channel.name);
    const items = used.has(key)
      ? { items: withFileKeys(withCommonKeys(withNestedFileKeys(channel)), [...channel.secrets, ...(channel.files ?? [])]) }
      : {};
    return [key, { type: 'array', description: channel.description, ...items }] as const;
  });
  return {
    type: 'object',
    properties: {
      name,
      send_resolved: RECEIVER_RESOLVED,
      ...readerKeys,
      mentions: MENTIONS_SCHEMA,
      ...Object.fromEntries(lists),
    },
    required: ['name'],
    additionalProperties: false,
  };
}

const RECEIVER_RESOLVED = Type.Boolean({
  description: 'Whether its destinations are notified when alerts end; a destination can override it.',
  default: true,
});

/** Keys that every destination has, whatever its kind. */
export const COMMON_KEYS = {
  name: keyOfText(
    'Name of this destination, without slashes and spaces; it keeps its alert groups when the list is reordered. Default: its position.',
    {
      examples: ['night-shift'],
      maxLength: 100,
      pattern: '^[^/\\s]+$',
    },
  ),
  send_resolved: Type.Boolean({
    description: 'Whether it is notified when alerts end; `send_resolved: false` of a rule takes precedence.',
    default: true,
  }),
  rate_limit: keyOfText('Maximum number of messages in a period, from one replica; further ones wait.', {
    examples: ['30/1m'],
    pattern: '^[1-9][0-9]{0,5}/[0-9a-z]+$',
  }),
  timeout: keyOfText('Timeout of one attempt, at least 1s; never longer than `delivery.send_timeout`.', {
    pattern: DURATION_PATTERN,
  }),
};

/** The schema of a channel whose objects of options have their `KEY_file` variants. */
function withNestedFileKeys({ schema, nested = {} }: Pick<Channel<unknown>, 'schema' | 'nested'>): JsonSchema {
  const given = schema['properties'];
  const properties = isObject(given) ? given : {};
  const objects = Object.entries(nested).map(([key, secrets]) => {
    const object = own(properties, key);
    return [key, withFileKeys(isObject(object) ? object : {}, secrets)] as const;
  });
  return { ...schema, properties: { ...properties, ...Object.fromEntries(objects) } };
}

/** The connection is one definition: a copy of it for each kind of destination would cost a second to compile. */
function withCommonKeys(schema: JsonSchema): JsonSchema {
  const properties = { ...COMMON_KEYS, ...(schema['properties'] as object) };
  return { ...schema, properties: 'http_config' in properties ? { ...properties, http_config: HTTP_CONFIG } : properties };
}

/** `http_config`, by reference. */
export const HTTP_CONFIG = { $ref: '#/definitions/http_config', description: String(HTTP_CONFIG_SCHEMA['description']) };
