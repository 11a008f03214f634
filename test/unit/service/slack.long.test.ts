import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceBackend } from '../../../src/service/store.ts';
import { endSlackStages, postedMessage, slackStage } from '../../support/service/slack-stage.ts';
import { APP_TOKEN, type SlackSocket, SOCKET_BOT_TOKEN } from '../../support/slack-socket.ts';

type Fields = Readonly<Record<string, unknown>>;

afterEach(endSlackStages);

describe('Slack, both ways', () => {
  it('acknowledges an alert by a button, once, and says who in the message and in its thread', async () => {
    const on = await slackStage();
    const { row, press } = await postedMessage(on);
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
    const on = await slackStage({ pods: ['cart-1', 'cart-2'] });
    const { press } = await postedMessage(on);
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
    const on = await slackStage();
    const { press } = await postedMessage(on);
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
    const on = await slackStage({ replicas: 2 });
    const { press } = await postedMessage(on);
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
    const on = await slackStage();
    const { press } = await postedMessage(on);
    on.send('interactive', press('explain'));
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length > 0, 'the story');
    const [story] = on.slack.callsOf('chat.postEphemeral');
    expect(story).toMatchObject({ user: 'U012AB3CD', channel: 'C024BE91L' });
    expect(story?.['text']).toMatch(/cart-1[\s\S]*life[\s\S]*ops/);
    expect(String(story?.['text']).length).toBeLessThan(3_500);
  });

  it('answers /tocsin firing and help in the acknowledgement, and others with what there is', async () => {
    const on = await slackStage();
    await postedMessage(on);
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
    const on = await slackStage();
    await postedMessage(on);
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
      /^None of these alerts is firing any more\./,
    ],
    ['an earlier episode', 'episode', /^None of these alerts is firing any more\./],
    ['no value', { value: undefined }, /^This button cannot be used/],
    ['another form', { value: '{"alert":"*"}' }, /^This button cannot be used/],
    ['a value that is too long', { value: `1 ${'a.b '.repeat(5_000)}` }, /^This button cannot be used/],
    ['a value with matchers in it', { value: '1 alertname=~".*".x' }, /^This button cannot be used/],
  ])('refuses a button with %s', async (_name, harm, text) => {
    const on = await slackStage();
    const { press } = await postedMessage(on);
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
    ['allow_channels', ', allow_channels: [C999999]', /^This is not allowed in this channel/],
  ])('honors %s', async (_name, app, text) => {
    const on = await slackStage({ app });
    const { press } = await postedMessage(on);
    on.send('interactive', press('acknowledge'));
    await on.until(() => on.slack.callsOf('chat.postEphemeral').length === 1, 'the answer');
    expect(on.slack.callsOf('chat.postEphemeral')[0]?.['text']).toMatch(text);
    const read = await on.backend.acknowledgements.list(0);
    expect(read.ok && read.value).toEqual([]);
  });

  it('leaves alone what asks for nothing, whatever is in it', async () => {
    const on = await slackStage();
    const { press } = await postedMessage(on);
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

  it('warns while Slack is not there, and notifies all the same; no secret is shown', async () => {
    const on = await slackStage();
    await postedMessage(on);
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
