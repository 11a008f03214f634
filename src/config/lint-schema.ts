import { Type } from 'typebox';
import { LINT_CODES } from '../core/finding-codes.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, keyOfTexts, optionalKey } from './schema-parts.ts';

const length = (description: string) =>
  Type.Object(
    {
      min: optionalKey(keyOfDuration('The shortest that is allowed.')),
      max: optionalKey(keyOfDuration('The longest that is allowed.')),
    },
    { ...CLOSED, description },
  );

const pattern = (description: string) =>
  keyOfText(`${description} A regular expression that the whole text has to fit.`, { maxLength: 1_000 });

/** Parts of a rule's life that a policy may require tests to reach. */
const PARTS = ['fires', 'does_not_fire', 'resolves', 'no_data', 'levels', 'pending_only', 'message', 'resolved_message'] as const;

/** `lint`: what `tocsin check` asks of rules. */
export const LINT_SCHEMA = Type.Object(
  {
    severity: optionalKey(
      Type.Unsafe<Readonly<Record<string, 'off' | 'note' | 'warning' | 'error'>>>({
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(LINT_CODES).map(([code, { severity, means }]) => [
            code,
            { enum: ['off', 'note', 'warning', 'error'], default: severity, description: means },
          ]),
        ),
        additionalProperties: false,
        description:
          'How bad a finding is, by its code; `off`: it is not reported. What keeps a rule from loading is always an error.',
      }),
    ),
    require: optionalKey(
      Type.Array(Type.Enum(['description', 'runbook', 'test']), {
        uniqueItems: true,
        description: 'What each rule has to have: a `description`, a `message.runbook`, a rule test beside it.',
      }),
    ),
    owner: optionalKey(keyOfTexts('A label that names the owner of a rule, or several labels, one of which is enough.')),
    labels: optionalKey(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            required: optionalKey(keyOfFlag('Whether each rule has to have it.', true)),
            values: optionalKey(Type.Array(keyOfText('A value.'), { minItems: 1, description: 'The values that are allowed.' })),
            pattern: optionalKey(pattern('What its values look like.')),
          },
          { ...CLOSED, description: 'What is asked of a label.' },
        ),
        { description: 'Labels that rules have to have, by name. A field of `group_by` counts as one, whatever its values.' },
      ),
    ),
    name: optionalKey(pattern('What names of rules look like.')),
    severities: optionalKey(
      Type.Array(keyOfText('A severity.'), { minItems: 1, description: 'The severities that are allowed, of rules and levels.' }),
    ),
    coverage: optionalKey(
      Type.Object(
        {
          require: optionalKey(
            Type.Array(Type.Enum([...PARTS]), {
              uniqueItems: true,
              description:
                'Parts of the life of each rule that its tests have to reach, as far as the rule has them; of a rule that reports events, `fires` is that it does.',
            }),
          ),
          min: optionalKey(
            Type.Integer({
              minimum: 0,
              maximum: 100,
              description:
                'The least that the tests of all rules together have to reach, percent; `--coverage-min` counts instead.',
            }),
          ),
        },
        { ...CLOSED, description: 'What rule tests have to reach: for `tocsin test --coverage` and `tocsin pr`.' },
      ),
    ),
    every: optionalKey(length('How often rules may be evaluated.')),
    window: optionalKey(length('How much time rules may look at.')),
  },
  { ...CLOSED, description: 'What `tocsin check` asks of rules in this house, and how bad its findings are.' },
);
