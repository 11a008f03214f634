import { groupValue } from '../core/printed.ts';

export { valuesText } from '../core/printed.ts';

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
