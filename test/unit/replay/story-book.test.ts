import { describe, expect, test } from 'vitest';
import { parseCron } from '../../../src/core/schedule.ts';
import { knownDocument } from '../../../src/evaluation/session.ts';
import { storyBook, ticksIn } from '../../../src/replay/story-book.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { searchProblem } from '../../../src/search/search-problem.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, type World, world } from '../../support/engine/world.ts';

const boom = (minute: number, service = 'a') => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
const RANGE = { from: NOON, to: NOON + 20 * MINUTE };

/** Plays rules in a world and gives their stories. */
async function stories(rules: readonly Rule[], { engine }: Pick<World, 'engine'>, from = RANGE.from) {
  const ports = engine(rules);
  const book = storyBook(rules, RANGE);
  for (const report of await play(ports, from, RANGE.to)) book.take(report);
  return book.stories((rule) => knownDocument(ports.session, rule));
}

describe('the story of an alert that flaps', () => {
  test('has all its changes, which of them are not notified, and when it flapped', async () => {
    const flapping = { episodes: 2, within: 60 * MINUTE, steady: 5 * MINUTE };
    const rule = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, flapping });
    const place = world();
    place.add('logs-app', ...[0, 2, 4].map((minute) => boom(minute)));
    const [story] = await stories([rule], place);
    expect(story?.transitions.map(({ to, quiet }) => `${to}${quiet ? ' quiet' : ''}`)).toEqual([
      ...['firing', 'inactive', 'firing', 'inactive quiet', 'firing quiet', 'inactive quiet'],
    ]);
    const group = { service: 'a' };
    expect(story?.flapping).toEqual([{ group, from: NOON + 3 * MINUTE, to: NOON + 11 * MINUTE, firesOn: false, episodes: 3 }]);
    expect(story?.notifications.map(({ reason }) => reason)).toEqual(['first', 'flapping', 'resolved']);
  });
});

describe('the story of a rule', () => {
  test('changes of one tick stand in the order of their groups', async () => {
    const rule = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE });
    const place = world();
    place.add('logs-app', boom(0, 'c'), boom(0, 'a'), boom(0, 'b'));
    const [story] = await stories([rule], place);
    expect(story?.transitions.map(({ group, to }) => `${group['service']} ${to}`)).toEqual([
      'a firing',
      'b firing',
      'c firing',
      'a inactive',
      'b inactive',
      'c inactive',
    ]);
  });

  test('a message about its silent source stands with it, and its transitions are those of the groups', async () => {
    const rule = testRule({
      ...{ name: 'silent', type: 'flatline', options: readOptions('flatline', {}, ['service']), groupBy: ['service'] },
      ...{ window: 2 * MINUTE, condition: 'count < 1' },
    });
    const place = world();
    place.add(
      'logs-app',
      ...[0, 1, 2, 12, 13, 14, 15, 16, 17, 18, 19].flatMap((minute) => [boom(minute, 'a'), boom(minute, 'b')]),
    );
    const [story] = await stories([rule], place);
    expect(story?.notifications.map(({ title }) => title.slice(0, 45))).toEqual([
      '[FIRING] 2 services stopped reporting at once',
      '[RESOLVED] 2 services stopped reporting at on',
    ]);
    expect(story?.transitions.map(({ group, to }) => `${group['service']} ${to}`)).toEqual([
      ...['a firing', 'b firing', 'a inactive', 'b inactive'],
    ]);
  });

  test('a message about alerts of several rules stands with each of them', async () => {
    const rules = ['one', 'two'].map((name) => testRule({ name, window: MINUTE }));
    const place = world();
    place.add('logs-app', boom(0));
    const grouped = { engine: (all: readonly Rule[]) => place.engine(all, { routing: allTogether() }) };
    const notified = (await stories(rules, grouped)).map(({ notifications }) => notifications[0]);
    expect(notified).toMatchObject([
      { alerts: 2, reason: 'first' },
      { alerts: 2, reason: 'first' },
    ]);
  });

  test('a window that is evaluated at a later attempt has not failed, and its problem is notified', async () => {
    const rule = testRule({ name: 'boom', window: MINUTE });
    const place = world();
    place.add('logs-app', boom(0));
    let asked = 0;
    const search: World['backend']['search'] = {
      ask: async (queries, signal) => {
        asked++;
        if (asked > 3) return place.backend.search.ask(queries, signal);
        const cost = { took: 0, shards: 0, merged: 1 };
        return queries.map(() => ({ kind: 'failed', problem: searchProblem('overloaded', 'too busy'), cost }));
      },
    };
    const flaky = { engine: (rules: readonly Rule[]) => place.engine(rules, { backend: { ...place.backend, search } }) };
    const [story] = await stories([rule], flaky);
    expect(story).toMatchObject({ windows: 20, failed: 0, problems: [{ code: 'overloaded', times: 3, first: NOON + MINUTE }] });
    expect(story?.transitions[0]).toMatchObject({ at: NOON + MINUTE, to: 'firing' });
  });

  test('what nobody could evaluate for longer than catch_up is one gap', async () => {
    const rule = testRule({ name: 'boom', window: MINUTE, index: 'absent-*', catchUp: 5 * MINUTE });
    const place = world();
    place.add('logs-app', boom(0));
    const [story] = await stories([rule], place);
    expect(story).toMatchObject({ windows: 20, failed: 20, gaps: [{ from: NOON, to: NOON + 14 * MINUTE }] });
  });

  test('a paused rule has nothing to send', async () => {
    const rule = testRule({ name: 'paused', enabled: false });
    const [story] = await stories([rule], world());
    expect(story).toMatchObject({ paused: true, windows: 0, failed: 0, transitions: [] });
  });

  test('what fired before the beginning is standing, from when it fired', async () => {
    const rule = testRule({ name: 'boom', window: MINUTE });
    const place = world();
    place.add('logs-app', ...[-5, -4, -3, -2, -1, 0].map((minute) => boom(minute)));
    const [story] = await stories([rule], place, NOON - 10 * MINUTE);
    expect(story?.standing).toEqual([{ group: {}, status: 'firing', since: NOON - 4 * MINUTE }]);
    expect(story?.transitions).toMatchObject([{ from: 'firing', to: 'inactive' }]);
  });
});

describe('ticks in (from, to]', () => {
  const every = { kind: 'every', every: 5 * MINUTE } as const;
  test.each([
    ['the begin does not count', NOON, NOON + MINUTE, 0],
    ['the end does', NOON - MINUTE, NOON, 1],
    ['a whole hour', NOON, NOON + 60 * MINUTE, 12],
  ])('%s', (_name, from, to, count) => {
    expect(ticksIn(every, { from, to })).toBe(count);
  });

  test('a calendar has its own', () => {
    const cron = parseCron('30 3 * * *', 'Europe/Berlin');
    if (!cron.ok) throw new Error(cron.message);
    expect(ticksIn(cron.schedule, { from: NOON, to: NOON + 7 * 24 * 60 * MINUTE })).toBe(7);
  });
});

function allTogether() {
  const destination = { id: 'team/test/0', receiver: 'team', channel: 'test' };
  return {
    root: {
      key: '{}',
      receiver: 'team',
      matchers: [],
      continue: false,
      groupBy: [],
      groupWait: MINUTE / 2,
      groupInterval: 5 * MINUTE,
      repeatInterval: 240 * MINUTE,
      routes: [],
    },
    destinations: { team: [destination] },
  };
}
