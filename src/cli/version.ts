import { readFileSync } from 'node:fs';
import { isObject } from '../core/json.ts';
import { PACKAGE_ROOT } from './package-root.ts';

/** The version of this Tocsin, as its package says. */
export function version(): string {
  const json: unknown = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8'));
  return isObject(json) && typeof json['version'] === 'string' ? json['version'] : 'unknown';
}
