import { isObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { FieldFound, Inspected, SourceFound } from '../../../engine/inspection.ts';
import type { Source } from '../../../search/query.ts';
import { classifyReply } from '../classify.ts';
import { isMissingIndex } from '../stores/store-requests.ts';
import { succeeded } from '../wire.ts';
import type { Ask } from './inspection.ts';

/** Finds what is behind a source's patterns. A name that is not there is none, as a pattern without a match is none. */
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

/** How fields are mapped. `_field_caps` counts indices without the field apart, so those are no reason to doubt the others. */
export async function fieldsOfSource(
  ask: Ask,
  { indices }: Source,
  names: readonly string[],
): Promise<Inspected<ReadonlyMap<string, FieldFound>>> {
  if (names.length === 0) return { ok: true, value: new Map() };
  const path = `/${encodeURIComponent(indices.join(','))}/_field_caps`;
  const reply = await ask(path, { fields: names.join(','), ignore_unavailable: true, allow_no_indices: true });
  const fields = succeeded(reply) && isObject(reply.body) ? reply.body['fields'] : undefined;
  if (!isObject(fields)) return { ok: false, problem: classifyReply(reply) };
  return { ok: true, value: new Map(names.map((name) => [name, fieldFound(own(fields, name))])) };
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
