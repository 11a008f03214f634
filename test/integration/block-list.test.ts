import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

test('a block list of a thousand addresses is a query of KQL', async () => {
  const addresses = Array.from({ length: 1_000 }, (_, at) => `10.20.${Math.floor(at / 250)}.${at % 250}`);
  const query = `source.ip: (${addresses.join(' or ')})`;
  expect(query.length).toBeGreaterThan(10_000);
  const rule = `name: r\nindex: w\ndelay: 0s\nwindow: 1m\ntype: frequency\nquery: "${query}"\ncondition: count >= 1\n`;
  const tests =
    'index: w\ntests:\n  - name: t\n    mapping: { properties: { "@timestamp": { type: date }, source.ip: { type: ip } } }\n    documents:\n' +
    '      - { at: 0s, repeat: 3, every: 5s, document: { source.ip: 10.20.3.249 } }\n      - { at: 1s, document: { source.ip: 10.20.9.1 } }\n' +
    '    checks:\n      - { at: 1m, exactly: true, alerts: [{ values: { count: 3 } }] }\n';
  expect(await both.failures(rule, tests)).toEqual({ memory: [], cluster: [] });
});
