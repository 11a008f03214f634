import { expect, it } from 'vitest';
import type { StoreAnswer } from '../../../src/core/stored.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { conversationId } from '../../../src/notifications/conversation-id.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, turnAt, world } from '../../support/engine/world.ts';

const NAMES = ['ash', 'beech', 'cedar', 'elm', 'fir'];
const RULES = NAMES.map((name) => testRule({ name, window: MINUTE }));
const told = NAMES.map((name) => `12:01 team [FIRING] ${name}`);

function fired() {
  const scene = world();
  scene.add('logs-app', { '@timestamp': new Date(NOON + 30_000).toISOString(), message: 'boom' });
  return scene;
}

/** A load that fails whenever a document is asked for that nobody can read. */
function spoilt<D>(load: (ids: readonly string[]) => Promise<StoreAnswer<D>>, id: string): typeof load {
  return async (ids) => (ids.includes(id) ? { ok: false, message: `${id} cannot be read` } : load(ids));
}

it('a conversation that cannot be read keeps no other from hearing, and is no silence', async () => {
  const { engine, channel } = fired();
  const ports = engine(RULES);
  const target = { destination: 'team/test/0', route: '{}', group_labels: { alertname: 'cedar' } };
  const broken = conversationId('default', target);
  const spoiltPorts: TurnPorts = {
    ...ports,
    conversations: { ...ports.conversations, load: spoilt(ports.conversations.load, broken) },
  };
  await turnAt(spoiltPorts, NOON + MINUTE);
  expect([...heard(channel)].sort()).toEqual([
    `12:01 team [FIRING] Tocsin: the conversation ${broken} needs a look`,
    ...told.filter((line) => !line.includes('cedar')),
  ]);

  await turnAt(ports, NOON + MINUTE + 10_000);
  expect(heard(channel)).toContain('12:01 team [FIRING] cedar');
});

it('a conversation that the store names as unreadable is a trouble of its own until it can be read, and none of the store', async () => {
  const { engine, channel } = fired();
  const ports = engine(RULES, { meta: 'meta' });
  const broken = conversationId('default', { destination: 'team/test/0', route: '{}', group_labels: { alertname: 'cedar' } });
  const message = `${broken} was written by a newer Tocsin`;
  const { conversations } = ports;
  const load: TurnPorts['conversations']['load'] = async (ids) =>
    ids.includes(broken) ? { ok: false, message, unreadable: new Map([[broken, message]]) } : conversations.load(ids);
  const spoiltPorts: TurnPorts = { ...ports, conversations: { ...conversations, load } };

  const { storeProblems } = await turnAt(spoiltPorts, NOON + MINUTE);
  expect(storeProblems).toEqual([]);
  expect(heard(channel)).toEqual(expect.arrayContaining(told.filter((line) => !line.includes('cedar'))));
  const health = `[FIRING] Tocsin: the conversation ${broken} needs a look`;
  expect(heard(channel)).toContain(`12:01 meta ${health}`);

  await turnAt(spoiltPorts, NOON + MINUTE + 5_000);
  expect(heard(channel).filter((line) => line.includes(broken) && line.includes('meta'))).toHaveLength(1);

  await turnAt(ports, NOON + MINUTE + 10_000);
  expect(heard(channel)).toContain('12:01 team [FIRING] cedar');
  await turnAt(ports, NOON + 10 * MINUTE);
  expect(heard(channel)).toContain(`12:10 meta ${health.replace('FIRING', 'RESOLVED')}`);
});

it('a rule document that cannot be read keeps nothing of what others owe from being found', async () => {
  const { engine, channel } = fired();
  const dying = engine(RULES);
  const dead = { ...dying.conversations, load: async () => ({ ok: false as const, message: 'dead' }) };
  await turnAt({ ...dying, conversations: dead }, NOON + MINUTE);
  expect(heard(channel)).toEqual([]);

  const sweeper = engine([]);
  const { states } = sweeper;
  const load: typeof states.load = (ids, have) => spoilt((some) => states.load(some, have), 'cedar')(ids);
  await turnAt({ ...sweeper, states: { ...states, load } }, NOON + MINUTE + 10_000);
  expect(channel.got.map(({ message }) => message.title).sort()).toEqual(
    NAMES.filter((name) => name !== 'cedar').map((name) => `[FIRING] ${name}`),
  );
});
