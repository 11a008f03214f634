interface Made {
  readonly type?: string;
  readonly properties?: object;
  readonly const?: unknown;
}

const MAKERS: Readonly<Record<string, (given: object) => Made>> = {
  Object: (properties) => ({ type: 'object', properties }),
  Literal: (value: unknown) => ({ const: value }),
  Unsafe: (schema) => schema,
};

/** Schemas of which nothing is known but what the readers of stored documents look at. */
export const Type = new Proxy({}, { get: (_target, name) => MAKERS[String(name)] ?? ((): Made => ({})) });

/** Nothing that a page reads was written elsewhere. */
export function Compile() {
  return { Check: () => true, Errors: () => [] };
}
