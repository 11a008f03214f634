import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { truncate } from '../core/truncate.ts';

/**
 * A stored document as it was read, or what is wrong with it. `newer`: a newer Tocsin wrote it, and it is not to be touched; else it was edited
 * or damaged, and what can be made again may replace it.
 */
export type ReadStored<D> =
  | { readonly ok: true; readonly document: D }
  | { readonly ok: false; readonly newer: boolean; readonly message: string };

/** The version of the documents that this Tocsin writes, and the newest that it reads. */
const VERSION = 1;
const SHOWN = 80;

/**
 * Makes the reader of one kind of stored document. The whole document is held against its schema, down to the last member: what passes can be
 * used without another look, and what does not pass is put aside by its name.
 */
export function storedReader<S extends TSchema>(schema: S): (body: unknown) => ReadStored<Static<S>> {
  const validator = Compile(schema);
  return (body) => {
    const version = versionProblem(body);
    if (version !== undefined) return version;
    if (validator.Check(body)) return { ok: true, document: body as Static<S> };
    return { ok: false, newer: false, message: `is invalid${placeOf(body, validator.Errors(body))}` };
  };
}

/** Makes the check of a part of a stored document whose form only its owner knows: what is wrong with it and where, or undefined. */
export function partCheck(schema: TSchema): (part: unknown) => string | undefined {
  const validator = Compile(schema);
  return (part) => (validator.Check(part) ? undefined : `is invalid${placeOf(part, validator.Errors(part))}`);
}

interface SchemaError {
  readonly instancePath: string;
  readonly message: string;
}

function versionProblem(body: unknown): (ReadStored<never> & { readonly ok: false }) | undefined {
  if (!isObject(body)) return { ok: false, newer: false, message: 'has no body' };
  const { v } = body;
  if (v === VERSION) return undefined;
  if (typeof v !== 'number' || v < VERSION)
    return { ok: false, newer: false, message: `has version ${shown(v)}, not ${VERSION}` };
  const message = `was written by a newer Tocsin (version ${v}, this one reads up to ${VERSION}): upgrade this one`;
  return { ok: false, newer: true, message };
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
  return ` at ${parts.join('.').slice(0, SHOWN * 2)}: ${error.message}, got ${shown(value)}`;
}

function shown(value: unknown): string {
  return truncate(JSON.stringify(value) ?? String(value), SHOWN);
}
