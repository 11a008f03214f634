import { Ajv, type ValidateFunction } from 'ajv';
import type { JsonSchema } from '../core/json.ts';
import { type SchemaProblem, schemaProblems } from './schema-problems.ts';
import type { Wording } from './schema-words.ts';

/**
 * Says what is wrong with a value; none when it fits. Where `quoted` is given, messages quote its values in place of those that
 * were checked (of the same shape: before secrets were filled in).
 */
export type SchemaCheck = (value: unknown, quoted?: unknown) => readonly SchemaProblem[];

/** Makes the check of a schema. It is compiled at the first use, and once: that takes milliseconds, a check microseconds. */
export function schemaCheck(schema: () => JsonSchema, wording: Wording = {}): SchemaCheck {
  let compiled: ValidateFunction | undefined;
  return (value, quoted = value) => {
    compiled ??= new Ajv({
      allErrors: true,
      verbose: true,
      strict: true,
      strictTypes: false,
      strictRequired: false,
      inlineRefs: false,
      // The schemas are this project's own, and tests validate them; both cost every command more time than checking what it reads.
      meta: false,
      validateSchema: false,
      code: { optimize: false },
    }).compile(schema());
    return compiled(asNumbers(value)) ? [] : schemaProblems(compiled.errors ?? [], { value, quoted }, wording);
  };
}

/** Schemas know no integers beyond 2^53: what is checked has the nearest number in their place. */
function asNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const read = items.map(asNumbers);
    return read.some((item, index) => item !== items[index]) ? read : value;
  }
  const members = Object.entries(value);
  const read = members.map(([key, inner]) => [key, asNumbers(inner)] as const);
  return read.some(([, inner], index) => inner !== members[index]?.[1]) ? Object.fromEntries(read) : value;
}
