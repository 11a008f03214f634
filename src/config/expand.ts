import { isObject, type JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Path } from '../yaml/path.ts';
import { withoutWrapping } from './read-bounded.ts';
import type { Report } from './report.ts';
import { sampleOf, schemaAt } from './schema-at.ts';

/** The environment as the process has it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What expanding needs: the environment, the schema that says what a key wants, and where problems go. */
export interface Expanding {
  readonly env: Environment;
  readonly schema: JsonSchema;
  readonly report: Report;
}

/**
 * Replaces `${env:NAME}` in every text of a value; nothing else is expanded, and what comes in is not looked at again. Line ends at the end of a
 * variable are dropped, as they are of files. A text that is nothing but a variable becomes a number, true or false where the key wants one. A
 * variable that is not set, or set to nothing, is a problem: an empty password must not look like a chosen one. Where it is not needed, a
 * placeholder of the right type replaces it.
 */
export function expandEnvironment(value: unknown, expanding: Expanding, path: Path = []): unknown {
  if (typeof value === 'string') return expandText(value, expanding, path);
  if (Array.isArray(value)) return value.map((item, index) => expandEnvironment(item, expanding, [...path, index]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, expandEnvironment(inner, expanding, [...path, key])]),
  );
}

const VARIABLE = /\$\{env:([^}]*)\}/g;
const ONE_VARIABLE = /^\$\{env:[^}]*\}$/;

function expandText(text: string, expanding: Expanding, path: Path): unknown {
  const whole = ONE_VARIABLE.test(text);
  let missing = false;
  const expanded = text.replace(VARIABLE, (written, name: string) => {
    const value = variable(written, name, expanding, path);
    missing ||= value === undefined;
    return value ?? STAND_IN;
  });
  if (!whole || expanded === text) return expanded;
  const schema = schemaAt(expanding.schema, path);
  return missing ? sampleOf(schema) : asWanted(expanded, schema);
}

/** A part of a host, a path or a name. */
const STAND_IN = 'not-set';

/** The value of a variable; the text as written after a problem, undefined for one that is missing and not needed. */
function variable(written: string, name: string, { env, report }: Expanding, path: Path): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    report.error('config/env', path, `invalid environment variable name: ${written}`, 'use letters, digits and _ after env:');
    return written;
  }
  const given = own(env, name);
  const value = given === undefined ? '' : withoutWrapping(given);
  if (value !== '') {
    report.conceal(value, written, path);
    return value;
  }
  const message = `the environment variable ${name} is ${given === undefined ? 'not set' : 'empty'}`;
  return report.missing('config/env', path, message, `set ${name}`) ? written : undefined;
}

/** The environment holds texts; a key that wants a number or a flag gets one where the text is one. */
function asWanted(text: string, schema: JsonSchema | undefined): string | number | boolean {
  const type = schema?.['type'];
  if (type === 'boolean' && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if ((type === 'integer' || type === 'number') && /^[-+]?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return text;
}
