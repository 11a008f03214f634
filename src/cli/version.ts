import { readFileSync } from 'node:fs';
import { isObject } from '../core/json.ts';

/** The version of this Tocsin, as its package says. */
export function version(): string {
  const json: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return isObject(json) && typeof json['version'] === 'string' ? json['version'] : 'unknown';
}
