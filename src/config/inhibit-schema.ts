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
        description: 'Name, for people; by default the place in the list, such as `#2`.',
      }),
    ),
    source_matchers: matcherList('Matchers for the labels of the alerts that inhibit; all must match.'),
    target_matchers: matcherList('Matchers for the labels of the alerts that are not notified meanwhile; all must match.'),
    equal: Type.Optional(
      Type.Array(Type.String({ minLength: 1, description: 'A label.' }), {
        uniqueItems: true,
        description: 'Labels that both alerts must have with the same value; a label that is missing on both counts as the same.',
      }),
    ),
  },
  { additionalProperties: false, description: 'While a source alert fires, target alerts are not notified.' },
);
