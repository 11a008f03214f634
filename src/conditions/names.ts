const TAKEN: ReadonlySet<string> = new Set([
  ...[
    'true',
    'false',
    'null',
    'in',
    'as',
    'break',
    'const',
    'continue',
    'else',
    'for',
    'function',
    'if',
    'import',
    'let',
    'loop',
  ],
  ...['package', 'namespace', 'return', 'var', 'void', 'while', 'prototype', 'number', 'int', 'uint', 'double', 'bool', 'string'],
  ...['bytes', 'list', 'map', 'type', 'null_type', 'dyn', 'optional', 'google', 'ast'],
]);

/** Pattern of the names that conditions can use, for JSON schemas. */
export const VARIABLE_PATTERN = '^[A-Za-z_][A-Za-z0-9_]{0,63}$';

/** Why a metric cannot have this name in conditions; undefined if it can. */
export function variableNameProblem(name: string): string | undefined {
  if (!new RegExp(VARIABLE_PATTERN).test(name)) {
    return 'a name starts with a letter or `_`, followed by letters, digits and `_`; at most 64 characters';
  }
  return TAKEN.has(name) || Reflect.has(Object.prototype, name) ? `\`${name}\` is a reserved word of conditions` : undefined;
}
