import { describe, expect, test } from 'vitest';
import type { ReportedRoute, RoutesReport } from '../../../src/reports/routes-report.ts';
import { routesJson, routesText } from '../../../src/reports/routes-text.ts';

const LOOK = { color: false, columns: 120 };
const SETTINGS = { groupBy: ['alertname'], groupWait: 0, groupInterval: 300_000, repeatInterval: 14_400_000, when: [] };

const node = (key: string, matchers: readonly string[], receiver: string, more: Partial<ReportedRoute> = {}): ReportedRoute => ({
  key,
  matchers,
  receiver,
  channels: ['slack'],
  continue: false,
  ...SETTINGS,
  routes: [],
  ...more,
});

const tree = node('{}', [], 'everybody', {
  routes: [
    node('{}/a', ['severity="critical"'], 'pager', {
      continue: true,
      channels: ['webhook'],
      routes: [node('{}/a/b', ['team="shop"'], 'shop')],
    }),
    node('{}/c', ['team=~"shop|cart"'], 'nobody', { channels: [], groupWait: 30_000 }),
  ],
});

const asked: RoutesReport['asked'] = {
  labels: { severity: 'critical', team: 'shop' },
  paths: [
    ['{}', '{}/a', '{}/a/b'],
    ['{}', '{}/c'],
  ],
  targets: [
    {
      receiver: 'shop',
      destination: 'shop/slack/0',
      channel: 'slack',
      route: '{}/a/b',
      groupBy: ['alertname'],
      groupLabels: { alertname: 'x' },
    },
  ],
};

describe('the routing tree', () => {
  test('is a picture with what each node changes', () => {
    expect(routesText({ tree }, LOOK)).toBe(
      [
        'everything → everybody  (slack)  by alertname, every 5m, repeat 4h',
        '├─ severity="critical" → pager  (webhook)  continue  by alertname, every 5m, repeat 4h',
        '│  └─ team="shop" → shop  (slack)  by alertname, every 5m, repeat 4h',
        '└─ team=~"shop|cart" → nobody  (no destination)  by alertname, wait 30s, every 5m, repeat 4h',
        '',
      ].join('\n'),
    );
  });

  test.each([
    ['a label that was not given', ['alertname', 'team'], { team: 'shop' }, /shop\/slack\/0 +team=shop alertname$/],
    ['nothing', [], {}, /shop\/slack\/0 +nothing \(one group\)$/],
  ])('GROUPED BY is never empty: %s', (_name, groupBy, groupLabels, line) => {
    const targets = [{ receiver: 'shop', destination: 'shop/slack/0', channel: 'slack', route: '{}', groupBy, groupLabels }];
    const text = routesText({ tree, asked: { labels: {}, paths: [['{}']], targets } }, LOOK);
    expect(text.trimEnd()).toMatch(line);
  });

  test('with labels it marks the way they take and lists who is notified', () => {
    const text = routesText({ tree, asked }, LOOK);
    expect(text.split('\n').slice(0, 7)).toEqual([
      'labels {severity="critical", team="shop"}',
      '',
      '○ everything → everybody  (slack)  by alertname, every 5m, repeat 4h',
      '├─ ○ severity="critical" → pager  (webhook)  continue  by alertname, every 5m, repeat 4h',
      '│  └─ ● team="shop" → shop  (slack)  by alertname, every 5m, repeat 4h',
      '└─ ● team=~"shop|cart" → nobody  (no destination)  by alertname, wait 30s, every 5m, repeat 4h',
      '',
    ]);
    expect(text).toContain('shop      slack    shop/slack/0  alertname=x');
  });

  test('nobody at all is said plainly', () => {
    expect(routesText({ tree, asked: { ...asked, targets: [] } }, LOOK)).toContain(
      'No notification: the receiver has no destination.',
    );
  });

  test('for scripts: receivers, targets, the paths and the tree', () => {
    const json = JSON.parse(routesJson({ tree, asked }));
    expect(json).toMatchObject({
      receivers: ['shop'],
      targets: [{ destination: 'shop/slack/0', group_labels: { alertname: 'x' } }],
      paths: asked?.paths,
    });
    expect(json.tree.routes[0]).toMatchObject({ matchers: ['severity="critical"'], continue: true, group_interval: '5m' });
  });
});
