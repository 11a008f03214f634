import { isObject } from '../../../core/json.ts';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'any' | 'string?' | 'number?' | 'object?';

/** What a stored document's members must be; a trailing `?` allows null, ` or absent` a document of an older Tocsin. */
export type Shape = Readonly<Record<string, Kind | 'object or absent' | 'array or absent'>>;

/** A stored document as it was read, or what is wrong with it. */
export type ReadBody<D> = { readonly ok: true; readonly document: D } | { readonly ok: false; readonly message: string };

/** The version of the documents that this Tocsin writes, and the newest that it reads. */
const VERSION = 1;

/**
 * Reads a body that may have been edited by hand or written by a newer Tocsin. Only the outermost members are looked at: enough
 * that a document of another making is not mistaken for ours.
 */
export function readBody<D>(body: unknown, shape: Shape): ReadBody<D> {
  if (!isObject(body)) return { ok: false, message: 'has no body' };
  const { v } = body;
  if (typeof v === 'number' && v > VERSION) {
    return {
      ok: false,
      message: `was written by a newer Tocsin (version ${v}, this one reads up to ${VERSION}): upgrade this one`,
    };
  }
  if (v !== VERSION) return { ok: false, message: `has version ${JSON.stringify(v)}, not ${VERSION}` };
  for (const [name, kind] of Object.entries(shape)) {
    if (!fits(body[name], kind)) return { ok: false, message: `has no valid ${name} (${kind} expected)` };
  }
  return { ok: true, document: body as D };
}

function fits(value: unknown, kind: Shape[string]): boolean {
  if (kind.endsWith(' or absent')) return value === undefined || fits(value, kind.slice(0, -' or absent'.length) as Kind);
  if (kind === 'any') return value !== undefined;
  if (kind.endsWith('?')) return value === null || fits(value, kind.slice(0, -1) as Shape[string]);
  if (kind === 'object') return isObject(value);
  return kind === 'array' ? Array.isArray(value) : typeof value === kind;
}
