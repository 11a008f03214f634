import { isObject, type JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import { KNOWN_UNITS, unitNamed, unitOfName, type ValueDisplay } from '../core/units.ts';

/** Keys of a metric, and of a column, that say how it is shown. */
export const MEASURE_KEYS: Readonly<Record<'unit' | 'label', JsonSchema>> = {
  unit: {
    type: 'string',
    minLength: 1,
    maxLength: 30,
    pattern: '^\\S(?:.*\\S)?$',
    description:
      `Unit of the value in messages: ${KNOWN_UNITS.join(', ')}, or your own word such as requests; with /s, /min or /h, a rate per ` +
      'time. `ratio` is a fraction of 1, `percent` a percentage. Default: derived from the field’s name, such as bytes for `*.bytes`.',
    examples: ['bytes', 'ratio', 'milliseconds', 'requests/s'],
  },
  label: {
    type: 'string',
    minLength: 1,
    maxLength: 60,
    pattern: '^\\S(?:.*\\S)?$',
    description: 'Name of the value in messages. Default: its name in the rule.',
    examples: ['memory used'],
  },
};

/** Measures whose values are numbers of documents or values, whatever the unit of the field is. */
const COUNTING: ReadonlySet<string> = new Set(['count', 'cardinality', 'value_count']);

/** How one metric is shown: by its own keys, else by the name of its field, else by its own name. */
export function displayOf(name: string, keys: unknown, kind: string | undefined): ValueDisplay {
  const given = isObject(keys) ? keys : {};
  const [unit, label] = [own(given, 'unit'), own(given, 'label')];
  const field = kind === undefined ? undefined : own(given, kind);
  const counts = kind !== undefined && COUNTING.has(kind);
  const said = typeof unit === 'string' ? unitNamed(unit) : undefined;
  const guessed = counts ? undefined : ((typeof field === 'string' ? unitOfName(field) : undefined) ?? unitOfName(name));
  const found = said ?? guessed;
  return {
    ...(typeof label === 'string' && { label }),
    ...(found !== undefined ? { unit: found } : !counts && typeof field === 'string' && { field }),
    ...(counts && said === undefined && { counts }),
  };
}

/** Documents that are counted. */
export const DOCUMENTS: ValueDisplay = { label: 'documents', counts: true };
