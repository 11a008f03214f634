import type { Static, TSchema } from 'typebox';
import { asError } from '../core/errors.ts';
import { isObject, type JsonObject, type JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import { inMessage, partCheck, type ReadStored, type UnreadDocument } from './read-stored.ts';

/** How documents of one older version are read, and what the next version makes of them. */
export interface Migration {
  /** The schema of the older version. */
  readonly from: TSchema;
  /** Pure; changes nothing of what it is given. The new version number is not its business. */
  readonly up: (older: never) => object;
}

/** A kind of stored document: how it is called, what is searched by, how it is read and which older versions are understood. */
export interface StoredKind<S extends TSchema = TSchema> {
  /** For people: `alert group`. */
  readonly name: string;
  /** What follows the prefix in the name of its index: `alert-groups`. */
  readonly index: string;
  /** The version that is written, and the newest that is read: the literal `v` of the schema. */
  readonly version: number;
  readonly schema: S;
  /** Members that are indexed beside the body, because a search finds documents by them. No migration may change them. */
  readonly indexed: readonly string[];
  /** Indexed as well: what is worked out of a document, so that a search finds it by more than one member. Flags only. */
  readonly derived: Readonly<Record<string, (document: never) => boolean>>;
  /** By the version that each begins at. */
  readonly migrations: Readonly<Record<number, Migration>>;
  /** Reads a body whole: walks an older one up to the current version, then validates it. */
  read(body: unknown): ReadStored<Static<S>>;
}

/** Makes one migration, with the type of what it is given. */
export function migration<S extends TSchema>(from: S, up: (older: Static<S>) => object): Migration {
  return { from, up };
}

/**
 * Makes one kind of stored document. A body is held against the schema of its own version first, so that a migration is given what that version
 * wrote; the result is held against the current schema, down to the last member: what passes can be used without another look. Throws where a
 * version between 1 and the current one has no migration.
 */
export function storedKind<S extends TSchema>(
  kind: Pick<StoredKind<S>, 'name' | 'index' | 'schema' | 'indexed'> & Partial<Pick<StoredKind<S>, 'migrations' | 'derived'>>,
): StoredKind<S> {
  const { schema, migrations = {}, derived = {} } = kind;
  const version = versionOf(schema);
  const steps = Array.from({ length: version - 1 }, (_, index) => {
    const step = migrations[index + 1];
    if (step === undefined) throw new Error(`${kind.name}: no migration begins at version ${index + 1}`);
    return { problem: partCheck(step.from), up: step.up as (older: JsonObject) => object };
  });
  const problem = partCheck(schema);
  const read = (body: unknown): ReadStored<Static<S>> => {
    const began = versionRead(body, version);
    if (typeof began !== 'number') return began;
    let document = body as JsonObject;
    for (const [index, step] of steps.entries()) {
      const at = index + 1;
      if (at < began) continue;
      const wrong = step.problem(document);
      if (wrong !== undefined) return unread(wrong, at, began);
      try {
        document = { ...step.up(document), v: at + 1 } as JsonObject;
      } catch (thrown) {
        return unread(`is not migrated to version ${at + 1}: ${asError(thrown).message}`, at + 1, began);
      }
    }
    const wrong = problem(document);
    return wrong === undefined ? { ok: true, document: document as Static<S> } : unread(wrong, version, began);
  };
  return { ...kind, migrations, derived, version, read };
}

/** The members of a document that its index knows, by their names. */
export function indexedOf(kind: Pick<StoredKind, 'indexed' | 'derived'>, document: object): JsonObject {
  const stored = document as JsonObject;
  return Object.fromEntries([
    ...kind.indexed.flatMap((name) => (Object.hasOwn(stored, name) ? [[name, own(stored, name) ?? null] as const] : [])),
    ...Object.entries(kind.derived).map(([name, derive]) => [name, derive(document as never)] as const),
  ]);
}

/** What a document was found to be at version `at`, where it was stored at version `began`. Only what is wrong as it is stored is its own fault. */
function unread(problem: string, at: number, began: number): UnreadDocument {
  if (at === began) return { ok: false, replaceable: true, message: problem };
  const message = `of version ${began} cannot be read by this Tocsin, which is a fault of Tocsin: at version ${at} it ${problem}`;
  return { ok: false, replaceable: false, message };
}

function versionOf(schema: TSchema): number {
  const properties = (schema as JsonSchema)['properties'];
  const v = isObject(properties) ? properties['v'] : undefined;
  const version = isObject(v) ? v['const'] : undefined;
  if (typeof version !== 'number') throw new Error('the schema of a stored document names its version: v: Type.Literal(1)');
  return version;
}

/** The version of a body, when it can be one that a Tocsin wrote and this one knows. */
function versionRead(body: unknown, newest: number): number | UnreadDocument {
  if (!isObject(body)) return { ok: false, replaceable: true, message: 'has no body' };
  const { v } = body;
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < 1) {
    const known = newest === 1 ? '1' : `1 to ${newest}`;
    return { ok: false, replaceable: true, message: `has version ${inMessage(v)}, not ${known}` };
  }
  if (v <= newest) return v;
  const message = `was written by a newer Tocsin (version ${v}, this one reads up to ${newest}): upgrade this one`;
  return { ok: false, replaceable: false, message };
}
