import { type Static, Type } from 'typebox';
import { DURATION_PATTERN, parseDuration } from '../core/duration.ts';
import type { Escalate } from '../routing/route.ts';
import type { Path } from '../yaml/path.ts';
import type { Report } from './report.ts';

/** The key `escalate` of routes. */
export const escalateKey = Type.Array(
  Type.Object(
    {
      after: Type.String({
        ...{ minLength: 1, pattern: DURATION_PATTERN, examples: ['15m'] },
        description: 'Time after the first message about the alert.',
      }),
      receiver: Type.String({ minLength: 1, description: 'Additional receiver, also notified of the end.' }),
    },
    { additionalProperties: false },
  ),
  {
    maxItems: 10,
    description:
      'Additional receivers, notified while an alert fires and no one acknowledges it; earliest step first. Child routes inherit it; [] turns it off.',
  },
);

/** Reads the steps of an escalation. Times that do not grow are a problem; receivers are for the caller to check. */
export function readEscalate(raw: Static<typeof escalateKey>, path: Path, report: Report): readonly Escalate[] {
  const steps = raw.map(({ after, receiver }) => ({ after: parseDuration(after) ?? 0, receiver }));
  for (const [index, { after }] of steps.entries())
    if (after <= (steps[index - 1]?.after ?? 0))
      report.error(
        'config/value',
        [...path, index, 'after'],
        index === 0 ? 'must be more than 0s' : 'each step must be later than the one before it',
        'such as 15m, then 1h',
      );
  return steps;
}
