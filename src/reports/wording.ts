import { jsonText } from '../core/json.ts';
import { groupValue, significant } from '../core/printed.ts';
/** A number with its noun: `1 rule`, `3 rules`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}

/** A group for people: `service.name: stub, url.path: /todos/`; null is `(none)`, an empty one `(empty)`; without fields it is empty. */
export function groupText(group: Readonly<Record<string, string | null>>): string {
  return Object.entries(group)
    .map(([field, value]) => `${field}: ${groupValue(value)}`)
    .join(', ');
}

/** A group by its values alone: `stub, /todos/`; empty without group_by. */
export function groupValues(group: Readonly<Record<string, string | null>>): string {
  return Object.values(group).map(groupValue).join(', ');
}

/** Measured values for people: `count 7, avg 0.35`; no more than four significant digits; null is `no value`. */
export function valuesText(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(', ');
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'no value';
  if (typeof value === 'number') return String(significant(value));
  return typeof value === 'string' ? value : jsonText(value);
}
