import { Type } from 'typebox';
import { HTTP_CONFIG_SCHEMA } from './config.ts';

/** The key that each HTTP destination has beside its own. */
export const HTTP_KEYS = { http_config: Type.Optional(Type.Unsafe(HTTP_CONFIG_SCHEMA)) };

/** A text key with a description. */
export function requiredText(description: string, more: object = {}) {
  return Type.String({ minLength: 1, description, ...more });
}

/** A text key that may be left out. */
export function optionalText(description: string, more: object = {}) {
  return Type.Optional(requiredText(description, more));
}

/** A list of texts that may be left out, such as labels. */
export function optionalTexts(description: string, most: number, item: object) {
  return Type.Optional(Type.Array(Type.String({ minLength: 1, ...item }), { maxItems: most, description }));
}

/** The address of an API that is usually this one. */
export function apiUrlKey(usual: string, description = 'Address of the API.') {
  return optionalText(description, { default: usual });
}

/** A flag that may be left out. */
export function optionalFlag(description: string, value: boolean) {
  return Type.Optional(Type.Boolean({ description, default: value }));
}
