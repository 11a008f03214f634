import { type Static, Type } from 'typebox';
import type { JsonSchema } from '../core/json.ts';
import { escalateKey } from './escalate.ts';
import { readerKeys } from './readers.ts';
import { CLOSED, keyOfDuration, keyOfFlag, keyOfText, optionalKey } from './schema-parts.ts';
import { intervalKeys } from './time-intervals.ts';

/** The keys of a route, without its children. */
const routeKeys = {
  receiver: optionalKey(keyOfText('The receiver to notify; children inherit it.')),
  continue: optionalKey(keyOfFlag('Whether the following sibling routes are tried too.', false)),
  matchers: optionalKey(
    Type.Array(keyOfText('A matcher.', { examples: ['severity="critical"'] }), {
      description: 'Matchers for labels; all must match.',
    }),
  ),
  group_by: optionalKey(
    Type.Array(keyOfText('A label.'), {
      description: "Labels to group messages by; '...' means all labels except the severity.",
    }),
  ),
  group_wait: optionalKey(keyOfDuration('How long the first message waits for more alerts.', '0s')),
  group_interval: optionalKey(keyOfDuration('Minimum time between messages about changes.', '5m')),
  repeat_interval: optionalKey(
    Type.Union(
      [
        keyOfDuration('A length of time.'),
        Type.Object(
          {
            first: keyOfDuration('Time until the first reminder.'),
            factor: optionalKey(
              Type.Number({
                minimum: 1,
                maximum: 100,
                default: 2,
                description: 'Factor by which the time grows with each reminder.',
              }),
            ),
            max: optionalKey(keyOfDuration('Maximum time between two reminders.', '1d')),
          },
          { ...CLOSED, description: 'Reminders at growing intervals.' },
        ),
      ],
      { default: '4h', description: 'Time between reminders while something is firing.' },
    ),
  ),
  schedule: optionalKey(
    keyOfText(
      'When messages are sent, as a cron pattern of five fields in `timezone`: a digest of everything new. `off`: at once.',
      {
        examples: ['0 8,13 * * 1-5'],
      },
    ),
  ),
  send_resolved: optionalKey(keyOfFlag('Whether the receivers of this route are notified when alerts end.', true)),
  ...intervalKeys,
  escalate: optionalKey(escalateKey),
  ...readerKeys,
};

/** A node of the routing tree as `tocsin.yaml` has it. */
export type RawRoute = Static<typeof rawRoute> & { readonly routes?: readonly RawRoute[] };
const rawRoute = Type.Object(routeKeys);

/** JSON schema of one route, which refers to itself as the definition `route`. */
export const ROUTE_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    ...routeKeys,
    routes: {
      type: 'array',
      description: 'Child routes: the first one that matches gets the alert.',
      items: { $ref: '#/definitions/route' },
    },
  },
  additionalProperties: false,
};
