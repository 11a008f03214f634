import { describe, expect, it, test } from 'vitest';
import type { ChannelIo, Outcome, Receipt } from '../../../src/channels/channel.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { TocsinError } from '../../../src/core/errors.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message } from '../../../src/messages/message.ts';
import type { Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { BOT_TOKEN, CHANNEL_ID, type SlackServer, startSlackServer } from '../../support/slack-server.ts';
import { AT, sampleMessage } from './samples.ts';

const CHART = { png: Buffer.from('a picture').toString('base64'), text: 'Chart: used of limit', width: 584, height: 200 };

function kind(name: string): Message {
  const message = INCIDENT[name];
  if (message === undefined) throw new Error(`the incident has no ${name}`);
  return message;
}

function sendTo(
  slack: SlackServer,
  message: Message,
  thread?: Receipt,
  given: Partial<Pick<ChannelIo, 'pause'>> & { channel?: string; signal?: AbortSignal } = {},
) {
  const options = slackChannel.read({
    ...{ api_url: secret(slack.url), bot_token: secret(BOT_TOKEN), channel: given.channel ?? '#alerts' },
  });
  const io = { fetch, print: () => undefined, now: AT, ...(given.pause !== undefined && { pause: given.pause }) };
  const payload = slackChannel.render(message, thread, options);
  return slackChannel.send(payload, options, io, given.signal ?? AbortSignal.timeout(10_000));
}

function receiptOf(outcome: Outcome): Receipt {
  if (outcome.kind !== 'delivered' || outcome.receipt === undefined) throw new Error(JSON.stringify(outcome));
  return outcome.receipt;
}

const headline = ({ content }: { readonly content: Readonly<Record<string, unknown>> }) =>
  String(content['text']).split(' – ')[0];
const colour = ({ content }: { readonly content: Readonly<Record<string, unknown>> }) =>
  (content['attachments'] as readonly { readonly color: string }[])[0]?.color;

describe('an incident', () => {
  it('is one message that says how it is now, with its history in its thread', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    expect(receipt).toEqual({ slack_channel: CHANNEL_ID, slack_ts: slack.posts()[0]?.ts, slack_to: '#alerts' });
    const before = colour(slack.posts()[0] as never);
    for (const next of ['worse', 'reminder', 'resolved'])
      expect(receiptOf(await sendTo(slack, kind(next), receipt))).toEqual(receipt);
    const [root, ...replies] = slack.posts();
    expect(slack.posts().filter(({ thread }) => thread === undefined)).toHaveLength(1);
    expect([root && headline(root), root?.edits]).toEqual([expect.stringMatching(/Resolved/), 3]);
    expect([before, root && colour(root)]).toEqual(['#c62828', '#2e7d32']);
    expect(replies.map((reply) => `${headline(reply)}${reply.broadcast ? ', in the channel' : ''}`)).toEqual([
      'Evidence',
      '🔴 Now critical: stub fails on /todos/, in the channel',
      '🔴 Still critical after 4h: stub fails on /todos/, in the channel',
      '✅ Resolved after 12m: stub fails on /todos/',
    ]);
    expect(replies.every(({ thread }) => thread === root?.ts)).toBe(true);
  });

  it('keeps the evidence of its first message, which an update no longer shows', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    await sendTo(slack, kind('resolved'), receipt);
    const [root, evidence] = slack.posts();
    expect(JSON.stringify(root?.content)).not.toContain('TypeError');
    expect(JSON.stringify(evidence?.content)).toContain('TypeError');
  });

  it('is posted anew where its message was deleted', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    for (const { ts } of [...slack.posts()]) slack.delete(ts);
    const again = receiptOf(await sendTo(slack, kind('resolved'), receipt));
    expect(slack.posts().filter(({ thread }) => thread === undefined)).toHaveLength(1);
    expect(again['slack_ts']).toBe(slack.posts()[0]?.ts);
  });

  it('is posted anew in another channel of the configuration, and stays there', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    const moved = receiptOf(await sendTo(slack, kind('worse'), receipt, { channel: CHANNEL_ID }));
    expect(moved['slack_ts']).not.toBe(receipt['slack_ts']);
    expect(slack.posts()[0]?.edits).toBe(0);
  });

  it.each(['edit_window_closed', 'cant_update_message'])(
    'whose message cannot be edited (%s) is replied to in the channel',
    async (error) => {
      await using slack = await startSlackServer();
      const receipt = receiptOf(await sendTo(slack, kind('first')));
      slack.fail('chat.update', { status: 200, body: JSON.stringify({ ok: false, error }) });
      const outcome = await sendTo(slack, kind('resolved'), receipt);
      expect(outcome).toMatchObject({ kind: 'delivered', receipt, warning: { text: expect.stringContaining(error) } });
      expect(slack.posts().at(-1)).toMatchObject({ broadcast: true, thread: receipt['slack_ts'] });
    },
  );
});

describe('the chart', () => {
  const images = ({ content }: { readonly content: Readonly<Record<string, unknown>> }) =>
    (content['attachments'] as readonly { readonly blocks: readonly { readonly type: string }[] }[]).flatMap(({ blocks }) =>
      blocks.flatMap((block, place) => (block.type === 'image' ? [{ ...block, place }] : [])),
    );

  it('is a picture in the message, below its first sentence, for those who cannot see it as well', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, { ...kind('first'), chart: CHART }));
    const [root] = slack.posts();
    const [image] = root === undefined ? [] : images(root);
    expect(image).toEqual({ type: 'image', alt_text: CHART.text, slack_file: { id: receipt['slack_chart'] }, place: 1 });
    expect(slack.files).toEqual([]);
  });

  it('is replaced by that of the next message, and stays while there is none', async () => {
    await using slack = await startSlackServer();
    const first = receiptOf(await sendTo(slack, { ...kind('first'), chart: CHART }));
    const second = receiptOf(await sendTo(slack, kind('worse'), first));
    expect(second).toEqual(first);
    const root = () => slack.posts().filter(({ thread }) => thread === undefined);
    expect(root().flatMap(images)).toMatchObject([{ slack_file: { id: first['slack_chart'] } }]);
    const third = receiptOf(await sendTo(slack, { ...kind('resolved'), chart: CHART }, second));
    expect(third['slack_chart']).not.toBe(first['slack_chart']);
    expect(root().flatMap(images)).toMatchObject([{ slack_file: { id: third['slack_chart'] } }]);
  });

  it('that was deleted meanwhile is left out, and the message is as it is now', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    const outcome = await sendTo(slack, kind('resolved'), { ...receipt, slack_chart: 'F0DELETED00' });
    expect(outcome).toMatchObject({ kind: 'delivered' });
    const [root] = slack.posts();
    expect([root && headline(root), root && images(root)]).toEqual([expect.stringMatching(/Resolved/), []]);
  });

  it('is waited for until Slack has processed it, once the message is there', async () => {
    await using slack = await startSlackServer();
    slack.processing(3);
    const waited: number[] = [];
    const pause = async (ms: number) => {
      expect(slack.posts().length).toBeGreaterThan(0);
      waited.push(ms);
    };
    receiptOf(await sendTo(slack, { ...kind('first'), chart: CHART }, undefined, { pause }));
    expect(slack.posts().flatMap((post) => (post.thread === undefined ? images(post) : []))).toHaveLength(1);
    expect(waited).toEqual([100, 400, 1_000]);
  });

  it('that Slack does not take into the message is a file in the thread', async () => {
    await using slack = await startSlackServer();
    slack.processing(100);
    const waited: number[] = [];
    const receipt = receiptOf(
      await sendTo(slack, { ...kind('first'), chart: CHART }, undefined, { pause: async (ms) => void waited.push(ms) }),
    );
    expect(slack.files).toEqual([{ thread: receipt['slack_ts'], size: 9, title: CHART.text, alt: CHART.text }]);
    expect(receipt['slack_chart']).toBeUndefined();
    // Less than three seconds, after the message.
    expect(waited.reduce((sum, ms) => sum + ms)).toBeLessThan(3_000);
  });

  it('has its place in a message that is as large as Slack takes it', async () => {
    await using slack = await startSlackServer();
    const alerts = sampleMessage().alerts.flatMap((alert) =>
      Array.from({ length: 20 }, () => ({ ...alert, title: '"<&> '.repeat(500) })),
    );
    const text = '"'.repeat(2_000);
    const large = sampleMessage({ alerts, text: 'é😀<&>'.repeat(5_000), chart: { ...CHART, text } });
    const outcome = await sendTo(slack, large);
    expect(outcome).not.toHaveProperty('warning');
    expect(slack.posts().flatMap((post) => (post.thread === undefined ? images(post) : []))).toHaveLength(1);
  });

  test.each<[string, Reply]>([
    ['files.getUploadURLExternal', { status: 200, body: '{"ok":false,"error":"missing_scope","needed":"files:write"}' }],
    ['files.completeUploadExternal', { status: 500 }],
    ['files.completeUploadExternal', 'drop'],
    ['files.getUploadURLExternal', { status: 200, body: '{"ok":true,"upload_url":"file:///etc/passwd","file_id":"F1"}' }],
  ])('that is refused by %s is a warning, and posts nothing again', async (method, reply) => {
    await using slack = await startSlackServer();
    slack.fail(method, reply);
    const outcome = await sendTo(slack, { ...kind('first'), chart: CHART });
    expect(outcome).toMatchObject({
      kind: 'delivered',
      receipt: { slack_channel: CHANNEL_ID },
      warning: { text: expect.any(String) },
    });
  });

  it('is wanted of an app unless it says otherwise, and never of a webhook', () => {
    const app = { bot_token: secret(BOT_TOKEN), channel: 'C1' };
    const charts = (keys: object) => slackChannel.charts?.(slackChannel.read({ ...keys }));
    expect([charts(app), charts({ ...app, chart: false }), charts({ api_url: secret('https://hooks.slack.com/x') })]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

const said = (error: string, more: object = {}): Reply => ({ status: 200, body: JSON.stringify({ ok: false, error, ...more }) });
const limited: Reply = { status: 429, headers: { 'retry-after': '30' }, body: '{"ok":false,"error":"ratelimited"}' };

describe('what Slack answers decides what becomes of the message', () => {
  test.each<[string, Reply, object]>([
    ['a rate limit', limited, { kind: 'retry', reason: { kind: 'rate_limited' }, after: 30_000 }],
    ['a rate limit in its own words', said('ratelimited'), { kind: 'retry', reason: { kind: 'rate_limited' } }],
    ['an error of Slack', { status: 503, body: 'x' }, { kind: 'retry', reason: { kind: 'server_error' } }],
    ['an error that may have posted it', said('internal_error'), { kind: 'unknown' }],
    ['no answer', 'drop', { kind: 'unknown', reason: { kind: 'network' } }],
    ['a wrong token', said('invalid_auth'), { kind: 'rejected', reason: { kind: 'unauthorized' } }],
    [
      'a missing scope',
      said('missing_scope', { needed: 'chat:write' }),
      { kind: 'rejected', reason: { kind: 'unauthorized', text: expect.stringContaining('needed: chat:write') } },
    ],
    ['no channel', said('channel_not_found'), { kind: 'rejected', reason: { kind: 'not_found' } }],
    [
      'a channel without the app',
      said('not_in_channel'),
      { kind: 'rejected', reason: { text: expect.stringContaining('invite the app') } },
    ],
    [
      'blocks it does not take',
      said('invalid_blocks', { errors: ['invalid block [json-pointer:/blocks/0]'] }),
      { kind: 'rejected', reason: { kind: 'invalid_payload', text: expect.stringContaining('/blocks/0') } },
    ],
    [
      'the login page of a proxy',
      { status: 200, body: '<html>' },
      { kind: 'retry', reason: { text: expect.stringMatching(/with a web page/) } },
    ],
    [
      'an answer that is no JSON',
      { status: 200, body: 'busy' },
      { kind: 'retry', reason: { text: expect.stringMatching(/not as Slack/) } },
    ],
    ['an answer without a message', { status: 200, body: '{"ok":true}' }, { kind: 'delivered', warning: {} }],
  ])('of a first message: %s', async (_name, reply, expected) => {
    await using slack = await startSlackServer();
    slack.fail('chat.postMessage', reply);
    const outcome = await sendTo(slack, kind('first'));
    expect(outcome).toMatchObject(expected);
    expect(JSON.stringify(outcome)).not.toContain(BOT_TOKEN);
  });

  test.each<[string, Reply, object]>([
    ['a rate limit', limited, { kind: 'retry', after: 30_000 }],
    // An update that is made twice is seen once.
    ['no answer', 'drop', { kind: 'retry' }],
    ['an error that may have changed it', said('fatal_error'), { kind: 'retry' }],
    ['a wrong token', said('token_revoked'), { kind: 'rejected', reason: { kind: 'unauthorized' } }],
  ])('of an update: %s, and nothing is in the thread twice', async (_name, reply, expected) => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    const before = slack.posts().length;
    slack.fail('chat.update', reply);
    expect(await sendTo(slack, kind('worse'), receipt)).toMatchObject(expected);
    expect(slack.posts()).toHaveLength(before);
    expect(await sendTo(slack, kind('worse'), receipt)).toMatchObject({ kind: 'delivered' });
    expect(slack.posts()).toHaveLength(before + 1);
  });

  it('evidence that is not taken is a warning, since the message was posted', async () => {
    await using slack = await startSlackServer();
    slack.fail('chat.postMessage', 'pass', limited);
    const outcome = await sendTo(slack, kind('first'));
    expect(outcome).toMatchObject({ kind: 'delivered', receipt: {}, warning: { kind: 'rate_limited' } });
    expect(slack.posts()).toHaveLength(1);
  });

  it('a reply that is not taken for now is tried again with the update', async () => {
    await using slack = await startSlackServer();
    const receipt = receiptOf(await sendTo(slack, kind('first')));
    slack.fail('chat.postMessage', limited);
    expect(await sendTo(slack, kind('worse'), receipt)).toMatchObject({ kind: 'retry', after: 30_000 });
    expect(await sendTo(slack, kind('worse'), receipt)).toMatchObject({ kind: 'delivered' });
    expect(slack.posts().filter(({ thread }) => thread !== undefined)).toHaveLength(2);
  });

  it('called off before it begins, it may be tried again', async () => {
    await using slack = await startSlackServer();
    const outcome = await sendTo(slack, kind('first'), undefined, { signal: AbortSignal.abort() });
    expect([outcome.kind, slack.requests.length]).toEqual(['retry', 0]);
  });

  it('whatever texts hold, it is taken', async () => {
    await using slack = await startSlackServer();
    const alerts = sampleMessage().alerts.flatMap((alert) =>
      Array.from({ length: 20 }, () => ({ ...alert, title: '<!channel> *x* '.repeat(500) })),
    );
    expect(await sendTo(slack, sampleMessage({ alerts, text: 'é😀<&>'.repeat(5_000) }))).toMatchObject({ kind: 'delivered' });
    for (const [name, message] of Object.entries(INCIDENT))
      expect(await sendTo(slack, message), name).toMatchObject({ kind: 'delivered' });
  });
});

describe('its options', () => {
  test.each<[string, object, RegExp]>([
    ['nothing', {}, /neither api_url nor bot_token/],
    ['a token without a channel', { bot_token: secret(BOT_TOKEN) }, /needs a channel/],
    ['a webhook with a channel', { api_url: secret('https://hooks.slack.com/x'), channel: 'C1' }, /no effect/],
  ])('%s', (_name, keys, message) => {
    expect(() => slackChannel.read({ ...keys })).toThrow(TocsinError);
    expect(() => slackChannel.read({ ...keys })).toThrow(message);
  });

  it('lead to slack.com', () => {
    expect(slackChannel.place?.(slackChannel.read({ bot_token: secret(BOT_TOKEN), channel: 'C1' }))).toBe('slack.com:443');
  });
});
