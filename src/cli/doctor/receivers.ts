import type { Outcome, Probed } from '../../channels/channel.ts';
import type { Message, MessageAlert } from '../../channels/message.ts';
import type { Config } from '../../config/config.ts';
import type { Instant } from '../../core/time.ts';
import type { ReadyDestination } from '../../notifications/delivery-ports.ts';
import type { Finding } from '../../reports/doctor/doctor-report.ts';
import { destinationsOf } from '../../service/destinations.ts';
import { certificateFinding } from './certificate.ts';
import { type DoctorCheck, LONG, type Ward } from './check.ts';
import { error, good, note, warning } from './finding.ts';

/** Whether the destinations are there and let Tocsin in; with `--send-test` whether they take a message. */
export const receiversCheck: DoctorCheck = {
  name: 'receivers',
  title: 'Receivers',
  needs: 'nothing',
  limit: LONG,
  run: async (ward, signal) => {
    const { config, now, sendTest } = ward;
    const ready = destinationsOf(config);
    const findings = await Promise.all(
      [...config.destinations.keys()].map(async (id) => {
        const destination = ready(id);
        if (destination === undefined) return [];
        const looked = await destination.channel.probe?.(destination.options, signal);
        const sent = sendTest ? await sendTo(id, destination, ward, signal) : undefined;
        return [...probeFindings(id, looked, now), ...(sent === undefined ? [] : [testFinding(id, sent)])];
      }),
    );
    return [
      ...findings.flat(),
      ...routingFindings(config),
      ...(sendTest ? [] : [note('a message', '--send-test sends one to each of them')]),
    ];
  },
};

/** What is to be said of a destination that was looked at without sending. */
export function probeFindings(id: string, probed: Probed | undefined, now: Instant): readonly Finding[] {
  if (probed === undefined) return [note(id, 'there is nothing to look at from here')];
  if (probed.ok) return [certificateFinding(id, probed.certificateUntil, now) ?? good(id, probed.what)];
  const { kind, text } = probed.reason;
  return [
    error(id, {
      found: text,
      expected: 'a server that answers and takes the login',
      fix: FIXES[kind] ?? 'see the log of that server',
    }),
  ];
}

const FIXES: Readonly<Record<string, string>> = {
  network: 'is the address right, and may this machine connect there? (firewall, NetworkPolicy, proxy)',
  timeout: 'may this machine connect there? (firewall, NetworkPolicy, proxy)',
  tls: 'for mail, ca_file: /etc/tocsin/ca.crt where its authority is not known, require_tls: false where it has no TLS at all',
  unauthorized: 'auth_username and auth_password_file: the server does not take what stands there',
  not_found: 'the URL has gone: make a new one and put it into the secret file',
  invalid_payload: 'the server does not take such messages: see what it said',
  rate_limited: 'wait: the server says that it has had too much',
};

/** What is to be said of the routing: receivers without a destination, and nobody for Tocsin’s own trouble. */
export function routingFindings({ routing, meta }: Pick<Config, 'routing' | 'meta'>): readonly Finding[] {
  const empty = Object.entries(routing.destinations).filter(([, list]) => list.length === 0);
  return [
    ...empty.map(([name]) =>
      warning(name, {
        found: 'has no destination: alerts that are routed to it are told to nobody',
        expected: 'one or more, such as slack_configs or email_configs',
        fix: `receivers:\n  - name: ${name}\n    slack_configs: [{ api_url_file: /run/secrets/slack-url }]`,
      }),
    ),
    ...(meta === undefined
      ? [
          warning('meta_receiver', {
            found: 'is not set: nobody hears when rules fail or messages cannot be told',
            expected: 'a receiver for Tocsin’s own trouble',
            fix: `meta_receiver: ${Object.keys(routing.destinations)[0] ?? 'NAME'}`,
          }),
        ]
      : []),
  ];
}

async function sendTo(
  id: string,
  { channel, options }: ReadyDestination,
  { now, config, fetch }: Pick<Ward, 'now' | 'config' | 'fetch'>,
  signal: AbortSignal,
): Promise<Outcome> {
  const message = testMessage(id, config.destinations.get(id)?.receiver ?? id, now);
  const payload = channel.render(message, undefined, options);
  return channel.send(payload, options, { fetch, print: () => undefined, now }, signal);
}

/** A message that nobody takes for an alert. */
export function testMessage(destination: string, receiver: string, now: Instant): Message {
  const id = `tocsin-doctor-${destination}-${now}`.replace(/[^A-Za-z0-9-]/g, '-');
  const title = `Test of ${destination}`;
  const text = 'A test by `tocsin doctor --send-test`: nothing is wrong. Alerts that are routed to this receiver arrive here.';
  const event: MessageAlert = {
    ...{ id, episode: id, rule: 'tocsin doctor', status: 'event', change: 'event', severity: 'info', title },
    ...{ group: {}, labels: {}, values: { events: 1 }, facts: [], links: [], late: false },
    startedAt: now,
    endedAt: now,
    window: { from: now, to: now },
  };
  return {
    ...{ id, conversation: id, incident: id, receiver, title, text, status: 'event', severity: 'info', reason: 'event' },
    ...{ firing: 0, resolved: 0, alerts: [event], more: 0, groupLabels: {}, links: [], notes: [], at: now },
  };
}

/** What became of the test message. */
export function testFinding(id: string, outcome: Outcome): Finding {
  const subject = `${id}: test`;
  switch (outcome.kind) {
    case 'delivered':
      return outcome.warning === undefined
        ? good(subject, 'was taken: look whether it is there')
        : warning(subject, {
            found: `was taken, with a warning: ${outcome.warning.text}`,
            expected: 'a message without one',
            fix: FIXES[outcome.warning.kind] ?? '',
          });
    case 'unknown':
      return warning(subject, {
        found: `may have arrived: ${outcome.reason.text}`,
        expected: 'a clear answer',
        fix: FIXES[outcome.reason.kind] ?? '',
      });
    default:
      return error(subject, {
        found: `was not taken: ${outcome.reason.text}`,
        expected: 'a message that is taken',
        fix: FIXES[outcome.reason.kind] ?? '',
      });
  }
}
