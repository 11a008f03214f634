import { isObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { FieldFound, Inspected, SourceFound } from '../../../engine/inspection.ts';
import { objectsAbove } from '../../../search/field-problems.ts';
import type { Source } from '../../../search/query.ts';
import { classifyReply } from '../classify.ts';
import { isMissingIndex } from '../stores/store-requests.ts';
import { type Ask, succeeded } from '../wire.ts';

/** Finds what is behind a source's patterns. A missing name gives nothing, like a pattern without a match. */
export async function sourceFound(ask: Ask, { indices }: Source): Promise<Inspected<SourceFound>> {
  const reply = await ask(`/_resolve/index/${encodeURIComponent(indices.join(','))}`, { expand_wildcards: 'open' });
  if (isMissingIndex(reply)) return { ok: true, value: { dataStreams: [], indices: [] } };
  if (!succeeded(reply) || !isObject(reply.body)) return { ok: false, problem: classifyReply(reply) };
  const streams = namesOf(reply.body['data_streams']);
  const templates = streams.length === 0 ? new Map<string, string>() : await templatesOf(ask, streams);
  const plain = listOf(reply.body['indices']).flatMap((one) =>
    isObject(one) && typeof one['name'] === 'string' && one['data_stream'] === undefined ? [one['name']] : [],
  );
  return {
    ok: true,
    value: { dataStreams: streams.map((name) => ({ name, template: templates.get(name) })), indices: plain },
  };
}

/**
 * How fields are mapped. `_field_caps` counts indices without the field apart, so those do not cast doubt on the others; and it does not
 * know the keys within a `flattened` field, which are fields like any other.
 */
export async function fieldsOfSource(
  ask: Ask,
  source: Source,
  names: readonly string[],
): Promise<Inspected<ReadonlyMap<string, FieldFound>>> {
  const found = await capsOf(ask, source, names);
  if (!found.ok) return found;
  const lacking = names.filter((name) => (found.value.get(name)?.types ?? []).length === 0);
  const parents = await capsOf(ask, source, [...new Set(lacking.flatMap(objectsAbove))]);
  if (!parents.ok) return parents;
  const flattened = (name: string) => parents.value.get(name)?.types.includes('flattened') === true;
  const keys = lacking.filter((name) => objectsAbove(name).some(flattened));
  const key: FieldFound = { types: ['flattened'], aggregatable: true };
  return { ok: true, value: new Map([...found.value, ...keys.map((name) => [name, key] as const)]) };
}

async function capsOf(ask: Ask, { indices }: Source, names: readonly string[]): Promise<Inspected<Map<string, FieldFound>>> {
  const found = new Map<string, FieldFound>();
  for (const some of chunksOf(names)) {
    const reply = await ask(capsPath(indices), { fields: some.join(','), ignore_unavailable: true, allow_no_indices: true });
    const fields = succeeded(reply) && isObject(reply.body) ? reply.body['fields'] : undefined;
    if (!isObject(fields)) return { ok: false, problem: classifyReply(reply) };
    for (const name of some) found.set(name, fieldFound(own(fields, name)));
  }
  return { ok: true, value: found };
}

/** The names of all fields of a source, without those that hold others and without metadata. */
export async function fieldNamesOfSource(ask: Ask, { indices }: Source): Promise<Inspected<readonly string[]>> {
  const reply = await ask(capsPath(indices), {
    ...{ fields: '*', filters: '-parent,-metadata', filter_path: 'fields.*.*.type' },
    ...{ ignore_unavailable: true, allow_no_indices: true },
  });
  if (!succeeded(reply) || !isObject(reply.body)) return { ok: false, problem: classifyReply(reply) };
  const { fields } = reply.body;
  return { ok: true, value: isObject(fields) ? Object.keys(fields) : [] };
}

function capsPath(indices: readonly string[]): string {
  return `/${encodeURIComponent(indices.join(','))}/_field_caps`;
}

/** Elasticsearch takes a first line of 4 kB; the names of one request leave room for the indices. */
const NAMES_LENGTH = 2_000;

function chunksOf(names: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const more = encodeURIComponent(name).length + 3;
    const last = chunks.at(-1);
    if (last === undefined || length + more > NAMES_LENGTH) {
      chunks.push([name]);
      length = more;
    } else {
      last.push(name);
      length += more;
    }
  }
  return chunks;
}

function fieldFound(byType: unknown): FieldFound {
  const types = Object.entries(isObject(byType) ? byType : {}).filter(([type]) => type !== 'unmapped');
  return {
    types: types.map(([type]) => type).sort(),
    aggregatable: types.length > 0 && types.every(([, one]) => isObject(one) && one['aggregatable'] === true),
  };
}

/** Names of many data streams would make a path too long; those beyond are shown without their template. */
const STREAMS_ASKED = 50;

async function templatesOf(ask: Ask, streams: readonly string[]): Promise<Map<string, string>> {
  const names = streams.slice(0, STREAMS_ASKED).map(encodeURIComponent).join(',');
  const reply = await ask(`/_data_stream/${names}`, {});
  const found = succeeded(reply) && isObject(reply.body) ? listOf(reply.body['data_streams']) : [];
  return new Map(
    found.flatMap((one) =>
      isObject(one) && typeof one['name'] === 'string' && typeof one['template'] === 'string'
        ? [[one['name'], one['template']] as const]
        : [],
    ),
  );
}

function namesOf(list: unknown): readonly string[] {
  return listOf(list).flatMap((one) => (isObject(one) && typeof one['name'] === 'string' ? [one['name']] : []));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
