import { describe, expect, it } from 'vitest';
import { readEmailOptions } from '../../../src/channels/email/options.ts';
import { channels } from '../../../src/channels/registry.ts';
import { HEALTH_RULE_ID } from '../../../src/engine/self-monitoring/health-rule.ts';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Routing } from '../../../src/routing/route.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';
import { type SmtpRecorder, startSmtpServer } from '../../support/smtp-server.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });
const OK = 'ok@example.com';
const email = channels['email'];
const GREY = 'grey@example.com';

function routing(): Routing {
  const { root, destinations } = plainRouting({ groupInterval: MINUTE, repeatInterval: 600 * MINUTE });
  const health = { label: 'alertname', op: '=', value: 'TocsinHealth' } as const;
  return {
    root: { ...root, routes: [{ ...root, key: '{}/health', receiver: 'meta', matchers: [health], routes: [] }] },
    destinations,
  };
}

/** An alert that fires from noon on for `minutes` and is notified by mail to two people. */
function scene(server: SmtpRecorder, minutes: number) {
  const { engine, add, channel } = world();
  for (let minute = 0; minute < minutes; minute++)
    add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), 'service.name': 'web', message: 'boom' });
  const start = (to: readonly string[] = [OK, GREY], giveUpAfter = 60 * MINUTE): TurnPorts => {
    const keys = { smarthost: `127.0.0.1:${server.port}`, from: 'tocsin@example.com', to, require_tls: false };
    const mail = { options: readEmailOptions(keys) };
    return engine([RULE], {
      routing: routing(),
      destination: (id) =>
        id === 'team/test/0' && email !== undefined ? { ...mail, channel: email } : { channel: channel.channel, options: { id } },
      delivery: { giveUpAfter, sendTimeout: 20_000, lease: MINUTE },
    });
  };
  const titles = () => channel.got.map(({ message }) => titleText(message.title));
  return { start, titles };
}

const received = ({ mails }: SmtpRecorder) => mails.map(({ envelope, subject }) => `${envelope.to.join(' ')}: ${subject}`);
const outcomes = (reports: readonly TurnLog[]) =>
  reports.flatMap(({ notified }) => notified.filter(({ receiver }) => receiver === 'team').map(({ outcome }) => outcome));

async function healthProblems({ states }: TurnPorts): Promise<readonly string[]> {
  const loaded = await states.load([HEALTH_RULE_ID], new Map());
  if (!loaded.ok) throw new Error(loaded.message);
  return Object.values(loaded.value.get(HEALTH_RULE_ID)?.document.alerts ?? {}).map(({ group }) => group['subject'] ?? '');
}

describe('a recipient that is refused for the moment beside one that is accepted', () => {
  it('is tried again alone, with the same mail, and the other receives nothing twice', async () => {
    await using server = await startSmtpServer();
    const { start, titles } = scene(server, 60);
    const ports = start();
    server.fail({ at: 'recipient', how: 450, recipient: GREY });
    const first = await play(ports, NOON - 1, NOON + 4 * MINUTE);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`]);
    expect(new Set(outcomes(first))).toEqual(new Set(['partial', 'retry']));
    server.fail();
    await play(ports, NOON + 4 * MINUTE, NOON + 30 * MINUTE);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`, `${GREY}: Warning: boom: web`]);
    const [one, two] = server.mails;
    expect([two?.messageId, two?.inReplyTo, two?.references]).toEqual([one?.messageId, one?.inReplyTo, one?.references]);
    expect(titles(), 'what is tried again is no problem yet').toEqual([]);
  });

  it('is tried again by whoever is there after a restart', async () => {
    await using server = await startSmtpServer();
    const { start } = scene(server, 60);
    server.fail({ at: 'recipient', how: 451, recipient: GREY });
    await play(start(), NOON - 1, NOON + 2 * MINUTE);
    server.fail();
    await play(start(), NOON + 2 * MINUTE, NOON + 20 * MINUTE);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`, `${GREY}: Warning: boom: web`]);
  });

  it('hears of what follows afterwards, and holds nobody else up', async () => {
    await using server = await startSmtpServer();
    const { start } = scene(server, 5);
    const ports = start();
    server.fail({ at: 'recipient', how: 452, recipient: GREY });
    await play(ports, NOON - 1, NOON + 10 * MINUTE);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`, `${OK}: Resolved after 5m: boom: web`]);
    server.fail();
    await play(ports, NOON + 10 * MINUTE, NOON + 40 * MINUTE);
    expect(received(server).slice(2)).toEqual([`${GREY}: Warning: boom: web`, `${GREY}: Resolved after 5m: boom: web`]);
  });

  it('is not forgotten when the server lets nobody in for a while', async () => {
    await using server = await startSmtpServer();
    const { start } = scene(server, 60);
    const ports = start();
    server.fail({ at: 'recipient', how: 450, recipient: GREY });
    await play(ports, NOON - 1, NOON + 2 * MINUTE);
    server.fail({ at: 'mail', how: 554 });
    await play(ports, NOON + 2 * MINUTE, NOON + 8 * MINUTE);
    server.fail();
    await play(ports, NOON + 8 * MINUTE, NOON + 30 * MINUTE);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`, `${GREY}: Warning: boom: web`]);
  });

  it('is given up after give_up_after, loudly and by name', async () => {
    await using server = await startSmtpServer();
    const { start, titles } = scene(server, 60);
    const ports = start([OK, GREY], 10 * MINUTE);
    server.fail({ at: 'recipient', how: 450, recipient: GREY });
    const reports = await play(ports, NOON - 1, NOON + 30 * MINUTE);
    expect(outcomes(reports).at(-1)).toBe('given_up');
    expect(titles()).toEqual([`[FIRING] Tocsin: notifications to team/test/0 ${GREY} are not delivered`]);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`]);
  });
});

describe('a recipient that is refused for good beside one that is accepted', () => {
  it('is a health alert that names the address, until a later mail is accepted for it', async () => {
    await using server = await startSmtpServer();
    const { start, titles } = scene(server, 5);
    const ports = start();
    server.fail({ at: 'recipient', how: 550, recipient: GREY });
    const reports = await play(ports, NOON - 1, NOON + 4 * MINUTE);
    expect(outcomes(reports)).toEqual(['partial']);
    expect(await healthProblems(ports)).toEqual([`team/test/0 ${GREY}`]);
    server.fail();
    await play(ports, NOON + 4 * MINUTE, NOON + 20 * MINUTE);
    expect(await healthProblems(ports)).toEqual([]);
    expect(titles().map((title) => title.slice(0, 9))).toEqual(['[FIRING] ', '[RESOLVED']);
    expect(received(server)).toEqual([`${OK}: Warning: boom: web`, `${OK} ${GREY}: Resolved after 5m: boom: web`]);
  });

  it('is no problem any more once it is taken out of the configuration', async () => {
    await using server = await startSmtpServer();
    const { start } = scene(server, 60);
    server.fail({ at: 'recipient', how: 550, recipient: GREY });
    const before = start();
    await play(before, NOON - 1, NOON + 4 * MINUTE);
    expect(await healthProblems(before)).toEqual([`team/test/0 ${GREY}`]);
    const after = start([OK]);
    await play({ ...after, session: before.session }, NOON + 4 * MINUTE, NOON + 8 * MINUTE);
    expect(await healthProblems(after)).toEqual([]);
  });
});
