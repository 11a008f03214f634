import { describe, expect, it } from 'vitest';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { secret } from '../../../src/core/secret.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, turnAt, type World, world } from '../../support/engine/world.ts';
import { BOT_TOKEN, type SlackServer, startSlackServer } from '../../support/slack-server.ts';

const RULE = testRule({ name: 'boom', groupBy: ['service.name'], window: MINUTE });

/** A service fails at noon for three minutes, another one in the second of them. */
function scene(): World {
  const made = world();
  const at = (minute: number, name: string) => ({
    '@timestamp': new Date(NOON + minute * MINUTE - 1).toISOString(),
    ...{ 'service.name': name, message: 'boom' },
  });
  made.add('logs-app', at(1, 'web'), at(2, 'web'), at(3, 'web'), at(3, 'api'));
  return made;
}

/** A replica that notifies the channel; with `lose`, what it records of sent messages is lost, as where it ends before it could. */
function replica({ engine, backend }: World, slack: SlackServer, lose = false): TurnPorts {
  const options = slackChannel.read({ api_url: secret(slack.url), bot_token: secret(BOT_TOKEN), channel: '#alerts' });
  const alertGroups: typeof backend.alertGroups = {
    ...backend.alertGroups,
    save: async (writes) => {
      const records = writes.some(({ document }) => document.notified_at !== null);
      if (lose && records) return writes.map(() => ({ kind: 'unclear', message: 'the replica is gone' }) as const);
      return backend.alertGroups.save(writes);
    },
  };
  const ports = engine([RULE], {
    backend: { ...backend, alertGroups },
    routing: plainRouting({ groupInterval: MINUTE }),
    destination: () => ({ channel: slackChannel as never, options }),
    io: { fetch, print: () => undefined },
  });
  return ports;
}

async function turns(ports: TurnPorts, from: number, to: number): Promise<void> {
  for (let minute = from; minute <= to; minute++) await turnAt(ports, NOON + minute * MINUTE);
}

const roots = (slack: SlackServer) => slack.posts().filter(({ thread }) => thread === undefined);
const lineOf = (content: Readonly<Record<string, unknown>>) => String(content['text']).split(' – ')[0];

describe('an incident in Slack, by an app', () => {
  it('is one message to every replica, whichever of them goes on with it', async () => {
    await using slack = await startSlackServer();
    const stores = scene();
    await turns(replica(stores, slack), 1, 2);
    expect(roots(slack)).toHaveLength(1);
    // Another process, which knows nothing but what is stored.
    await turns(replica(stores, slack), 3, 10);
    expect(roots(slack)).toHaveLength(1);
    const [root] = roots(slack);
    expect([root && lineOf(root.content), (root?.edits ?? 0) > 0]).toEqual([expect.stringContaining('2 resolved: boom'), true]);
    expect(slack.posts().every(({ thread }) => thread === undefined || thread === root?.ts)).toBe(true);
  });

  it('that begins again is another message', async () => {
    await using slack = await startSlackServer();
    const stores = scene();
    const ports = replica(stores, slack);
    await turns(ports, 1, 10);
    stores.add('logs-app', {
      '@timestamp': new Date(NOON + 20 * MINUTE - 1).toISOString(),
      'service.name': 'web',
      message: 'boom',
    });
    await turns(ports, 11, 30);
    expect(roots(slack)).toHaveLength(2);
  });

  it('is posted twice at most where the replica ends before it records the first message, and goes on in the second', async () => {
    await using slack = await startSlackServer();
    const stores = scene();
    const lost = replica(stores, slack, true);
    await turnAt(lost, NOON + MINUTE).catch(() => undefined);
    expect(roots(slack)).toHaveLength(1);
    await turns(replica(stores, slack), 2, 12);
    expect(roots(slack)).toHaveLength(2);
    const [first, second] = roots(slack);
    expect([first?.edits, second && lineOf(second.content)]).toEqual([0, expect.stringContaining('2 resolved: boom')]);
    expect(
      slack
        .posts()
        .filter(({ thread }) => thread !== undefined && thread !== first?.ts)
        .every(({ thread }) => thread === second?.ts),
    ).toBe(true);
  });

  it('has a reply twice at most where the answer to it is lost, and its message is updated in place', async () => {
    await using slack = await startSlackServer();
    const stores = scene();
    const ports = replica(stores, slack);
    await turns(ports, 1, 2);
    slack.fail('chat.postMessage', 'after');
    await turns(ports, 3, 20);
    expect(roots(slack)).toHaveLength(1);
    const replies = slack.posts().flatMap(({ thread, content }) => (thread === undefined ? [] : [lineOf(content) ?? '']));
    const twice = replies.filter((line, index) => replies.indexOf(line) !== index);
    expect(twice).toHaveLength(1);
  });
});
