import { isObject } from '../../core/json.ts';
import { own, put } from '../../core/record.ts';
import { type Unit, unitNamed } from '../../core/units.ts';
import type { FieldUnits } from '../../search/field-units.ts';
import { succeeded, type Wire } from './wire.ts';

/** https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-field-meta: `percent` is a share of 1, and `m` are minutes. */
const AS_ELASTICSEARCH_SAYS: Readonly<Record<string, Unit>> = { percent: 'ratio', m: 'minutes' };

/** The units that mappings name in the metadata of fields; a field whose indices name different ones has none. */
export function elasticsearchFieldUnits(wire: Wire): FieldUnits {
  return async ({ indices }, fields, signal) => {
    const path = `/${encodeURIComponent(indices.join(','))}/_field_caps`;
    const query = { fields: fields.join(','), ignore_unavailable: true, allow_no_indices: true };
    const reply = await wire.send({ method: 'GET', path, query, timeout: wire.requestTimeout, signal, repeatable: true });
    const caps = succeeded(reply) && isObject(reply.body) ? reply.body['fields'] : undefined;
    if (!isObject(caps)) return undefined;
    const units: Record<string, Unit> = {};
    for (const field of fields) {
      const types = own(caps, field);
      const named = new Set(Object.values(isObject(types) ? types : {}).flatMap(unitsIn));
      const [unit] = named;
      if (unit !== undefined && named.size === 1) put(units, field, own(AS_ELASTICSEARCH_SAYS, unit) ?? unitNamed(unit));
    }
    return units;
  };
}

function unitsIn(type: unknown): readonly string[] {
  const meta = isObject(type) ? type['meta'] : undefined;
  const unit = isObject(meta) ? meta['unit'] : undefined;
  return (Array.isArray(unit) ? unit : [unit]).filter(
    (one): one is string => typeof one === 'string' && one !== '' && one.length <= 30,
  );
}
