import { Type } from 'typebox';

const matcherList = (description: string) =>
  Type.Array(Type.String({ minLength: 1, description: 'A matcher.', examples: ['severity="critical"'] }), {
    minItems: 1,
    description,
  });

/** Schema of one of `inhibit_rules`. */
export const INHIBIT_RULE_SCHEMA = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Name shown to users; default: the position in the list, such as `#2`.',
      }),
    ),
    source_matchers: matcherList('Matchers for the labels of the alerts that inhibit; all must match.'),
    target_matchers: matcherList('Matchers for the labels of the alerts that are not notified meanwhile; all must match.'),
    equal: Type.Optional(
      Type.Array(Type.String({ minLength: 1, description: 'A label.' }), {
        uniqueItems: true,
        description: 'Labels that must have the same value on both alerts; a label that both lack counts as equal.',
      }),
    ),
  },
  { additionalProperties: false, description: 'While a source alert fires, target alerts are not notified.' },
);
