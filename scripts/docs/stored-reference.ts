import { isObject, type JsonSchema } from '../../src/core/json.ts';
import { ACKNOWLEDGEMENT } from '../../src/state/acknowledgement.ts';
import { ALERT_GROUP } from '../../src/state/alert-group-versions.ts';
import { LEASE_KIND } from '../../src/state/lease.ts';
import { RECEIVED_ALERT } from '../../src/state/received-alert.ts';
import { RULE } from '../../src/state/rule-document.ts';
import { count, duration, group, instant, labels, name, range, text } from '../../src/state/shapes.ts';
import { SIGN_INS } from '../../src/state/sign-ins.ts';
import { SILENCE } from '../../src/state/silence.ts';
import type { StoredKind } from '../../src/state/stored-kind.ts';
import { code, propertiesOf, table } from './markdown.ts';

const KINDS = [RULE, ALERT_GROUP, SILENCE, ACKNOWLEDGEMENT, RECEIVED_ALERT, SIGN_INS, LEASE_KIND].map(
  (kind) => kind as unknown as StoredKind,
);

/** The words of the schemas, by what they look like as JSON. */
const WORDS = new Map(
  Object.entries({ time: instant, duration, count, name, text, group, labels, 'range of time': range }).map(([word, schema]) => [
    JSON.stringify(schema),
    word,
  ]),
);
const HEAD = ['member', 'type', 'meaning'];

/** The kinds of stored documents with their versions and what searches find them by. */
export function storedKinds(): string {
  const rows = KINDS.map(({ name: kind, index, version, indexed, derived, migrations }) => [
    kind,
    code(`tocsin-${index}`),
    String(version),
    Object.keys(migrations).join(', ') || '–',
    [...indexed, ...Object.keys(derived)].map(code).join(', '),
  ]);
  return table(['document', 'index', 'version', 'older versions that are read', 'indexed beside the body'], rows);
}

/** Every member of every stored document, and of the parts that they are made of. */
export function storedMembers(): string {
  const parts = new Map<string, JsonSchema>();
  for (const { schema } of KINDS) noteParts(plain(schema), parts);
  return [
    ...KINDS.flatMap((kind) => [`### ${capital(kind.name)}`, table(HEAD, rowsOf(plain(kind.schema)))]),
    '### Parts',
    ...[...parts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([title, schema]) => [`#### ${capital(title)}`, table(HEAD, rowsOf(schema))]),
  ].join('\n\n');
}

/** Rows of an object's members, and below each those of a nested object that has no table of its own. */
function rowsOf(schema: JsonSchema, path = ''): readonly (readonly string[])[] {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(propertiesOf(schema)).flatMap(([key, value]) => {
    const member = `${path}${key}`;
    const type = `${wordOf(value)}${required.includes(key) ? '' : ', optional'}`;
    const meaning = typeof value['description'] === 'string' ? value['description'] : '';
    const inner = innerOf(value);
    const nested = inner === undefined || WORDS.has(bare(inner.schema)) ? [] : rowsOf(inner.schema, `${member}${inner.step}`);
    return [[code(member), type, meaning], ...nested];
  });
}

function wordOf(schema: JsonSchema): string {
  const known = WORDS.get(bare(schema));
  if (known !== undefined) return known;
  if (typeof schema['title'] === 'string')
    return `[${schema['title']}](#${schema['title'].replaceAll(/[^a-z ]/g, '').replaceAll(' ', '-')})`;
  const { type, anyOf, enum: words, const: value, items, additionalProperties } = schema;
  if (value !== undefined) return code(String(value));
  if (Array.isArray(words)) return words.map((word) => code(String(word))).join(', ');
  if (Array.isArray(anyOf))
    return anyOf
      .filter(isObject)
      .map((one) => (one['type'] === 'null' ? '`null`' : wordOf(one)))
      .join(' or ');
  if (Array.isArray(items)) return `pair of ${items.filter(isObject).map(wordOf)[0]}`;
  if (type === 'array') return `list of ${isObject(items) ? wordOf(items) : 'any JSON'}`;
  if (isObject(additionalProperties)) return `by name: ${wordOf(additionalProperties)}`;
  if (type === 'object') return 'object';
  return type === 'boolean' ? '`true`, `false`' : type === 'integer' ? 'whole number' : type === 'string' ? 'text' : 'any JSON';
}

/** The object without a table of its own that a member holds, by itself, in a list or by name. */
function innerOf(schema: JsonSchema): { readonly schema: JsonSchema; readonly step: string } | undefined {
  if (typeof schema['title'] === 'string') return undefined;
  if (isObject(schema['properties'])) return { schema, step: '.' };
  const { items, additionalProperties, anyOf } = schema;
  const steps: readonly (readonly [unknown, string])[] = [
    [items, '[]'],
    [additionalProperties, '.*'],
    ...(Array.isArray(anyOf) ? anyOf.map((one): readonly [unknown, string] => [one, '']) : []),
  ];
  for (const [one, step] of steps) {
    const inner = isObject(one) ? innerOf(one) : undefined;
    if (inner !== undefined) return { schema: inner.schema, step: `${step}${inner.step}` };
  }
  return undefined;
}

function noteParts(schema: JsonSchema, parts: Map<string, JsonSchema>): void {
  if (typeof schema['title'] === 'string') parts.set(schema['title'], schema);
  for (const value of Object.values(propertiesOf(schema))) noteParts(value, parts);
  const { items, additionalProperties, anyOf } = schema;
  for (const one of [items, additionalProperties, ...(Array.isArray(anyOf) ? anyOf : [])])
    if (isObject(one)) noteParts(one, parts);
}

/** A schema as JSON, without what is said of this place of it. */
function bare({ description: _description, ...schema }: JsonSchema): string {
  return JSON.stringify(schema);
}

/** Without what the schema library remembers beside the JSON. */
function plain(schema: unknown): JsonSchema {
  const read: unknown = JSON.parse(JSON.stringify(schema));
  return isObject(read) ? read : {};
}

function capital(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
