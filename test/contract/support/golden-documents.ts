import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { hashId } from '../../../src/core/ids.ts';
import { isObject, type Json, type JsonObject } from '../../../src/core/json.ts';
import { ACKNOWLEDGEMENT } from '../../../src/state/acknowledgement.ts';
import { ALERT_GROUP } from '../../../src/state/alert-group-versions.ts';
import { LEASE_KIND } from '../../../src/state/lease.ts';
import { RECEIVED_ALERT } from '../../../src/state/received-alert.ts';
import { RULE } from '../../../src/state/rule-document.ts';
import { SIGN_INS } from '../../../src/state/sign-ins.ts';
import { SILENCE } from '../../../src/state/silence.ts';
import type { StoredKind } from '../../../src/state/stored-kind.ts';

/** All kinds of stored documents. */
export const KINDS: readonly StoredKind[] = [
  RULE,
  ALERT_GROUP,
  LEASE_KIND,
  SILENCE,
  ACKNOWLEDGEMENT,
  RECEIVED_ALERT,
  SIGN_INS,
].map((kind) => kind as unknown as StoredKind);

/** One stored document of one version of its kind, with every member that its schema has. */
export interface GoldenDocument {
  readonly file: string;
  readonly kind: StoredKind;
  readonly version: number;
  /** The members beside the body, as that version wrote them. */
  readonly indexed: JsonObject;
  readonly body: JsonObject;
  /** The document as the current version knows it. */
  readonly current: JsonObject;
}

const FOLDER = new URL('../golden', import.meta.url).pathname;

/** The golden documents: files `KIND.vN.json` of `{indexed, body, becomes}`, where `becomes` has what a migration sets, by JSON pointer. */
export function goldenDocuments(): readonly GoldenDocument[] {
  return readdirSync(FOLDER)
    .filter((file) => /\.v\d+\.json$/.test(file))
    .sort()
    .map((file) => {
      const [index = '', version = ''] = file.replace('.json', '').split('.v');
      const kind = KINDS.find((one) => one.index === index);
      if (kind === undefined) throw new Error(`${file}: no kind of document is stored in ${index}`);
      const { indexed, body, becomes = {} } = readJson(file) as unknown as GoldenFile;
      return { file, kind, version: Number(version), indexed, body, current: withSet(body, becomes) };
    });
}

interface GoldenFile {
  readonly indexed: JsonObject;
  readonly body: JsonObject;
  readonly becomes?: JsonObject;
}

/** Hashes of the schemas by kind and version, as they are recorded. */
export function recordedSchemas(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return readJson('schemas.json') as never;
}

/** Hash of a schema without what only people read of it. */
export function schemaHash(schema: TSchema): string {
  const shape: unknown = JSON.parse(JSON.stringify(schema), (_name, value) =>
    isObject(value) ? withoutTexts(value as JsonObject) : value,
  );
  return hashId('schema', shape).slice(0, 16);
}

/** Members of a schema that a document does not have anywhere, by path. */
export function missingMembers(schema: unknown, samples: readonly unknown[], path = ''): readonly string[] {
  if (!isObject(schema)) return [];
  const { properties, items, additionalProperties, anyOf } = schema;
  const objects = samples.filter(isObject);
  if (Array.isArray(anyOf)) return anyOf.flatMap((one) => missingMembers(one, samples, path));
  if (isObject(properties))
    return Object.entries(properties).flatMap(([name, inner]) => {
      const values = objects.flatMap((object) => (Object.hasOwn(object, name) ? [object[name]] : []));
      return values.length === 0 ? [`${path}.${name}`] : missingMembers(inner, values, `${path}.${name}`);
    });
  if (isObject(items))
    return missingMembers(
      items,
      samples.flatMap((sample) => (Array.isArray(sample) ? sample : [])),
      `${path}[]`,
    );
  if (isObject(additionalProperties))
    return missingMembers(
      additionalProperties,
      objects.flatMap((object) => Object.values(object)),
      `${path}.*`,
    );
  return [];
}

/** A schema may have a member of the name `title` or `description`: only texts of the schema itself go. */
function withoutTexts(schema: JsonObject): JsonObject {
  const { title, description, ...rest } = schema;
  return {
    ...rest,
    ...(isObject(title) && { title }),
    ...(isObject(description) && { description }),
  };
}

function withSet(body: JsonObject, becomes: JsonObject): JsonObject {
  const document = structuredClone(body) as Record<string, Json>;
  for (const [pointer, value] of Object.entries(becomes)) {
    const parts = pointer.slice(1).split('/');
    const holder = parts.slice(0, -1).reduce<Record<string, Json>>((at, part) => at[part] as Record<string, Json>, document);
    holder[parts.at(-1) ?? ''] = value as Json;
  }
  return document;
}

function readJson(file: string): JsonObject {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as JsonObject;
}
