/** Deeply frozen objects, which never change. */
const settled = new WeakSet<object>();

/** Freezes a plain value all the way down and gives it back. Rules and configuration pass through it once, after loading. */
export function deepFreeze<T>(value: T): T {
  freeze(value);
  return value;
}

/** Whether `deepFreeze` has seen to it that nothing in a plain object or list can change: what is derived from it may be kept. */
export function isSettled(value: object): boolean {
  return settled.has(value);
}

/** What someone else froze is left as it is, and nothing is known of what is in it. */
function freeze(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Object.isFrozen(value)) return settled.has(value);
  Object.freeze(value);
  let all = isPlain(value);
  for (const inner of Object.values(value)) all = freeze(inner) && all;
  if (all) settled.add(value);
  return all;
}

/** Maps, sets and dates can be changed although they are frozen. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
