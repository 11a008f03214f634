import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it, test } from 'vitest';
import { snsChannel } from '../../../src/channels/sns/sns.ts';
import { TocsinError } from '../../../src/core/errors.ts';
import { secret } from '../../../src/core/secret.ts';
import type { RecordedRequest, Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { attempt } from '../../support/vendor.ts';
import { sampleMessage } from './samples.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:alerts';
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** The signature of a request by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. */
function signatureOf({ method, path, headers, body }: RecordedRequest, secretKey: string): string | undefined {
  const found = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=/.exec(headers.authorization ?? '');
  if (found === null) return undefined;
  const [, scope = '', signed = ''] = found;
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, path, '', lines.join(''), signed, hash(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, hash(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secretKey}`);
  return hmac(key, text).toString('hex');
}

const refusal = (status: number, code: string, message = 'no'): Reply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

/** Amazon SNS, after https://docs.aws.amazon.com/sns/latest/api/API_Publish.html. */
function sns(request: RecordedRequest): Reply {
  const signature = /Signature=([0-9a-f]+)/.exec(request.headers.authorization ?? '')?.[1];
  if (signature === undefined || signature !== signatureOf(request, 'sns-secret-key'))
    return refusal(403, 'SignatureDoesNotMatch');
  const form = new URLSearchParams(request.body);
  if (form.get('Action') !== 'Publish' || form.get('Version') !== '2010-03-31') return refusal(400, 'InvalidAction');
  const targets = ['TopicArn', 'TargetArn', 'PhoneNumber'].filter((name) => form.has(name));
  if (targets.length !== 1) return refusal(400, 'InvalidParameter', 'one of TopicArn, TargetArn and PhoneNumber');
  const [message, subject, topic] = [form.get('Message') ?? '', form.get('Subject'), form.get('TopicArn') ?? ''];
  if (message === '' || Buffer.byteLength(request.body) > 262_144) return refusal(400, 'InvalidParameter', 'Message');
  if (subject !== null && !/^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(subject)) return refusal(400, 'InvalidParameter', 'Subject');
  const isOrdered = topic.endsWith('.fifo');
  if (isOrdered !== form.has('MessageGroupId')) return refusal(400, 'InvalidParameter', 'MessageGroupId');
  if (form.has('PhoneNumber') && message.length > 1_600) return refusal(400, 'InvalidParameter', 'too long');
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>567910cd</MessageId></PublishResult></PublishResponse>',
  };
}

function kind(name: string) {
  const message = INCIDENT[name];
  if (message === undefined) throw new Error(`the incident has no ${name}`);
  return message;
}

const form = (requests: readonly RecordedRequest[]) => Object.fromEntries(new URLSearchParams(requests[0]?.body ?? ''));

describe('a topic', () => {
  test.each(Object.entries(INCIDENT))('takes %s', async (_kind, message) => {
    expect((await attempt('sns', sns, message)).outcome).toEqual({ kind: 'delivered' });
  });

  it.each(['x', 'é', '😀', '<&>'])('takes the longest of %j', async (part) => {
    const text = part.repeat(20_000);
    const alerts = sampleMessage().alerts.map((alert) => ({ ...alert, title: text, text, description: text }));
    expect((await attempt('sns', sns, sampleMessage({ alerts, text }))).outcome).toEqual({ kind: 'delivered' });
  });

  it('gets what filter policies need, and a subject that mails can have', async () => {
    const { requests } = await attempt('sns', sns, kind('first'));
    const sent = form(requests);
    expect(sent['Subject']).toBe('Critical: stub fails on /todos/');
    const attributes = [1, 2, 3].map((n) => [
      sent[`MessageAttributes.entry.${n}.Name`],
      sent[`MessageAttributes.entry.${n}.Value.StringValue`],
    ]);
    expect(Object.fromEntries(attributes)).toEqual({ status: 'firing', severity: 'critical', team: 'todo' });
    expect(sent['Message']).toContain('7 server errors');
  });

  it('that keeps an order groups by incident, and drops repeats', async () => {
    const { outcome, requests } = await attempt('sns', sns, kind('first'), { keys: { topic_arn: `${TOPIC}.fifo` } });
    expect(outcome).toEqual({ kind: 'delivered' });
    expect(form(requests)).toMatchObject({ MessageGroupId: kind('first').dedupKey, MessageDeduplicationId: kind('first').id });
  });
});

it('a phone gets a short message', async () => {
  const keys = { topic_arn: undefined, phone_number: '+15550199', sigv4: { region: 'eu-central-1', ...LOGIN() } };
  const { outcome, requests } = await attempt('sns', sns, kind('first'), { keys });
  expect(outcome).toEqual({ kind: 'delivered' });
  expect(form(requests)['Message']?.length).toBeLessThan(321);
  expect(form(requests)['Subject']).toBeUndefined();
});

describe('what AWS answers decides what becomes of the message', () => {
  test.each<[string, Reply, object]>([
    ['too many', refusal(400, 'Throttling', 'Rate exceeded'), { kind: 'retry' }],
    ['too many, by status', refusal(429, 'Throttled'), { kind: 'retry', reason: { kind: 'rate_limited' } }],
    ['an internal error', refusal(500, 'InternalError'), { kind: 'retry', reason: { kind: 'server_error' } }],
    ['an expired token', refusal(403, 'ExpiredToken'), { kind: 'retry', reason: { kind: 'unauthorized' } }],
    [
      'no such topic',
      refusal(404, 'NotFound', 'Topic does not exist'),
      { kind: 'rejected', reason: { kind: 'not_found', text: expect.stringContaining('Topic does not exist') } },
    ],
    ['no permission', refusal(403, 'AuthorizationError'), { kind: 'rejected', reason: { kind: 'unauthorized' } }],
    ['something invalid', refusal(400, 'InvalidParameter'), { kind: 'rejected', reason: { kind: 'invalid_payload' } }],
    ['no answer', 'drop', { kind: 'unknown', reason: { kind: 'network' } }],
    ['something else', { status: 200, body: 'ok' }, { kind: 'delivered' }],
    ['the page of a proxy', { status: 502, body: '<html>' }, { kind: 'retry', reason: { kind: 'server_error' } }],
  ])('%s', async (_name, reply, expected) => {
    const { outcome, requests } = await attempt('sns', reply, kind('first'));
    expect(outcome).toMatchObject(expected);
    // It decides about retries itself.
    expect(requests).toHaveLength(1);
    expect(JSON.stringify(outcome)).not.toMatch(/sns-secret-key/);
  });

  it('a wrong key is refused', async () => {
    const keys = { sigv4: { access_key: secret('AKIDEXAMPLE1'), secret_key: secret('another-key') } };
    expect((await attempt('sns', sns, kind('first'), { keys })).outcome).toMatchObject({
      kind: 'rejected',
      reason: { kind: 'unauthorized' },
    });
  });
});

describe('its options', () => {
  test.each<[string, object, RegExp]>([
    ['no target', {}, /no target/],
    ['two targets', { topic_arn: TOPIC, phone_number: '+15550199' }, /more than one/],
    ['half a login', { topic_arn: TOPIC, sigv4: { access_key: secret('AKID') } }, /require each other/],
    ['a phone without a region', { phone_number: '+15550199' }, /region is missing/],
  ])('%s', (_name, keys, message) => {
    expect(() => snsChannel.read({ ...keys })).toThrow(TocsinError);
    expect(() => snsChannel.read({ ...keys })).toThrow(message);
  });

  it.each([
    [TOPIC, 'sns.eu-central-1.amazonaws.com:443'],
    ['arn:aws-cn:sns:cn-north-1:1:alerts', 'sns.cn-north-1.amazonaws.com.cn:443'],
  ])('lead to the region of %s', (topic_arn, place) => {
    expect(snsChannel.place?.(snsChannel.read({ topic_arn }))).toBe(place);
  });
});

function LOGIN() {
  return { access_key: secret('AKIDEXAMPLE1'), secret_key: secret('sns-secret-key') };
}
