import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import type { Message } from '../../../src/messages/message.ts';
import type { RecordedRequest, Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { answer, attempt, bodyOf } from '../../support/vendor.ts';
import { blocksOf, read } from '../docs/pages.ts';
import { sampleAlert, sampleMessage } from './samples.ts';

/** The keys that docs/destinations.md has for services without a channel of their own, by their receiver. */
const KEYS = keysOf('docs/destinations.md');

type HttpKeys = {
  readonly json: object;
  readonly success_contains?: string;
  readonly success_status?: readonly number[];
};

function keysOf(file: string): Readonly<Record<string, HttpKeys>> {
  const [block] = blocksOf({ file, text: read(file) }).filter(({ text }) => text.includes('alert_uid'));
  const { receivers } = parse(block?.text ?? '') as {
    readonly receivers: readonly { readonly name: string; readonly http_configs: readonly [HttpKeys] }[];
  };
  const successOf = ({ success_contains, success_status }: HttpKeys) => ({
    ...(success_contains !== undefined && { success_contains }),
    ...(success_status !== undefined && { success_status }),
  });
  return Object.fromEntries(
    receivers.map(({ name, http_configs: [first] }) => [name, { json: first.json, ...successOf(first) }]),
  );
}

/** An alert of the service: how often it was heard of, and whether it is open. */
type Alerts = Map<string, { times: number; open: boolean }>;

function heard(alerts: Alerts, key: unknown, isOpen: boolean): void {
  const known = alerts.get(String(key));
  alerts.set(String(key), { times: (known?.times ?? 0) + 1, open: isOpen });
}

/**
 * Formatted webhooks, after https://github.com/grafana/oncall/blob/main/engine/config_integrations/formatted_webhook.py: alerts are grouped by
 * `alert_uid`, and the group is over when `state` is "ok".
 */
function onCall(alerts: Alerts, body: Readonly<Record<string, unknown>>): Reply {
  heard(alerts, body['alert_uid'] ?? '', String(body['state'] ?? '').toUpperCase() !== 'OK');
  return { status: 200, body: '"Ok."' };
}

/**
 * POST /alerts/event, after https://github.com/keephq/keep/blob/main/keep/api/models/alert.py: without a fingerprint the name is one; a status or severity that
 * it does not know becomes "firing" and "info".
 */
function keep(alerts: Alerts, body: Readonly<Record<string, unknown>>): Reply {
  const { name, fingerprint, status, severity, lastReceived, url } = body;
  const isValid =
    typeof name === 'string' &&
    ['firing', 'resolved', 'acknowledged', 'suppressed', 'pending'].includes(String(status)) &&
    ['critical', 'high', 'warning', 'info', 'low'].includes(String(severity)) &&
    !Number.isNaN(Date.parse(String(lastReceived))) &&
    (url === '' || URL.canParse(String(url)));
  if (!isValid) return answer(422, { detail: body });
  heard(alerts, String(fingerprint ?? name).slice(0, 255), status === 'firing');
  return answer(202, { task_name: 'x' });
}

/** Alert events, after https://docs.incident.io/api-reference/alert-events-v2/createhttp. */
function incidentIo(alerts: Alerts, body: Readonly<Record<string, unknown>>): Reply {
  const { title, status, deduplication_key: key, metadata } = body;
  const isValid = typeof title === 'string' && title !== '' && ['firing', 'resolved'].includes(String(status));
  if (!isValid || typeof key !== 'string' || key === '' || typeof metadata !== 'object') return answer(422, { errors: [body] });
  heard(alerts, key, status === 'firing');
  return answer(202, { deduplication_key: key, message: 'Event accepted for processing', status: 'success' });
}

const SERVICES: Readonly<Record<string, (alerts: Alerts, body: Readonly<Record<string, unknown>>) => Reply>> = {
  oncall: onCall,
  keep,
  'incident-io': incidentIo,
};

describe.each(Object.entries(SERVICES))('%s, with the body of the documentation', (name, service) => {
  const keys = KEYS[name];

  async function send(message: Message | undefined, alerts: Alerts = new Map()) {
    if (keys === undefined || message === undefined) throw new Error(`there are no keys of ${name}, or no message`);
    const taken = (request: RecordedRequest) => service(alerts, bodyOf(request));
    return { ...(await attempt('http', taken, message, { keys })), alerts };
  }

  test.each(Object.entries(INCIDENT))('takes %s', async (_kind, message) => {
    expect((await send(message)).outcome).toEqual({ kind: 'delivered' });
  });

  it('does not take it when the login page of a proxy answers in its place', async () => {
    const page = { status: 200, body: '<!doctype html><html><title>Sign in</title></html>' };
    const message = INCIDENT['first'];
    if (keys === undefined || message === undefined) throw new Error('there is nothing to send');
    expect((await attempt('http', page, message, { keys })).outcome).toMatchObject({ kind: 'rejected' });
  });

  it('has one alert for an incident, which is over with it', async () => {
    const alerts: Alerts = new Map();
    for (const kind of ['first', 'worse', 'reminder']) await send(INCIDENT[kind], alerts);
    const key = INCIDENT['first']?.dedupKey;
    expect([...alerts]).toEqual([[key, { times: 3, open: true }]]);
    await send(INCIDENT['resolved'], alerts);
    expect([...alerts]).toEqual([[key, { times: 4, open: false }]]);
  });

  it('is over here for what has moved to another receiver', async () => {
    const { alerts } = await send(INCIDENT['moved']);
    expect([...alerts.values()]).toEqual([{ times: 1, open: false }]);
  });

  it('passes on what there is to note, and from whom the alert escalated', async () => {
    const note = 'Another receiver was notified of this before; it is no longer configured.';
    const escalated = [{ from: 'team', ago: 30_000, before: [], alerts: 1 }];
    const { requests } = await send(sampleMessage({ notes: [note], escalated }));
    expect(requests[0]?.body).toContain(note);
    expect(requests[0]?.body).toContain('Escalated: team was notified 30s ago, and no one has acknowledged it.');
  });

  it('has an address only where there is one, and says nothing of what is not there', async () => {
    const bare = sampleMessage({ alerts: [sampleAlert({ links: [] })] });
    const { requests } = await send(bare);
    expect(requests[0]?.body).not.toMatch(/n\/a|null|undefined/);
    const linked = await send(
      sampleMessage({ alerts: [sampleAlert({ links: [{ label: 'a', url: 'https://example.com/a' }] })] }),
    );
    expect(linked.requests[0]?.body).toContain('https://example.com/a');
  });
});

it('a severity that Keep does not know is a warning there, not less', async () => {
  const severityOf = async (severity: string) => {
    const { requests } = await attempt('http', { status: 202 }, sampleMessage({ severity }), { keys: KEYS['keep'] ?? {} });
    return bodyOf(requests[0])['severity'];
  };
  expect(
    await Promise.all(['page', 'critical', 'error', 'high', 'warning', 'low', 'info', 'notice', 'my-own'].map(severityOf)),
  ).toEqual(['critical', 'critical', 'high', 'high', 'warning', 'low', 'info', 'info', 'warning']);
});

it('the JSON of webhooks alone would not end an alert group of OnCall', async () => {
  const alerts: Alerts = new Map();
  const taken = (request: RecordedRequest) => onCall(alerts, bodyOf(request));
  const resolved = INCIDENT['resolved'];
  if (resolved === undefined) throw new Error('the incident has no end');
  await attempt('http', taken, resolved, { keys: { json: undefined } });
  expect([...alerts]).toEqual([['', { times: 1, open: true }]]);
});
