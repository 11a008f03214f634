import { describe, expect, test } from 'vitest';
import { parseMatchers } from '../../../src/routing/parse-matcher.ts';
import type { Routing } from '../../../src/routing/route.ts';
import { explainRoute, findRoute, groupLabels, route } from '../../../src/routing/routing.ts';
import { type RouteSpec, routeTree } from '../../../src/routing/tree.ts';

const on = (text: string, rest: Omit<RouteSpec, 'matchers'> = {}): RouteSpec => {
  const parsed = parseMatchers(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return { ...rest, matchers: parsed.matchers };
};

const destinations = (...receivers: string[]) =>
  Object.fromEntries(receivers.map((receiver) => [receiver, [{ id: `${receiver}/slack/0`, receiver, channel: 'slack' }]]));

const routing: Routing = {
  root: routeTree({
    receiver: 'ops',
    routes: [
      on('team="todo"', {
        receiver: 'todo',
        groupBy: ['alertname', 'service.name'],
        routes: [
          on('severity="critical"', { receiver: 'todo-pager', continue: true }),
          on('severity=~"critical|warning"', { groupWait: 30_000 }),
        ],
      }),
      on('severity="critical"', { receiver: 'pager', continue: true }),
      on('service.name=~"stub.*"', { receiver: 'stub' }),
    ],
  }),
  destinations: {
    ...destinations('ops', 'todo', 'todo-pager', 'pager'),
    stub: [
      { id: 'stub/email/0', receiver: 'stub', channel: 'email' },
      { id: 'stub/slack/0', receiver: 'stub', channel: 'slack' },
    ],
    nobody: [],
  },
};

describe('an alert goes depth first to the first child that fits', () => {
  test.each([
    ['what nobody takes goes to the root', { alertname: 'a' }, ['ops/slack/0']],
    ['a child without fitting children is meant itself', { team: 'todo', severity: 'info' }, ['todo/slack/0']],
    ['continue goes on to the next sibling', { team: 'todo', severity: 'critical' }, ['todo-pager/slack/0', 'todo/slack/0']],
    ['without continue it ends', { team: 'todo', severity: 'warning', 'service.name': 'stub' }, ['todo/slack/0']],
    ['continue leaves the root out', { severity: 'critical' }, ['pager/slack/0']],
    ['all destinations of a receiver are notified', { 'service.name': 'stub-1' }, ['stub/email/0', 'stub/slack/0']],
    ['several ways add up', { severity: 'critical', 'service.name': 'stub' }, ['pager/slack/0', 'stub/email/0', 'stub/slack/0']],
  ])('%s', (_name, labels, expected) => {
    expect(route(labels, routing).map((target) => target.destination)).toEqual(expected);
  });
});

describe("a rule's own receivers", () => {
  test('replace the tree, with the key and the grouping of the root', () => {
    expect(route({ alertname: 'a', team: 'todo' }, routing, ['pager', 'stub'])).toEqual([
      { receiver: 'pager', destination: 'pager/slack/0', route: '{}', group_labels: { alertname: 'a' } },
      { receiver: 'stub', destination: 'stub/email/0', route: '{}', group_labels: { alertname: 'a' } },
      { receiver: 'stub', destination: 'stub/slack/0', route: '{}', group_labels: { alertname: 'a' } },
    ]);
  });

  test('named twice are notified once; one without destinations, or unknown, notifies nobody', () => {
    expect(route({}, routing, ['pager', 'pager'])).toHaveLength(1);
    expect(route({}, routing, ['nobody', 'undeliverable', 'constructor'])).toEqual([]);
  });
});

describe('group labels', () => {
  test.each([
    ['those named and present', ['alertname', 'absent'], { alertname: 'a' }],
    ['in order of their names', ['team', 'alertname'], { alertname: 'a', team: 't' }],
    ['all of them but the severity', ['...'], { alertname: 'a', team: 't' }],
    ['all of them, the severity by name', ['...', 'severity'], { alertname: 'a', severity: 's', team: 't' }],
    ['none', [], {}],
  ])('%s', (_name, groupBy, expected) => {
    const labels = groupLabels({ team: 't', severity: 's', alertname: 'a' }, groupBy);
    expect(JSON.stringify(labels)).toBe(JSON.stringify(expected));
  });
});

describe('the tree', () => {
  test('children inherit what they do not say', () => {
    const todo = routing.root.routes[0];
    expect(routing.root).toMatchObject({
      groupBy: ['alertname'],
      groupWait: 0,
      groupInterval: 300_000,
      repeatInterval: 14_400_000,
    });
    expect(todo?.routes[1]).toMatchObject({
      receiver: 'todo',
      groupBy: ['alertname', 'service.name'],
      groupWait: 30_000,
      continue: false,
    });
  });

  test('keys are paths of matchers, unique, and do not depend on the order in which matchers are written', () => {
    const keys = (...children: RouteSpec[]) => routeTree({ receiver: 'r', routes: children }).routes.map((child) => child.key);
    expect(routing.root.routes[0]?.routes[0]?.key).toBe('{}/{team="todo"}/{severity="critical"}');
    expect(keys(on('b="2",a="1"'))).toEqual(keys(on('a="1",b="2",b="2"')));
    expect(keys(on('a="1"', { continue: true }), on('a="1"'))).toEqual(['{}/{a="1"}', '{}/{a="1"}#2']);
  });

  test('a node is found by its key, and not when a reload took it away', () => {
    expect(findRoute(routing, '{}/{team="todo"}/{severity="critical"}')?.receiver).toBe('todo-pager');
    expect(findRoute(routing, '{}')?.receiver).toBe('ops');
    expect(findRoute(routing, '{}/{team="gone"}')).toBeUndefined();
  });
});

test('a way is explained from the root to the node that tells', () => {
  const ways = explainRoute({ team: 'todo', severity: 'warning', alertname: 'a' }, routing);
  expect(ways.map((way) => way.path.map((node) => node.key))).toEqual([
    ['{}', '{}/{team="todo"}', '{}/{team="todo"}/{severity=~"critical|warning"}'],
  ]);
  expect(ways[0]?.targets.map((target) => target.group_labels)).toEqual([{ alertname: 'a' }]);
});
