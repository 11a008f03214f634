import { Type } from 'typebox';
import { DURATION_PATTERN, parseDuration } from '../../core/duration.ts';
import { TocsinError } from '../../core/errors.ts';
import { httpUrl } from '../../core/http-url.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { type Secret, secret } from '../../core/secret.ts';
import { DAY, type Duration, iso } from '../../core/time.ts';
import { andMore } from '../../messages/labels.ts';
import type { Message, MessageAlert } from '../../messages/message.ts';
import { boundedMessage } from '../bounded.ts';
import type { Channel, ChannelIo, Outcome, Payload, Receipt } from '../channel.ts';
import { cleanText } from '../clean-text.ts';
import { fitted } from '../fitted.ts';
import { type HttpConfig, httpAt } from '../http-client/config.ts';
import { HTTP_KEYS } from '../http-client/options.ts';
import { httpSender, sendOnce } from '../http-client/send.ts';
import { textAt } from '../keys.ts';
import { addressOf, probeUrl } from '../probe-url.ts';

/** Which Alertmanagers get the alerts, and how long those stay without another message. */
interface AlertmanagerOptions {
  readonly urls: readonly string[];
  readonly keep: Duration;
  readonly http: HttpConfig;
}

const AT_LEAST = 60_000;
/** Alerts of one group whose severity is remembered. */
const MOST_REMEMBERED = 200;
const MOST_BYTES = 400 * 1024;

/** Posts alerts to the Alertmanagers of a cluster, for those who already route there. */
export const alertmanagerChannel: Channel<AlertmanagerOptions> = {
  name: 'alertmanager',
  description: 'Alertmanager: alerts are posted to each instance of a cluster, and kept alive there.',
  schema: {
    ...Type.Object(
      {
        urls: Type.Array(Type.String({ minLength: 1 }), {
          ...{ minItems: 1, maxItems: 20, uniqueItems: true, examples: [['http://alertmanager:9093']] },
          description: 'Addresses of all instances of the cluster.',
        }),
        keep_for: Type.Optional(
          Type.String({
            ...{ minLength: 1, pattern: DURATION_PATTERN, default: '1d' },
            description:
              'How long an alert stays active after the last message about it; must be longer than the `repeat_interval` of the route, whose reminders keep the alert active.',
          }),
        ),
        ...HTTP_KEYS,
      },
      { additionalProperties: false },
    ),
  },
  secrets: [],
  read: (keys) => {
    const urls = (Array.isArray(keys['urls']) ? keys['urls'] : []).map((text) => addressed(String(text)));
    const keep = parseDuration(textAt(keys, 'keep_for') ?? '') ?? DAY;
    if (keep < AT_LEAST)
      throw new TocsinError('channel/value', 'keep_for is less than a minute', { hint: 'longer than repeat_interval' });
    return { urls, keep, http: httpAt(keys) };
  },
  render: (message, thread, { keep }) =>
    fitted(
      boundedMessage(message),
      (one) => alertsOf(one, thread ?? {}, keep),
      (body) => Buffer.byteLength(JSON.stringify(body)) <= MOST_BYTES,
    ),
  place: ({ urls }) => addressOf(firstOf(urls)),
  probe: ({ urls, http }, signal, io) => probeUrl({ url: firstOf(urls), http }, signal, io),
  send,
};

function addressed(text: string): string {
  const url = httpUrl(text);
  if (url === undefined || url.username !== '')
    throw new TocsinError('channel/url', 'one of urls is not an http(s) URL without a login', {
      hint: 'http://alertmanager:9093',
    });
  return text.replace(/\/+$/, '');
}

function firstOf([first = '']: readonly string[]): Secret {
  return secret(first);
}

/**
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml: postableAlerts. To Alertmanager an alert of another severity is another
 * alert, so the receipt remembers the severity that each was posted with, and that one ends.
 */
function alertsOf(message: Message, posted: Receipt, keep: Duration): JsonObject {
  const changed = message.alerts.flatMap((alert) => {
    const before = own(posted, alert.id);
    return before === undefined || before === alert.severity
      ? []
      : [postable({ ...alert, severity: before, status: 'resolved' }, message, keep)];
  });
  const open = message.alerts.filter(isOpen).slice(0, MOST_REMEMBERED);
  return {
    alerts: [...message.alerts.map((alert) => postable(alert, message, keep)), ...changed],
    posted: { ...left(posted, message), ...Object.fromEntries(open.map(({ id, severity }) => [id, severity])) },
    ...(message.more > 0 && { left_out: andMore(message.more) }),
  };
}

function isOpen({ status }: MessageAlert): boolean {
  return status === 'firing' || status === 'event';
}

/** What was posted of alerts that this message says nothing of. */
function left(posted: Receipt, { alerts }: Message): Receipt {
  const named = new Set(alerts.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(posted)
      .filter(([id]) => !named.has(id))
      .slice(-MOST_REMEMBERED),
  );
}

function postable(alert: MessageAlert, message: Message, keep: Duration): JsonObject {
  const annotations = {
    summary: alert.title,
    ...(alert.text !== undefined && { description: alert.text }),
    ...Object.fromEntries(alert.facts.map(({ label, value }) => [labelName(label), value])),
    ...Object.fromEntries(alert.links.map(({ label, url }) => [labelName(`${label} url`), url])),
  };
  const [first] = alert.links;
  return {
    labels: labelsOf(alert),
    annotations,
    startsAt: iso(alert.startedAt),
    // Alertmanager takes an alert as over from this time on.
    endsAt: iso(
      isOpen(alert) ? message.at + keep : Math.max(alert.startedAt + 1, Math.min(alert.endedAt ?? message.at, message.at)),
    ),
    ...(first !== undefined && { generatorURL: first.url }),
  };
}

/** Before UTF-8, names of labels had no dots; its matchers still want such names in quotes. */
function labelsOf({ labels, rule, severity }: MessageAlert): JsonObject {
  const named = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => [labelName(name), cleanText(value, 500)] as const);
  return { alertname: rule, ...Object.fromEntries(named), severity };
}

function labelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

/** Each instance gets the alerts, as from Prometheus: they do not hand them on to each other. One that takes them is enough. */
async function send(payload: Payload, options: AlertmanagerOptions, io: ChannelIo, signal: AbortSignal): Promise<Outcome> {
  const sender = httpSender(options.http, [], io, signal);
  const json = payload['alerts'] ?? [];
  const outcomes = await Promise.all(options.urls.map((url) => sendOnce(sender, { url: `${url}/api/v2/alerts`, json })));
  const failures = outcomes.flatMap((outcome) => (outcome.kind === 'delivered' ? [] : [outcome]));
  const [failed] = failures;
  if (failed !== undefined && failures.length === outcomes.length) return failed;
  const receipt: Receipt = isObject(payload['posted']) ? (payload['posted'] as Receipt) : {};
  const more = payload['left_out'];
  const warnings = [
    ...(failed === undefined ? [] : [`${failures.length} of ${outcomes.length} did not accept them: ${failed.reason.text}`]),
    ...(typeof more === 'string' ? [`${more} were not posted: group this route by ['...']`] : []),
  ];
  if (warnings.length === 0) return { kind: 'delivered', receipt };
  return { kind: 'delivered', receipt, warning: { kind: 'client_error', text: warnings.join('; ') } };
}
