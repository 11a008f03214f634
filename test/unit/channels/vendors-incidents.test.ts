import { describe, expect, it, test } from 'vitest';
import { onScale, SCALES } from '../../../src/channels/severity-scales.ts';
import { severityTier } from '../../../src/core/severity.ts';
import type { Message } from '../../../src/messages/message.ts';
import type { RecordedRequest, Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { answer, attempt, bodyOf, renderedBy } from '../../support/vendor.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from './samples.ts';

function kind(name: string): Message {
  const message = INCIDENT[name];
  if (message === undefined) throw new Error(`the incident has no ${name}`);
  return message;
}

/**
 * PagerDuty's Events API v2, after https://developer.pagerduty.com/docs/send-alert-event and
 * https://developer.pagerduty.com/docs/events-api-v2-overview (responses, size and rate limits).
 */
function pagerDuty(request: RecordedRequest): Reply {
  if (Buffer.byteLength(request.body) > 512 * 1024) return answer(413, { status: 'payload too large' });
  const event = bodyOf(request);
  const invalid = (message: string) =>
    answer(400, { status: 'invalid event', message: 'Event object is invalid', errors: [message] });
  if (event['routing_key'] !== 'R0UTINGKEY') return invalid('routing_key is invalid');
  if (!['trigger', 'acknowledge', 'resolve'].includes(String(event['event_action']))) return invalid('event_action is invalid');
  if (String(event['dedup_key'] ?? '').length > 255) return invalid('dedup_key is too long');
  if (event['event_action'] === 'trigger') {
    const payload = (event['payload'] ?? {}) as Readonly<Record<string, unknown>>;
    const { summary, source, severity } = payload;
    if (typeof summary !== 'string' || summary === '' || summary.length > 1_024) return invalid('summary is invalid');
    if (typeof source !== 'string' || source === '') return invalid('source is missing');
    if (!['critical', 'error', 'warning', 'info'].includes(String(severity))) return invalid('severity is invalid');
  } else if (event['dedup_key'] === undefined) return invalid('dedup_key is missing');
  return answer(202, { status: 'success', message: 'Event processed', dedup_key: event['dedup_key'] });
}

describe('PagerDuty', () => {
  test.each(Object.entries(INCIDENT))('takes %s', async (_name, message) => {
    expect((await attempt('pagerduty', pagerDuty, message)).outcome).toEqual({ kind: 'delivered' });
  });

  it('gets trigger and resolve of one incident under one key, whatever happened in between', async () => {
    const keys = await Promise.all(
      ['first', 'worse', 'reminder', 'resolved', 'moved'].map(async (name) => {
        const body = bodyOf((await attempt('pagerduty', pagerDuty, kind(name))).requests[0]);
        return `${body['event_action']} ${body['dedup_key']}`;
      }),
    );
    const key = kind('first').dedupKey;
    expect(keys).toEqual([
      ...['trigger', 'trigger', 'trigger'].map((one) => `${one} ${key}`),
      `resolve ${key}`,
      `resolve ${key}`,
    ]);
  });

  it('gets each message about events as an incident of its own', () => {
    expect(renderedBy('pagerduty', kind('event'))['dedup_key']).toBe(kind('event').id);
    expect(kind('event').dedupKey).not.toBe(kind('event').alertGroup);
  });

  it('takes the longest texts, cut at whole characters', async () => {
    const long = sampleMessage({
      title: firingTitle('😀'.repeat(2_000)),
      alerts: [sampleAlert({ group: { x: '😀'.repeat(3_000) } })],
    });
    const { outcome, requests } = await attempt('pagerduty', pagerDuty, long);
    expect(outcome).toEqual({ kind: 'delivered' });
    expect(requests[0]?.body).not.toMatch(/\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])/i);
  });

  it('refuses a wrong key for good, and says so without the key', async () => {
    const { outcome } = await attempt(
      'pagerduty',
      answer(400, { status: 'invalid event', errors: ['R0UTINGKEY is invalid'] }),
      kind('first'),
    );
    expect(outcome).toMatchObject({ kind: 'rejected', reason: { kind: 'invalid_payload' } });
    expect(JSON.stringify(outcome)).not.toContain('R0UTINGKEY');
  });

  it('that answers in another form is a warning', async () => {
    const { outcome } = await attempt('pagerduty', answer(200, { result: 'ok' }), kind('first'));
    expect(outcome).toMatchObject({ kind: 'delivered', warning: { text: expect.stringContaining('not as PagerDuty does') } });
  });
});

/**
 * Opsgenie's Alert API, after https://docs.opsgenie.com/docs/alert-api and https://docs.opsgenie.com/docs/response. Jira Service Management has the same
 * at https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/.
 */
function opsgenie(request: RecordedRequest): Reply {
  if (request.headers.authorization !== 'GenieKey 0psgenie-key') return answer(401, { message: 'Could not authenticate' });
  const body = bodyOf(request);
  const invalid = (message: string) => answer(422, { message });
  const accepted = answer(202, { result: 'Request will be processed', took: 0.1, requestId: 'r' });
  const longer = (key: string, most: number) => String(body[key] ?? '').length > most;
  if (/^\/v2\/alerts$/.test(request.path)) {
    if (typeof body['message'] !== 'string' || body['message'] === '' || longer('message', 130)) return invalid('message');
    if (longer('alias', 512) || longer('description', 15_000) || longer('entity', 512) || longer('source', 100))
      return invalid('too long');
    const tags = body['tags'] as readonly string[];
    if (tags.length > 20 || tags.some((tag) => tag.length > 50)) return invalid('tags');
    const details = Object.entries(body['details'] as Readonly<Record<string, string>>);
    if (details.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > 8_000) return invalid('details');
    return /^P[1-5]$/.test(String(body['priority'])) ? accepted : invalid('priority');
  }
  return /^\/v2\/alerts\/[^/]+\/(?:close|notes|message|description|priority)\?identifierType=alias$/.test(request.path)
    ? accepted
    : answer(404, { message: 'No such resource' });
}

describe('Opsgenie', () => {
  test.each(Object.entries(INCIDENT))('takes %s', async (_name, message) => {
    expect((await attempt('opsgenie', opsgenie, message)).outcome).toEqual({ kind: 'delivered' });
  });

  it('gets one alert by its alias: created, changed, and closed', async () => {
    const paths = async (name: string, keys = {}) =>
      (await attempt('opsgenie', opsgenie, kind(name), { keys })).requests.map(
        ({ method, path }) => `${method} ${path.split('?')[0]}`,
      );
    const at = `/v2/alerts/${kind('first').dedupKey}`;
    expect(await paths('first')).toEqual(['POST /v2/alerts']);
    expect(await paths('worse')).toEqual(['POST /v2/alerts', `PUT ${at}/message`, `PUT ${at}/description`, `PUT ${at}/priority`]);
    expect(await paths('worse', { update_alerts: false })).toEqual(['POST /v2/alerts', `POST ${at}/notes`]);
    expect(await paths('resolved')).toEqual([`POST ${at}/close`]);
  });

  it('names who is notified, and the tags of the configuration', async () => {
    const responders = [{ type: 'team', name: 'todo' }];
    const body = bodyOf((await attempt('opsgenie', opsgenie, kind('first'), { keys: { responders } })).requests[0]);
    expect(body).toMatchObject({ responders, tags: ['shop', 'todo', 'severity:critical'] });
  });

  it('that fails at the second request is tried again as a whole', async () => {
    const { outcome } = await attempt(
      'opsgenie',
      (request) => (request.method === 'PUT' ? answer(429, {}) : opsgenie(request)),
      kind('worse'),
    );
    expect(outcome).toMatchObject({ kind: 'retry', reason: { kind: 'rate_limited' } });
  });
});

/** Alertmanager, after https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml and its check of alerts (types/types.go). */
function alertmanager(request: RecordedRequest): Reply {
  if (request.path !== '/api/v2/alerts' || request.method !== 'POST') return answer(404, {});
  const alerts = JSON.parse(request.body) as readonly Readonly<Record<string, never>>[];
  for (const alert of alerts) {
    const { labels, annotations, startsAt, endsAt } = alert as unknown as Readonly<
      Record<string, Record<string, string> & string>
    >;
    const names = [...Object.keys(labels ?? {}), ...Object.keys(annotations ?? {})];
    if (Object.keys(labels ?? {}).length === 0) return answer(400, 'at least one label pair required');
    if (names.some((name) => !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))) return answer(400, 'invalid label name');
    if (Date.parse(String(endsAt)) < Date.parse(String(startsAt))) return answer(400, 'start time must be before end time');
  }
  return { status: 200 };
}

describe('Alertmanager', () => {
  const alertsIn = (request: RecordedRequest | undefined) =>
    JSON.parse(request?.body ?? '[]') as Readonly<Record<string, unknown>>[];

  test.each(Object.entries(INCIDENT))('takes %s', async (_name, message) => {
    expect((await attempt('alertmanager', alertmanager, message)).outcome).toMatchObject({ kind: 'delivered' });
  });

  it('keeps what fires alive until the next message, and ends what is over', async () => {
    const [open] = alertsIn(
      (await attempt('alertmanager', alertmanager, kind('first'), { keys: { keep_for: '6h' } })).requests[0],
    );
    expect(open).toMatchObject({ endsAt: new Date(kind('first').at + 6 * 3_600_000).toISOString() });
    const [over] = alertsIn((await attempt('alertmanager', alertmanager, kind('resolved'))).requests[0]);
    expect(Date.parse(String(over?.['endsAt']))).toBeLessThanOrEqual(kind('resolved').at);
    expect(over?.['labels']).toEqual(open?.['labels']);
  });

  it('ends the alert of the severity before, which is another alert to it', async () => {
    const warning = await attempt(
      'alertmanager',
      alertmanager,
      sampleMessage({ alerts: [sampleAlert({ severity: 'warning' })] }),
    );
    const receipt = warning.outcome.kind === 'delivered' ? warning.outcome.receipt : undefined;
    expect(receipt).toEqual({ 'alert-1': 'warning' });
    const worse = await attempt('alertmanager', alertmanager, sampleMessage({ at: AT + 60_000 }), {
      ...(receipt && { thread: receipt }),
    });
    const ends = alertsIn(worse.requests[0]).map(({ labels, endsAt }) => [
      (labels as Readonly<Record<string, string>>)['severity'],
      Date.parse(String(endsAt)) > AT + 60_000,
    ]);
    expect(ends).toEqual([
      ['critical', true],
      ['warning', false],
    ]);
  });

  it('of several instances needs one that takes the alerts, and says what the others did', async () => {
    const both = await attempt('alertmanager', alertmanager, kind('first'), { keys: {} });
    expect(both.outcome.kind).toBe('delivered');
    const twice = await attempt('alertmanager', { status: 500 }, kind('first'));
    expect(twice.outcome).toMatchObject({ kind: 'retry', reason: { kind: 'server_error' } });
  });

  it('says which alerts a message did not list', async () => {
    const { outcome } = await attempt('alertmanager', alertmanager, sampleMessage({ more: 7 }));
    expect(outcome).toMatchObject({
      kind: 'delivered',
      warning: { text: expect.stringContaining('and 7 more were not posted') },
    });
  });
});

describe('the severities of destinations', () => {
  const table = ['emergency', 'critical', 'error', 'warning', 'low', 'info', 'debug'];

  it.each(Object.entries(SCALES))('%s has a value for each tier, worst first', (_name, scale) => {
    expect(table.map((severity) => onScale<string | number>(scale, severity))).toEqual([...scale]);
    expect(table.map((severity) => severityTier(severity))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('take a name of one\u2019s own for a warning', () => {
    expect([onScale(SCALES.pagerduty, 'my-own'), onScale(SCALES.opsgenie, 'P1'), onScale(SCALES.ntfy, 'SEV-1')]).toEqual([
      'warning',
      'P1',
      5,
    ]);
  });
});
