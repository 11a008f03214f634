import { Type } from 'typebox';
import { LINT_CODES } from '../core/finding-codes.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, keyOfTexts, optionalKey } from './schema-parts.ts';

const length = (description: string) =>
  Type.Object(
    {
      min: optionalKey(keyOfDuration('Minimum.')),
      max: optionalKey(keyOfDuration('Maximum.')),
    },
    { ...CLOSED, description },
  );

const pattern = (description: string) =>
  keyOfText(`${description} A regular expression that must match the whole text.`, { maxLength: 1_000 });

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
          'Severity of findings by code; `off`: not reported. Problems that prevent a rule from loading are always errors.',
      }),
    ),
    require: optionalKey(
      Type.Array(Type.Enum(['description', 'runbook', 'test']), {
        uniqueItems: true,
        description: 'What each rule must have: a `description`, a `message.runbook`, a rule test next to it.',
      }),
    ),
    owner: optionalKey(keyOfTexts('The label that names the owner of a rule, or several labels of which one is required.')),
    labels: optionalKey(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            required: optionalKey(keyOfFlag('Whether every rule must have the label.', true)),
            values: optionalKey(Type.Array(keyOfText('A value.'), { minItems: 1, description: 'Allowed values.' })),
            pattern: optionalKey(pattern('Format of the values.')),
          },
          { ...CLOSED, description: 'Requirements for a label.' },
        ),
        { description: 'Labels that rules must have, by name. A field of `group_by` counts as a label with any value.' },
      ),
    ),
    name: optionalKey(pattern('Format of rule names.')),
    severities: optionalKey(
      Type.Array(keyOfText('A severity.'), { minItems: 1, description: 'Allowed severities of rules and levels.' }),
    ),
    coverage: optionalKey(
      Type.Object(
        {
          require: optionalKey(
            Type.Array(Type.Enum([...PARTS]), {
              uniqueItems: true,
              description:
                'Parts of each rule that its tests must reach, as far as they apply to the rule; for a rule that reports events, `fires` means that it reports one.',
            }),
          ),
          min: optionalKey(
            Type.Integer({
              minimum: 0,
              maximum: 100,
              description: 'Minimum coverage of all rules together, in percent; `--coverage-min` overrides it.',
            }),
          ),
        },
        { ...CLOSED, description: 'Required test coverage, for `tocsin test --coverage` and `tocsin pr`.' },
      ),
    ),
    every: optionalKey(length('Allowed evaluation intervals.')),
    window: optionalKey(length('Allowed window lengths.')),
  },
  { ...CLOSED, description: 'Your policy for rules, and the severity of findings of `tocsin check`.' },
);
