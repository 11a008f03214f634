import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { machineOf } from '../../../src/channels/http-client/fetch.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { manualClock } from '../../../src/core/time.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { type Service, startService } from '../../../src/service/service.ts';
import type { ServiceBackend } from '../../../src/service/store.ts';
import { NOON } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';
import { APP_TOKEN, type SlackSocket, SOCKET_BOT_TOKEN, startSlackSocket } from '../../support/slack-socket.ts';

const SECOND = 1_000;
const RULE = 'name: boom\ntype: frequency\nindex: logs-*\ndelay: 0s\nwindow: 5m\ngroup_by: [pod]\ncondition: count >= 1\n';
const PLACE = { user: { id: 'U012AB3CD', username: 'ana' }, channel: { id: 'C024BE91L' } };

type Fields = Readonly<Record<string, unknown>>;

const over: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of over.splice(0).reverse()) await end();
});

/** A service with a Slack app, whose ticker is beaten by hand; real time passes between the beats. */
async function stage(
  options: {
    readonly app?: string;
    readonly pods?: readonly string[];
    readonly replicas?: number;
    readonly without?: true;
    readonly serves?: true;
  } = {},
) {
  const slack = await startSlackSocket();
  over.push(async () => slack[Symbol.asyncDispose]());
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-slack-'));
  over.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tocsin.yaml');
  await writeFile(join(folder, 'app'), `${APP_TOKEN}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'bot'), `${SOCKET_BOT_TOKEN}\n`, { mode: 0o600 });
  const configured = (app: string | undefined, more = '') =>
    writeFile(
      file,
      `server: { enabled: ${options.serves === true}, port: 0 }
${app === undefined ? '' : `slack_app: { app_token_file: app, bot_token_file: bot, api_url: "${slack.url}"${app} }`}
route: { receiver: ops, group_wait: 0s }
receivers:
  - name: ops
    timezone: Europe/Berlin
    slack_configs: [{ bot_token_file: bot, channel: C024BE91L, api_url: "${slack.url}" }]
${more}`,
    );
  await configured(options.without === true ? undefined : (options.app ?? ''));
  const loaded = await loadConfig(file, {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const embedded = embeddedBackend({ freeze: true });
  const at = new Date(NOON - SECOND).toISOString();
  embedded.documents.add(
    (options.pods ?? ['cart-1']).map((pod) => ({ index: 'logs-app', source: { '@timestamp': at, pod, message: 'x' } })),
  );
  const slow = { on: false };
  const backend: ServiceBackend = {
    ...embedded,
    ruleStates: {
      ...embedded.ruleStates,
      list: (...given) => (slow.on ? new Promise(() => undefined) : embedded.ruleStates.list(...given)),
    },
    ensureIndices: async () => ({ ok: true, value: undefined }),
    probe: async () => ({ state: new Map(), history: new Map() }),
    clockAhead: async () => 0,
    describe: async () => ({ ok: true, value: 'a store in memory' }),
    renew: () => undefined,
    close: async () => undefined,
  };
  const ruleSet = await compileRules([{ file: 'a.yaml', text: RULE }], {});
  const clock = manualClock(NOON);
  const captured = capturedLog();
  const polls: (() => void)[] = [];
  const services: Service[] = [];
  for (let replica = 0; replica < (options.replicas ?? 1); replica++) {
    const service = await startService({
      ...{ version: '1.2.3', config: loaded.value, ruleSet, backend, clock, log: captured.log },
      io: { ...machineOf({}), print: () => undefined },
      sources: { config: () => loadConfig(file, {}), rules: async () => ruleSet } as never,
      ticker: (given) => {
        polls.push(given);
        return { silentFor: () => 0, stop: () => undefined };
      },
    });
    services.push(service);
    over.push(service.stop);
  }
  const [service] = services;
  if (service === undefined) throw new Error('no replica');
  const until = async (holds: () => boolean | Promise<boolean>, what: string) => {
    for (let beat = 0; beat < 60; beat++) {
      if (await holds()) return;
      clock.set(clock.now() + SECOND);
      for (const poll of polls) poll();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${what} did not come; ${captured.lines().join('\n')}; ${JSON.stringify(slack.calls).slice(0, 3_000)}`);
  };
  /** The same while the clock stands. */
  const soon = async (holds: () => boolean) => {
    for (let wait = 0; wait < 400 && !holds(); wait++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(holds()).toBe(true);
  };
  let sent = 0;
  const send = (type: string, payload: Fields, id = `envelope-${++sent}`) =>
    slack.connections.at(-1)?.send({ envelope_id: id, type, payload, accepts_response_payload: type === 'slash_commands' });
  const connected = () => captured.lines().filter((line) => line === 'info: connected to Slack').length;
  if (options.without !== true) await until(() => connected() === services.length, 'the connection');
  const reload = async (app: string | undefined, more?: string) => {
    await configured(app, more);
    await service.reload();
  };
  return {
    folder,
    reload,
    connected,
    slack,
    backend,
    clock,
    service,
    lines: captured.lines,
    raw: captured.raw,
    until,
    soon,
    send,
    slow,
  };
}

/** The message as it was posted, and the payload of one of its buttons. */
async function posted({
  slack,
  until,
}: {
  readonly slack: SlackSocket;
  readonly until: Awaited<ReturnType<typeof stage>>['until'];
}) {
  await until(() => slack.callsOf('chat.postMessage').length > 0, 'the message');
  const [message] = slack.callsOf('chat.postMessage');
  if (message === undefined) throw new Error('nothing was posted');
  const [attachment] = message['attachments'] as readonly { readonly blocks: readonly Fields[] }[];
  const row = attachment?.blocks.find(({ type }) => type === 'actions') as
    | { readonly block_id: string; readonly elements: readonly { readonly action_id: string; readonly value: string }[] }
    | undefined;
  const press = (name: string, more: Fields = {}, pressed = `${NOON / 1_000 + 30}.000100`): Fields => {
    const button = row?.elements.find(({ action_id: id }) => id === `tocsin.${name}`);
    return {
      ...{ type: 'block_actions', ...PLACE },
      container: { type: 'message_attachment', message_ts: '1767261900.000001', channel_id: 'C024BE91L' },
      message: { ...message, ts: '1767261900.000001' },
      actions: [{ type: 'button', block_id: row?.block_id, ...button, action_ts: pressed }],
      ...more,
    };
  };
  return { message, row, press };
}

describe('Slack, both ways', () => {
  it('acknowledges an alert by a button, once, and says who in the message and in its thread', async () => {
    const on = await stage();
    const { row, press } = await posted(on);
    expect(row?.elements.map(({ action_id: id }) => id)).toEqual([
      'tocsin.acknowledge',
      'tocsin.silence_1h',
      'tocsin.silence_4h',
      'tocsin.silence_morning',
      'tocsin.explain',
    ]);
    on.send('interactive', press('acknowledge'));
    await on.until(() => saying(on.slack, 'Acknowledged by').length > 0, 'the reply');
    const line = expect.stringMatching(/^Acknowledged by <@U012AB3CD> at <!date\^1\d{9}\^/);
    expect(saying(on.slack, 'Acknowledged by')[0]).toEqual({
      ...{ channel: 'C024BE91L', thread_ts: '1767261900.000001', text: line },
    });
    const update = on.slack.callsOf('chat.update')[0] as { readonly blocks: readonly Fields[] };
    expect(update.blocks.at(-1)).toMatchObject({ block_id: 'tocsin.pressed', elements: [{ type: 'mrkdwn', text: line }] });
    const read = await on.backend.acknowledgements.list(0);
    expect(read.ok && read.value).toEqual([
      expect.objectContaining({ rule: 'boom', by: 'Ana Lee (Slack U012AB3CD)', comment: 'acknowledged in Slack' }),
    ]);
    // The same event by another connection, and the same press in another envelope: nothing is said again.
    on.send('interactive', press('acknowledge'), 'envelope-1');
    on.send('interactive', press('acknowledge'));
    await on.until(() => on.slack.connections[0]?.said.length === 3, 'the acknowledgements');
    expect(on.slack.callsOf('chat.update')).toHaveLength(1);
    expect(saying(on.slack, 'Acknowledged by')).toHaveLength(1);
    // Another press of the same person.
    on.send('interactive', press('acknowledge', {}, `${on.clock.now() / 1_000 + 120}.000100`));
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length === 1, 'the answer');
    expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toBe('You have acknowledged this already.');
  });

  it('silences until morning in the time zone of the one who pressed, and only these alerts', async () => {
    const on = await stage({ pods: ['cart-1', 'cart-2'] });
    const { press } = await posted(on);
    on.send('interactive', press('silence_morning'));
    await on.until(async () => (await silences(on)).length > 0, 'the silence');
    const [silence] = await silences(on);
    expect(new Date(silence?.ends_at ?? 0).toLocaleTimeString('en-GB', { timeZone: 'America/New_York' })).toBe('08:00:00');
    expect(silence).toMatchObject({ created_by: 'Ana Lee (Slack U012AB3CD)', comment: 'silenced in Slack' });
    expect(silence?.matchers.map(({ label, op }) => `${label}${op}`)).toEqual(expect.arrayContaining(['alertname=', 'pod=~']));
    await on.until(() => saying(on.slack, 'Silenced by').length > 0, 'the reply');
    expect(saying(on.slack, 'Silenced by')[0]?.['text']).toMatch(
      /^Silenced by <@U012AB3CD> until [^\n]+\n`.*alertname="boom".*pod=~"cart-/,
    );
  });

  it('takes the time zone of the receiver where Slack knows none', async () => {
    const on = await stage();
    const { press } = await posted(on);
    on.slack.answer('users.info', { ok: false, error: 'missing_scope', needed: 'users:read' });
    on.send('interactive', press('silence_morning'));
    await on.until(async () => (await silences(on)).length > 0, 'the silence');
    const [silence] = await silences(on);
    expect(new Date(silence?.ends_at ?? 0).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })).toBe('08:00:00');
    expect(silence?.created_by).toBe('ana (Slack U012AB3CD)');
  });

  it.each([
    ['silence_1h', 'Silenced by'],
    ['acknowledge', 'Acknowledged by'],
  ])('does %s once where two replicas get the same event', async (action, line) => {
    const on = await stage({ replicas: 2 });
    const { press } = await posted(on);
    const frame = { envelope_id: 'twice', type: 'interactive', payload: press(action) };
    on.slack.connections[0]?.send(frame);
    await on.until(() => saying(on.slack, line).length > 0, 'the reply');
    on.slack.connections[1]?.send(frame);
    await on.until(() => on.slack.connections[1]?.said.length === 1, 'the acknowledgement');
    // Long enough for what must not come.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(saying(on.slack, line)).toHaveLength(1);
    expect(on.slack.callsOf('chat.update')).toHaveLength(1);
    expect(await silences(on)).toHaveLength(action === 'acknowledge' ? 0 : 1);
  });

  it('explains to the one who asks', async () => {
    const on = await stage();
    const { press } = await posted(on);
    on.send('interactive', press('explain'));
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length > 0, 'the story');
    const [story] = on.slack.callsOf('chat.postEphemeral');
    expect(story).toMatchObject({ user: 'U012AB3CD', channel: 'C024BE91L' });
    expect(story?.['text']).toMatch(/cart-1[\s\S]*life[\s\S]*ops/);
    expect(String(story?.['text']).length).toBeLessThan(3_500);
  });

  it('answers /tocsin firing and help in the acknowledgement, and others with what there is', async () => {
    const on = await stage();
    await posted(on);
    const command = (text: string) => ({
      command: '/tocsin',
      text,
      user_id: 'U012AB3CD',
      user_name: 'ana',
      channel_id: 'D0123456',
    });
    for (const text of ['firing', 'help', '  ', 'rm -rf `x` <!channel>']) on.send('slash_commands', command(text));
    await on.soon(() => on.slack.connections[0]?.said.length === 4);
    const answers = (on.slack.connections[0]?.said ?? []).map(({ envelope_id: id, payload }) => [
      id,
      (payload as Fields)['text'],
    ]);
    const of = (number: number) => String(answers.find(([id]) => id === `envelope-${number}`)?.[1]);
    expect(of(1)).toMatch(/^\*1 alert fires\*\n• \*warning\* .*cart-1.* · since <!date/);
    expect(of(2)).toMatch(/^`\/tocsin firing` lists/);
    expect(of(3)).toBe(of(2));
    expect(of(4)).toMatch(/^There is no command `rm -rf ˋxˋ &lt;!channel&gt;`\./);
  });

  it('acknowledges a command in time when the answer takes longer, and gives it to the one who asked', async () => {
    const on = await stage();
    await posted(on);
    on.slow.on = true;
    on.send('slash_commands', { command: '/tocsin', text: 'firing', user_id: 'U012AB3CD', channel_id: 'C024BE91L' });
    const began = on.clock.now();
    await on.until(() => on.slack.connections[0]?.said.length === 1, 'the acknowledgement');
    expect(on.slack.connections[0]?.said).toEqual([{ envelope_id: 'envelope-1' }]);
    expect(on.clock.now() - began).toBeLessThanOrEqual(3_000);
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length === 1, 'the answer');
    expect(on.slack.callsOf('chat.postEphemeral')[0]).toMatchObject({ user: 'U012AB3CD', channel: 'C024BE91L' });
    expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toMatch(
      /^:warning: The state could not be read[\s\S]*1 alert fires/,
    );
  });

  it.each([
    [
      'an alert that there is not',
      { value: '1 0123456789abcdef0123456789abcdef.01234567' },
      /^None of these alerts fires any more\./,
    ],
    ['an earlier episode', 'episode', /^None of these alerts fires any more\./],
    ['no value', { value: undefined }, /^This button cannot be read/],
    ['another form', { value: '{"alert":"*"}' }, /^This button cannot be read/],
    ['a value that is too long', { value: `1 ${'a.b '.repeat(5_000)}` }, /^This button cannot be read/],
    ['a value with matchers in it', { value: '1 alertname=~".*".x' }, /^This button cannot be read/],
  ])('refuses a button with %s', async (_name, harm, text) => {
    const on = await stage();
    const { press } = await posted(on);
    const good = press('silence_4h') as { readonly actions: readonly { readonly value: string }[] };
    const value = good.actions[0]?.value ?? '';
    const bad = harm === 'episode' ? { value: value.replace(/\.[\da-f]+$/, '.00000000') } : (harm as Fields);
    on.send('interactive', { ...good, actions: [{ ...good.actions[0], ...bad }] });
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length === 1, 'the answer');
    expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toMatch(text);
    expect(await silences(on)).toEqual([]);
  });

  it.each([
    ['allow_users', ', allow_users: [U999999]', /^You may not do this/],
    ['allow_channels', ', allow_channels: [C999999]', /^Not from this channel/],
  ])('honors %s', async (_name, app, text) => {
    const on = await stage({ app });
    const { press } = await posted(on);
    on.send('interactive', press('acknowledge'));
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length === 1, 'the answer');
    expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toMatch(text);
    const read = await on.backend.acknowledgements.list(0);
    expect(read.ok && read.value).toEqual([]);
  });

  it('leaves alone what asks for nothing, whatever is in it', async () => {
    const on = await stage();
    const { press } = await posted(on);
    const payloads: readonly Fields[] = [
      {},
      { type: 'view_submission' },
      press('acknowledge', { user: { id: '<!channel>' } }),
      press('acknowledge', { user: null, channel: 7 }),
      press('acknowledge', { channel: { id: '../x' } }),
      press('acknowledge', { actions: 'no list' }),
      press('acknowledge', { actions: [{ action_id: 'tocsin.__proto__', value: '1 a.b' }] }),
      press('acknowledge', { actions: [{ action_id: 'other.app', value: 'x' }] }),
    ];
    for (const payload of payloads) on.send('interactive', payload);
    on.send('events_api', { event: { type: 'message' } });
    on.send('slash_commands', { command: '/tocsin', text: 7, user_id: 7 });
    await on.until(() => on.slack.connections[0]?.said.length === payloads.length + 2, 'the acknowledgements');
    expect(on.slack.callsOf('chat.postEphemeral')).toEqual([]);
    expect(on.slack.callsOf('chat.update')).toEqual([]);
  });

  it('shows an acknowledgement on the pages at once', async () => {
    const on = await stage({ serves: true });
    const { press } = await posted(on);
    const alerts = async () => (await fetch(`${on.service.address}/api/v1/alerts`)).text();
    // The list is kept for ten seconds of the clock, which stands.
    expect(await alerts()).not.toContain('acknowledged');
    on.send('interactive', press('acknowledge'));
    await on.soon(() => on.slack.callsOf('chat.update').length === 1);
    expect(await alerts()).toContain('acknowledged in Slack');
    expect(on.lines()).toContain('info: acknowledged');
  });

  describe('on a reload', () => {
    it('begins when the app is added, and ends when it is removed', async () => {
      const on = await stage({ without: true });
      await on.until(() => on.slack.callsOf('chat.postMessage').length > 0, 'the message');
      expect([on.slack.connections.length, JSON.stringify(on.slack.calls).includes('tocsin.acknowledge')]).toEqual([0, false]);
      await on.reload('');
      await on.until(() => on.connected() === 1, 'the connection');
      await on.reload(undefined);
      await on.until(() => on.slack.connections[0]?.isOpen() === false, 'the end of the connection');
      expect(on.service.status().tasks).toEqual([]);
      await on.until(() => on.slack.connections.length === 1, 'no other connection');
    });

    it('keeps its connection when something else changes', async () => {
      const on = await stage();
      await on.reload('', 'meta_receiver: ops\n');
      expect(on.lines()).toContain('info: configuration reloaded');
      const { press } = await posted(on);
      on.send('interactive', press('acknowledge'));
      await on.soon(() => on.slack.callsOf('chat.update').length === 1);
      expect(on.slack.connections.map((one) => one.isOpen())).toEqual([true]);
    });

    it('heeds at once who may use it now', async () => {
      const on = await stage();
      const { press } = await posted(on);
      await on.reload(', allow_users: [U0SOMEONE]');
      await on.until(() => on.connected() === 2, 'the connection with the new list');
      on.send('interactive', press('acknowledge'));
      await on.soon(() => on.slack.callsOf('chat.postEphemeral').length === 1);
      expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toContain('allow_users');
      expect(on.slack.connections.map((one) => one.isOpen())).toEqual([false, true]);
    });

    it('says that a token which was changed is refused, and goes on when it is right again', async () => {
      const on = await stage();
      await writeFile(join(on.folder, 'app'), 'xapp-1-A012-345-another\n');
      await on.service.reload();
      await on.until(() => on.service.status().tasks.length > 0, 'the warning');
      expect(on.service.status().tasks).toEqual([{ task: 'slack', problem: 'Slack refused: invalid_auth' }]);
      await writeFile(join(on.folder, 'app'), `${APP_TOKEN}\n`);
      await on.service.reload();
      await on.until(() => on.service.status().tasks.length === 0 && on.connected() === 2, 'the connection');
    });
  });

  it('warns while Slack is not there, and notifies all the same; no secret is shown', async () => {
    const on = await stage();
    await posted(on);
    const refusals = Array.from({ length: 9 }, () => ({ ok: false, error: 'invalid_auth' }));
    on.slack.answer('apps.connections.open', ...refusals);
    on.slack.connections[0]?.cut();
    await on.until(() => on.service.status().tasks.length > 0, 'the warning');
    expect(on.service.status().tasks).toEqual([{ task: 'slack', problem: 'Slack refused: invalid_auth' }]);
    expect(on.service.status().ready).toEqual({ ok: true });
    expect(on.lines()).toContain('warn: slack failing: buttons and commands in Slack do not work; messages are still sent');
    const shown = on.raw.join('\n');
    expect([APP_TOKEN, SOCKET_BOT_TOKEN, 't1cket'].filter((one) => shown.includes(one))).toEqual([]);
  });
});

function saying(slack: SlackSocket, begin: string): readonly Fields[] {
  return slack.callsOf('chat.postMessage').filter(({ text }) => String(text).startsWith(begin));
}

async function silences({ backend }: { readonly backend: ServiceBackend }) {
  const read = await backend.silences.list(0);
  if (!read.ok) throw new Error(read.message);
  return read.value;
}
