import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** The name a rule is known by for ever in its namespace: its `id`, else its `name`. */
export type RuleId = string;

/** A short stable id of any JSON parts: 32 hexadecimal characters of their SHA-256, independent of key order. */
export function hashId(...parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 32);
}
