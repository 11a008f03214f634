import { isObject, type Json, jsonText } from '../../core/json.ts';
import { safeJson } from '../json.ts';

/** How a person may reach the cluster that was asked; no secret is in it. */
export interface CurlPlace {
  /** Address of a node. */
  readonly url: string;
  /** The placeholder for the credentials. */
  readonly auth: 'none' | 'apiKey' | 'basic' | 'bearer';
  readonly ignoreMissingIndex: boolean;
}

const AUTH: Readonly<Record<CurlPlace['auth'], string>> = {
  none: '',
  apiKey: ' -H "Authorization: ApiKey $ELASTICSEARCH_API_KEY"',
  basic: ' -u "$ELASTICSEARCH_USERNAME:$ELASTICSEARCH_PASSWORD"',
  bearer: ' -H "Authorization: Bearer $ELASTICSEARCH_TOKEN"',
};

/**
 * The shell command that asks a question as it was sent, its body broken to fit `columns`; its variables are placeholders for the credentials.
 * Undefined for queries of documents in memory.
 */
export function curlOf(sent: Json, place: CurlPlace, columns: number): string | undefined {
  if (!isObject(sent) || sent['query'] === undefined) return undefined;
  const { index, ...body } = sent;
  const address = `${withoutCredentials(place.url)}${endpointOf(index, place)}`;
  const words = [`curl -sS${AUTH[place.auth]}`, "-H 'Content-Type: application/json'", quoted(address)];
  return [...words, `-d ${quoted(wrappedJson(body, columns))}`].join(' \\\n  ');
}

function endpointOf(index: unknown, { ignoreMissingIndex }: CurlPlace): string {
  if (index === undefined) return '/_query';
  const names = (Array.isArray(index) ? index : [index]).map((name) => encodeURIComponent(String(name)).replaceAll('%2A', '*'));
  const options = `allow_partial_search_results=false${ignoreMissingIndex ? '&ignore_unavailable=true' : ''}`;
  return `/${names.join(',')}/_search?${options}`;
}

/** A configured address may contain a name and a password. */
function withoutCredentials(address: string): string {
  if (!URL.canParse(address)) return address.replace(/\/\/[^/@]*@/, '//');
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.toString().replace(/\/+$/, '');
}

/** A word for the shell in single quotes, whatever it holds. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** JSON with objects and lists on one line if they fit, otherwise on several. */
export function wrappedJson(value: unknown, columns: number): string {
  return fitIn(value, columns, '', 0);
}

/** `lead`: the width before the value on its line, in addition to the indent. */
function fitIn(value: unknown, columns: number, indent: string, lead: number): string {
  const flat = safeJson(jsonText(value));
  if (indent.length + lead + flat.length < columns || typeof value !== 'object' || value === null) return flat;
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((one: unknown) => `${inner}${fitIn(one, columns, inner, 0)}`)
    : Object.entries(value).map(([key, one]) => {
        const name = `${safeJson(JSON.stringify(key))}: `;
        return `${inner}${name}${fitIn(one, columns, inner, name.length)}`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return members.length === 0 ? flat : `${open}\n${members.join(',\n')}\n${indent}${close}`;
}
