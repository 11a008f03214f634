/**
 * The member of a record that is its own, or undefined. A name out of a document, a rule or a request may be `constructor` or `toString`:
 * read with `record[name]` it finds what every object inherits. Every lookup by a name that is not known beforehand goes through here; a test
 * of the architecture finds those that do not.
 */
export function own<V>(record: Readonly<Record<string, V>> | undefined, name: string): V | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Sets a member of a record under any name. Assigned with `record[name] = value`, a member named `__proto__` is lost without an error. */
export function put<V>(record: Record<string, V>, name: string, value: V): void {
  if (Object.hasOwn(record, name) || !(name in record)) record[name] = value;
  else Object.defineProperty(record, name, { value, configurable: true, enumerable: true, writable: true });
}
