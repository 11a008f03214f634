import type { FailureReason, Outcome, Probed } from '../../channels/channel.ts';
import type { Config } from '../../config/config.ts';
import { withFileKeys } from '../../config/file-keys.ts';
import { asError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import { type Duration, type Instant, timeLimit } from '../../core/time.ts';
import { testMessage } from '../../messages/test-message.ts';
import type { ReadyDestination } from '../../notify/delivery-ports.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { destinationsOf } from '../../service/destinations.ts';
import { certificateFinding } from './certificate.ts';
import { type DoctorCheck, type DoctorContext, LONG } from './check.ts';
import { error, good, note, warning } from './check-result.ts';
import { type AdvisedDestination, receiverAdvice } from './receiver-advice.ts';

/** How long one destination may take to answer, ms: that of one does not take from that of another. */
const ANSWER: Duration = 20_000;

/** Whether the destinations are there and let Tocsin in; with `--send-test` whether they take a message. */
export const receiversCheck: DoctorCheck = {
  name: 'receivers',
  title: 'Receivers',
  needs: 'nothing',
  limit: LONG,
  run: async (context, signal) => [
    ...(await destinationFindings(context, ANSWER, signal)),
    ...routingFindings(context.config),
    ...(context.sendTest ? [] : [note('test message', 'not sent: --send-test sends one to every destination')]),
  ],
};

/** What is to be said of every destination, each looked at, and with `sendTest` sent to, at the same time and within `limit` ms of its own. */
export async function destinationFindings(
  context: Pick<DoctorContext, 'config' | 'now' | 'sendTest' | 'fetch' | 'proxies' | 'programs'>,
  limit: Duration,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const ready = destinationsOf(context.config);
  const results = await Promise.all(
    [...context.config.destinations.keys()].map(async (id) => {
      const destination = ready(id);
      return destination === undefined ? [] : examineDestination(id, destination, context, limit, signal);
    }),
  );
  return results.flat();
}

async function examineDestination(
  id: string,
  destination: ReadyDestination,
  context: Pick<DoctorContext, 'config' | 'now' | 'sendTest' | 'fetch' | 'proxies' | 'programs'>,
  limit: Duration,
  parent: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { channel, options } = destination;
  const time = timeLimit(limit, parent);
  const advised = advisedOf(destination);
  const place = channel.place?.(options);
  const worded = (reason: FailureReason): FailureReason => ({ ...reason, text: whatItDid(reason, place, limit) });
  try {
    const [looked, sent] = await Promise.all([
      channel.probe?.(options, time.signal, context.proxies === undefined ? {} : { proxies: context.proxies }),
      context.sendTest ? sendTo(id, destination, context, time.signal) : undefined,
    ]);
    const probed = looked?.ok === false ? { ...looked, reason: worded(looked.reason) } : looked;
    return [
      ...probeFindings(id, probed, context.now, advised),
      ...(sent === undefined ? [] : [testFinding(id, wordedOutcome(sent, worded), advised)]),
    ];
  } catch (thrown) {
    // One destination that stumbles must not take away what the others said.
    const found = `the check failed: ${asError(thrown).message}`;
    return [error(id, { found, fix: 'this is a bug in Tocsin: please report it' })];
  } finally {
    time.end();
  }
}

/** Says which server did what: what a channel says of a time-out names neither. */
function whatItDid({ kind, text }: FailureReason, place: string | undefined, limit: Duration): string {
  if (place === undefined || text.includes(place)) return text;
  if (kind === 'timeout') return `no answer from ${place} within ${limit / 1_000} s`;
  if (/wrong version number|packet length/i.test(text)) return `${place} does not use TLS on this port`;
  return kind === 'tls' || kind === 'network' ? `${place}: ${text}` : text;
}

function wordedOutcome(outcome: Outcome, worded: (reason: FailureReason) => FailureReason): Outcome {
  if (outcome.kind !== 'delivered') return { ...outcome, reason: worded(outcome.reason) };
  return outcome.warning === undefined ? outcome : { ...outcome, warning: worded(outcome.warning) };
}

/** What advice about a destination has to know of it. */
export function advisedOf({ channel, options }: Pick<ReadyDestination, 'channel' | 'options'>): AdvisedDestination {
  const secrets = channel.secretsOf?.(options) ?? channel.secrets;
  const { properties } = withFileKeys(channel.schema, secrets);
  const unused = channel.secrets.filter((key) => !secrets.includes(key));
  return {
    keys: new Set(Object.keys(isObject(properties) ? properties : {}).filter((key) => !unused.includes(key))),
    implicitTls: isObject(options) && options['implicitTls'] === true,
  };
}

const NOTHING_KNOWN: AdvisedDestination = { keys: new Set(), implicitTls: false };

/** What is to be said of a destination that was looked at without sending. */
export function probeFindings(
  id: string,
  probed: Probed | undefined,
  now: Instant,
  advised: AdvisedDestination = NOTHING_KNOWN,
): readonly CheckResult[] {
  if (probed === undefined) return [note(id, 'nothing to check')];
  if (probed.ok) return [certificateFinding(id, probed.certificateUntil, now) ?? good(id, probed.what)];
  const { reason } = probed;
  return [
    error(id, {
      found: reason.text,
      expected: 'a server that answers and accepts the login',
      fix: receiverAdvice(reason, advised),
    }),
  ];
}

/** Problems of the routing: receivers without a destination, and a missing meta receiver. */
export function routingFindings({ routing, meta }: Pick<Config, 'routing' | 'meta'>): readonly CheckResult[] {
  const empty = Object.entries(routing.destinations).filter(([, list]) => list.length === 0);
  return [
    ...empty.map(([name]) =>
      warning(name, {
        found: 'has no destination: alerts that are routed to it notify no one',
        expected: 'one or more, such as slack_configs or email_configs',
        fix: `receivers:\n  - name: ${name}\n    slack_configs: [{ api_url_file: /run/secrets/slack-url }]`,
      }),
    ),
    ...(meta === undefined
      ? [
          warning('meta_receiver', {
            found: 'is not set: no notification when rules fail or messages cannot be sent',
            expected: 'a receiver for health alerts of Tocsin',
            fix: `meta_receiver: ${Object.keys(routing.destinations)[0] ?? 'NAME'}`,
          }),
        ]
      : []),
  ];
}

async function sendTo(
  id: string,
  { channel, options }: ReadyDestination,
  { now, config, fetch, programs }: Pick<DoctorContext, 'now' | 'config' | 'fetch' | 'programs'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const message = testMessage(id, config.destinations.get(id)?.receiver ?? id, now);
  const payload = channel.render(message, undefined, options);
  return channel.send(
    payload,
    options,
    { fetch, print: () => undefined, now, ...(programs !== undefined && { programs }) },
    signal,
  );
}

/** The outcome of the test message. */
export function testFinding(id: string, outcome: Outcome, advised: AdvisedDestination = NOTHING_KNOWN): CheckResult {
  const subject = `${id}: test`;
  switch (outcome.kind) {
    case 'delivered':
      return outcome.warning === undefined
        ? good(subject, 'accepted; check that it arrived')
        : warning(subject, {
            found: `accepted, with a warning: ${outcome.warning.text}`,
            expected: 'a message without one',
            fix: receiverAdvice(outcome.warning, advised),
          });
    case 'unknown':
      return warning(subject, {
        found: `may have arrived: ${outcome.reason.text}`,
        expected: 'a clear answer',
        fix: receiverAdvice(outcome.reason, advised),
      });
    default:
      return error(subject, {
        found: `was not accepted: ${outcome.reason.text}`,
        expected: 'a message that is accepted',
        fix: receiverAdvice(outcome.reason, advised),
      });
  }
}
