import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { machineOf } from '../../../src/channels/http-client/fetch.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { manualClock } from '../../../src/core/time.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { type Service, startService } from '../../../src/service/service.ts';
import type { ServiceBackend } from '../../../src/service/store.ts';
import { NOON } from '../engine/world.ts';
import { APP_TOKEN, type SlackSocket, SOCKET_BOT_TOKEN, startSlackSocket } from '../slack-socket.ts';
import { capturedLog } from './captured-log.ts';

const SECOND = 1_000;
const RULE = 'name: boom\ntype: frequency\nindex: logs-*\ndelay: 0s\nwindow: 5m\ngroup_by: [pod]\ncondition: count >= 1\n';
const PLACE = { user: { id: 'U012AB3CD', username: 'ana' }, channel: { id: 'C024BE91L' } };

type Fields = Readonly<Record<string, unknown>>;

const over: (() => Promise<unknown>)[] = [];
/** Ends what the stages of a test have begun. */
export async function endSlackStages(): Promise<void> {
  for (const end of over.splice(0).reverse()) await end();
}

/** A service with a Slack app, whose ticker is beaten by hand; real time passes between the beats. */
export async function slackStage(
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
    if (!holds()) throw new Error('it did not come to that');
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
export async function postedMessage({
  slack,
  until,
}: {
  readonly slack: SlackSocket;
  readonly until: Awaited<ReturnType<typeof slackStage>>['until'];
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
