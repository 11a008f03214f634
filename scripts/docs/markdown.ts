import { DURATION_PATTERN } from '../../src/core/duration.ts';
import { isObject, type JsonSchema } from '../../src/core/json.ts';

/** A Markdown table; cells may hold any text but are one line each. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** A text as code. */
export function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The type of a value as people say it: `duration`, `text`, `list of text`, `keep` or `resolve`. */
export function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => code(String(value))).join(', ');
  if (schema['const'] !== undefined) return code(String(schema['const']));
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives)) return distinct(alternatives.filter(isObject).map(typeOf)).join(' or ');
  if (typeof schema['$ref'] === 'string') return schema['$ref'].split('/').at(-1) ?? '';
  if (schema['pattern'] === DURATION_PATTERN) return 'duration';
  if (Array.isArray(schema['type'])) return schema['type'].map((type) => NAMES[String(type)] ?? String(type)).join(' or ');
  if (schema['type'] === 'array') return `list of ${isObject(schema['items']) ? typeOf(schema['items']) : 'values'}`;
  const name = NAMES[String(schema['type'])] ?? 'any';
  const { minimum, maximum } = { minimum: schema['minimum'], maximum: schema['maximum'] };
  return minimum === undefined || maximum === undefined ? name : `${name}, ${minimum} to ${maximum}`;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true`, `false`',
  object: 'keys',
  null: 'null',
};

/** What holds without the key: `5m`, or a dash. */
export function defaultOf(schema: JsonSchema): string {
  const value = schema['default'];
  if (value === undefined) return '–';
  if (Array.isArray(value) && value.length > 3) return 'see below';
  return code(Array.isArray(value) ? `[${value.join(', ')}]` : String(value));
}

/** What a key means, and the limits that its type does not show. */
export function meaningOf(schema: JsonSchema): string {
  const meaning = typeof schema['description'] === 'string' ? schema['description'] : '';
  const limits = limitsOf(schema);
  return limits === '' ? meaning : `${meaning}${meaning === '' ? '' : ' '}${limits}`;
}

/** Limits of texts, lists and mappings, and of numbers with one end only: `At least 8 characters.` */
export function limitsOf(schema: JsonSchema): string {
  const alternatives = [schema['anyOf'], schema['oneOf']].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
  const parts = [schema, ...alternatives].flatMap((one) => [
    bounds(one, 'minLength', 'maxLength', 'characters', 1),
    bounds(one, 'minItems', 'maxItems', 'entries', 1),
    bounds(one, 'minProperties', 'maxProperties', 'keys', 1),
    one['minimum'] === undefined || one['maximum'] === undefined
      ? bounds(one, 'minimum', 'maximum', '', Number.NEGATIVE_INFINITY)
      : '',
  ]);
  return distinct(parts.filter((part) => part !== '')).join(' ');
}

/** A lower end that goes without saying is `usual`: a text that is empty says nothing. */
function bounds(schema: JsonSchema, low: string, high: string, of: string, usual: number): string {
  const [least, most] = [schema[low], schema[high]];
  const said = [
    ...(typeof least === 'number' && least > usual ? [`at least ${least.toLocaleString('en-US')}`] : []),
    ...(typeof most === 'number' ? [`at most ${most.toLocaleString('en-US')}`] : []),
  ].join(', ');
  const unit = most === 1 ? of.replace(/ies$/, 'y').replace(/s$/, '') : of;
  return said === '' ? '' : `${said.charAt(0).toUpperCase()}${said.slice(1)}${unit === '' ? '' : ` ${unit}`}.`;
}

/** The schemas of an object's keys. */
export function propertiesOf(schema: unknown): Readonly<Record<string, JsonSchema>> {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  if (!isObject(properties)) return {};
  return Object.fromEntries(Object.entries(properties).flatMap(([key, value]) => (isObject(value) ? [[key, value]] : [])));
}

/** A bar would end the cell, and `<` outside code begins HTML. */
function cell(text: string): string {
  const parts = text.split('`').map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part));
  return parts
    .join('`')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
