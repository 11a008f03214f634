import { describe, expect, it, test } from 'vitest';
import { multipart } from '../../../src/channels/http-client/multipart.ts';
import { channels } from '../../../src/channels/registry.ts';
import type { Message } from '../../../src/messages/message.ts';
import { DESTINATION_KEYS } from '../../support/channel-options.ts';
import type { RecordedRequest, Reply } from '../../support/http-recorder.ts';
import { INCIDENT } from '../../support/messages/incident.ts';
import { answer, attempt, bodyOf } from '../../support/vendor.ts';

const PNG = Buffer.from('a picture').toString('base64');
const CHART = { png: PNG, text: 'Chart: used of limit', width: 480, height: 210 };

function charted(name: string): Message {
  const message = INCIDENT[name];
  if (message === undefined) throw new Error(`the incident has no ${name}`);
  return { ...message, chart: CHART };
}

/** The parts of a form, as a server reads them. */
function partsOf({ headers, body }: RecordedRequest): Readonly<Record<string, { readonly text: string; readonly head: string }>> {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new Error('this is not a form');
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return Object.fromEntries(
    parts.map((part) => {
      const [head = '', text = ''] = part.slice(2, -2).split(/\r\n\r\n([\s\S]*)/);
      return [/name="([^"]*)"/.exec(head)?.[1] ?? '', { text, head }] as const;
    }),
  );
}

const isForm = ({ headers }: RecordedRequest) => (headers['content-type'] ?? '').startsWith('multipart/');
const said = (request: RecordedRequest | undefined, name: string) => (request === undefined ? undefined : partsOf(request)[name]);

/** https://discord.com/developers/docs/reference#uploading-files: an embed shows an uploaded picture by its name. */
function discord(request: RecordedRequest): Reply {
  if (!isForm(request)) return { status: 204 };
  const parts = partsOf(request);
  const body = JSON.parse(parts['payload_json']?.text ?? '{}') as {
    readonly embeds: readonly { readonly image?: { readonly url: string } }[];
    readonly attachments: readonly { readonly id: number; readonly filename: string; readonly description: string }[];
  };
  const file = body.attachments[0];
  const isShown = body.embeds[0]?.image?.url === `attachment://${file?.filename}`;
  const isThere = parts[`files[${file?.id}]`]?.head.includes(`filename="${file?.filename}"`) === true;
  return isShown && isThere && (file?.description.length ?? 0) <= 1_024 ? { status: 204 } : answer(400, { code: 50035 });
}

/** https://core.telegram.org/bots/api#sendphoto: a caption of 0 to 1,024 characters after entities were parsed. */
function telegram(request: RecordedRequest): Reply {
  const ok = answer(200, { ok: true, result: { message_id: 42 } });
  if (request.path.endsWith('/sendMessage')) return isForm(request) ? answer(400, { ok: false }) : ok;
  if (!request.path.endsWith('/sendPhoto')) return answer(404, { ok: false });
  const { caption, photo, parse_mode: mode } = partsOf(request);
  const isCaption = (caption?.text ?? '').replace(/<[^>]*>/g, '').replace(/&\w+;/g, '&').length <= 1_024;
  return isCaption && mode?.text === 'HTML' && photo?.text === 'a picture' ? ok : answer(400, { ok: false });
}

/** https://pushover.net/api#attachments: one of at most 5,242,880 bytes, as Base64 with its type. */
function pushover(request: RecordedRequest): Reply {
  const { attachment_base64: picture, attachment_type: type } = bodyOf(request);
  const isPicture = typeof picture === 'string' && type === 'image/png' && Buffer.from(picture, 'base64').length <= 5_242_880;
  return picture === undefined || isPicture ? answer(200, { status: 1 }) : answer(400, { status: 0 });
}

const SERVERS: Readonly<Record<string, (request: RecordedRequest) => Reply>> = { discord, telegram, pushover };
const hasPicture = (request: RecordedRequest) => isForm(request) || bodyOf(request)['attachment_base64'] !== undefined;

describe('a chart in a chat', () => {
  test.each(Object.keys(SERVERS))('is in the one message that %s gets', async (name) => {
    const { outcome, requests } = await attempt(name, SERVERS[name] ?? discord, charted('memory'));
    expect(outcome.kind).toBe('delivered');
    expect(requests.map(hasPicture)).toEqual([true]);
  });

  test.each(Object.keys(SERVERS))('that %s does not take leaves the message as it is', async (name) => {
    const server = SERVERS[name] ?? discord;
    const without = (request: RecordedRequest) => (hasPicture(request) ? answer(413, { message: 'too large' }) : server(request));
    const { outcome, requests } = await attempt(name, without, charted('memory'));
    expect(outcome.kind).toBe('delivered');
    expect(requests.map(hasPicture)).toEqual([true, false]);
    const plain = await attempt(name, server, { ...charted('memory'), chart: undefined } as unknown as Message);
    expect(requests.at(-1)?.body).toBe(plain.requests[0]?.body);
  });

  test.each<[string, Reply, string]>([
    ['a rate limit', answer(429, { retry_after: 2 }, { 'retry-after': '2' }), 'retry'],
    ['a wrong token', answer(401, {}), 'rejected'],
    ['no answer', 'drop', 'unknown'],
  ])('does not make %s another thing, and is not sent twice', async (_name, reply, kind) => {
    for (const name of Object.keys(SERVERS)) {
      const { outcome, requests } = await attempt(name, reply, charted('memory'));
      expect([outcome.kind, requests.length], name).toEqual([kind, 1]);
    }
  });

  test.each(Object.keys(SERVERS))('is wanted of %s unless it says otherwise', (name) => {
    const [channel, keys] = [channels[name], DESTINATION_KEYS[name]];
    const wanted = (more: object) => channel?.charts?.(channel.read({ ...keys?.('https://vendor.example.com'), ...more }));
    expect([wanted({}), wanted({ chart: false })]).toEqual([true, false]);
  });

  it('answers the first message of an incident in Telegram, which later ones answer', async () => {
    const { outcome, requests } = await attempt('telegram', telegram, charted('worse'), { thread: { telegram: '7' } });
    expect(outcome).toMatchObject({ receipt: { telegram: '7' } });
    expect(JSON.parse(said(requests[0], 'reply_parameters')?.text ?? '{}')).toMatchObject({ message_id: 7 });
  });

  it('is left out in Telegram where the text is longer than that of a picture may be', async () => {
    const long = { ...charted('first'), text: 'x'.repeat(1_100) };
    const { requests } = await attempt('telegram', telegram, long);
    expect(requests.map(hasPicture)).toEqual([false]);
  });
});

describe('a form', () => {
  it('holds what is in it, whatever that is', () => {
    const first = multipart([{ name: 'a', content: 'x' }]);
    const boundary = /boundary=(\S+)/.exec(first.headers?.['content-type'] ?? '')?.[1] ?? '';
    const { headers = {}, body = '' } = multipart([
      { name: 'a', content: `\r\n--${boundary}--\r\n` },
      { name: 'b', content: Buffer.from('p'), filename: 'chart.png' },
    ]);
    const parts = partsOf({ method: 'POST', path: '/', headers, body: Buffer.from(body).toString() });
    expect([parts['a']?.text, parts['b']?.text]).toEqual([`\r\n--${boundary}--\r\n`, 'p']);
  });
});
