import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { isObject, jsonText } from '../core/json.ts';
import { own } from '../core/record.ts';
import { truncate } from '../core/truncate.ts';

/**
 * A stored document as it was read, at the current version, or what is wrong with it. `replaceable`: it was edited or damaged, and what can be
 * made again may take its place. Never so when a newer Tocsin wrote it, or when it is sound and only this Tocsin fails to migrate it.
 */
export type ReadStored<D> = { readonly ok: true; readonly document: D } | UnreadDocument;

/** What is wrong with a stored document that was not read: a sentence without its subject. */
export interface UnreadDocument {
  readonly ok: false;
  readonly replaceable: boolean;
  readonly message: string;
}

const SHOWN = 80;

/**
 * Makes the check of a stored document against one schema, or of a part whose form only its owner knows: what is wrong with it and where, or
 * undefined. It is compiled at the first use, and once: most commands read few kinds of documents, or none.
 */
export function partCheck(schema: TSchema): (part: unknown) => string | undefined {
  let compiled: Validator | undefined;
  return (part) => {
    compiled ??= Compile(schema);
    return compiled.Check(part) ? undefined : `is invalid${placeOf(part, compiled.Errors(part))}`;
  };
}

interface SchemaError {
  readonly instancePath: string;
  readonly message: string;
}

/** The innermost error says most: those of the alternatives around it only follow from it. */
function placeOf(body: unknown, errors: readonly SchemaError[]): string {
  const [error] = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length);
  if (error === undefined) return '';
  const parts = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const value = parts.reduce<unknown>(
    (inside, part) => (Array.isArray(inside) ? inside[Number(part)] : isObject(inside) ? own(inside, part) : undefined),
    body,
  );
  return ` at ${parts.join('.').slice(0, SHOWN * 2)}: ${error.message}, got ${inMessage(value)}`;
}

/** A stored value as a message shows it: JSON, cut where it is long. What was edited by hand may hold integers that JSON's own functions refuse. */
export function inMessage(value: unknown): string {
  return truncate(value === undefined ? 'undefined' : jsonText(value), SHOWN);
}
