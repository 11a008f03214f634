import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const MAPPING =
  '{ properties: { "@timestamp": { type: date }, address: { type: ip }, day: { type: date, format: yyyy-MM-dd }, ' +
  'user: { type: keyword, normalizer: lowercase } } }';

/** Two groups report for two minutes, and then the whole source is silent; groups that are expected are reported at once, each by itself. */
test.each<[string, string, readonly [written: string, stored: string][]]>([
  [
    'addresses',
    'address',
    [
      ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['2001:DB8:0:0:0:0:0:2', '2001:db8::2'],
    ],
  ],
  [
    'dates',
    'day',
    [
      ['2026-01-01', '2026-01-01T00:00:00.000Z'],
      ['2026-01-02', '2026-01-02T00:00:00.000Z'],
    ],
  ],
  [
    'keywords in lower case',
    'user',
    [
      ['Ann', 'ann'],
      ['Bob', 'bob'],
    ],
  ],
])('%s that are expected are no part of a silent source, however they are written', async (_name, field, groups) => {
  const expected = groups.map(([written]) => `"${written}"`).join(', ');
  const documents = groups.map(
    ([written]) => `      - { at: 0s, repeat: 12, every: 10s, document: { ${field}: "${written}" } }\n`,
  );
  const alerts = groups.map(([, stored]) => `{ group: { ${field}: "${stored}" } }`).join(', ');
  const rule = `name: r\nindex: w\ndelay: 0s\nwindow: 1m\ntype: flatline\ngroup_by: [${field}]\nexpect: [${expected}]\n`;
  const tests =
    `index: w\ntests:\n  - name: t\n    mapping: ${MAPPING}\n    documents:\n${documents.join('')}    checks:\n` +
    `      - { at: 2m, exactly: true, alerts: none }\n      - { at: 5m, exactly: true, alerts: [${alerts}], notifications: [{ reason: first, title: "[FIRING:2] r" }] }\n`;
  expect(await both.failures(rule, tests)).toEqual({ memory: [], cluster: [] });
});
