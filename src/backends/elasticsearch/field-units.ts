import { isObject } from '../../core/json.ts';
import { own, put } from '../../core/record.ts';
import { type Unit, unitNamed } from '../../core/units.ts';
import type { FieldUnits } from '../../search/field-units.ts';
import { fieldCaps } from './field-caps.ts';
import type { Wire } from './wire.ts';

/** https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-field-meta: `percent` is a share of 1, and `m` are minutes. */
const AS_ELASTICSEARCH_SAYS: Readonly<Record<string, Unit>> = { percent: 'ratio', m: 'minutes' };

/** The units that mappings name in the metadata of fields; a field whose indices name different ones has none. */
export function elasticsearchFieldUnits(wire: Wire): FieldUnits {
  return async (source, fields, signal) => {
    const found = await fieldCaps(wire, source, fields, signal);
    if (found === undefined) return undefined;
    const units: Record<string, Unit> = {};
    for (const field of fields) {
      const types = own(found.fields, field);
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
