import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Path } from '../yaml/path.ts';
import type { Report } from './report.ts';

/** The environment as the process has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `${env:NAME}` in every text of a value; nothing else is expanded, and what comes in is not looked at again. A variable that is
 * not set, or set to nothing, is a problem: an empty password must not look like a chosen one.
 */
export function expandEnvironment(value: unknown, env: Environment, report: Report, path: Path = []): unknown {
  if (typeof value === 'string') return expandText(value, env, report, path);
  if (Array.isArray(value)) return value.map((item, index) => expandEnvironment(item, env, report, [...path, index]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, expandEnvironment(inner, env, report, [...path, key])]),
  );
}

function expandText(text: string, env: Environment, report: Report, path: Path): string {
  return text.replace(/\$\{env:([^}]*)\}/g, (whole, name: string) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report.error('config/env', path, `${whole} names no environment variable`, 'expected letters, digits and _ after env:');
      return whole;
    }
    const value = own(env, name);
    if (value === undefined || value === '') {
      report.error(
        'config/env',
        path,
        `the environment variable ${name} is ${value === undefined ? 'not set' : 'empty'}`,
        `set ${name}`,
      );
      return whole;
    }
    report.conceal(value, whole);
    return value;
  });
}
