import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** The permanent ID of a rule in its namespace: its `id`, otherwise its `name`. */
export type RuleId = string;

/** A short stable id of any JSON parts: 32 hexadecimal characters of their SHA-256, independent of key order. */
export function hashId(...parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('hex').slice(0, 32);
}

/** Says whether a text is a whole ID of an alert, and not only how one begins. */
export function isHashId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** The first part of a UUID, which is enough for people to know it by; any other ID whole. */
export function shortId(id: string): string {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(id) ? id.slice(0, 8) : id;
}
