import { isObject } from '../../core/json.ts';
import type { Problem } from '../../core/problems.ts';
import { own } from '../../core/record.ts';
import { finding } from '../../lint/finding.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Mappings } from './field-problems.ts';

/** What a value has to look like for a field of a type to hold it; types that hold any text, and dates with formats of their own, are left out. */
const FORMS: Readonly<Record<string, RegExp>> = {
  ...Object.fromEntries(['long', 'integer', 'short', 'byte'].map((type) => [type, /^-?\d+(?:\.0+)?$/])),
  unsigned_long: /^\d+(?:\.0+)?$/,
  ...Object.fromEntries(
    ['double', 'float', 'half_float', 'scaled_float'].map((type) => [type, /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i]),
  ),
  boolean: /^(?:true|false)$/,
  ip: /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:.]*)$/i,
};
/** Values that are named in one finding. */
const MOST_NAMED = 3;

/**
 * Warns of groups in `expect` that no document can have, because of the type of their field: they would be missing forever. One request for
 * each rule with `expect`; of a source that cannot be asked nothing is said: other checks do.
 */
export async function expectProblems(
  rules: readonly Rule[],
  mappings: Mappings,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const found = await Promise.all(
    rules.map(async (rule) => {
      const groups = expectedGroups(rule);
      if (groups.length === 0) return [];
      const answer = await mappings.fields(rule.source, rule.groupBy, signal);
      if (!answer.ok) return [];
      return rule.groupBy.flatMap((field) => problemOf(rule, field, answer.value.get(field)?.types ?? [], groups));
    }),
  );
  return found.flat();
}

type ExpectedGroup = Readonly<Record<string, unknown>>;

function expectedGroups({ options }: Rule): readonly ExpectedGroup[] {
  const expected = isObject(options) ? options['expect'] : undefined;
  return Array.isArray(expected) ? expected.filter(isObject) : [];
}

function problemOf(rule: Rule, field: string, types: readonly string[], groups: readonly ExpectedGroup[]): readonly Problem[] {
  const forms = types.map((type) => own(FORMS, type));
  // One index that holds any text is enough for a value to be there.
  if (forms.length === 0 || forms.includes(undefined)) return [];
  const values = groups.map((group) => own(group, field)).filter((value) => typeof value === 'string');
  const wrong = [...new Set(values.filter((value) => !forms.some((form) => form?.test(value))))];
  if (wrong.length === 0) return [];
  const named = wrong.slice(0, MOST_NAMED).map((value) => JSON.stringify(value.slice(0, 80)));
  const more = wrong.length > MOST_NAMED ? ` and ${wrong.length - MOST_NAMED} more` : '';
  const message = `${field} is a ${types.join(' and a ')} in ${rule.source.indices.join(',')} and cannot contain ${named.join(', ')}${more}: these groups are always missing`;
  const at = own(rule.places, 'expect') ?? rule.position;
  return [
    {
      ...finding('cluster/expect-type', at, message, 'use values that the field can have, or group by another field'),
      path: 'expect',
    },
  ];
}
