import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const MAPPING =
  '{ properties: { "@timestamp": { type: date }, user: { type: keyword }, roles: { type: keyword }, ports: { type: long } } }';

test.each<[string, string, string, string, string]>([
  [
    'a value is added before the greatest',
    'roles',
    '[viewer]',
    '[admin, viewer]',
    `{ previous: viewer, current: '["admin","viewer"]' }`,
  ],
  [
    'a value below the greatest is lost',
    'roles',
    '[audit, viewer]',
    '[viewer]',
    `{ previous: '["audit","viewer"]', current: viewer }`,
  ],
  ['a value is added behind', 'roles', '[viewer]', '[viewer, writer]', `{ previous: viewer, current: '["viewer","writer"]' }`],
  ['a number is added', 'ports', '[443]', '[80, 443]', `{ previous: "443", current: '["80","443"]' }`],
  ['one value becomes two of its parts', 'roles', '["a,b"]', '[a, b]', `{ previous: "a,b", current: '["a","b"]' }`],
  ['a text with a comma becomes a list', 'roles', '["a, b"]', '[a, b]', `{ previous: "a, b", current: '["a","b"]' }`],
  [
    'a list becomes the text of a list',
    'roles',
    '[a, b]',
    `['["a","b"]']`,
    `{ previous: '["a","b"]', current: '["[\\"a\\",\\"b\\"]"]' }`,
  ],
])('%s', async (_name, field, before, after, values) => {
  const check = `{ at: 3m, alerts: [{ values: ${values} }] }`;
  const document = (at: string, value: string) => `      - { at: ${at}, document: { user: eve, ${field}: ${value} } }\n`;
  const rule = `name: r\nindex: w\ndelay: 0s\nwindow: 1m\ntype: change\ngroup_by: [user]\nfield: ${field}\n`;
  const tests = `index: w\ntests:\n  - name: t\n    mapping: ${MAPPING}\n    documents:\n${document('0s', before)}${document('150s', after)}    checks:\n      - ${check}\n`;
  expect(await both.failures(rule, tests)).toEqual({ memory: [], cluster: [] });
});

test('another order, or a value twice, is no change', async () => {
  const rule = 'name: r\nindex: w\ndelay: 0s\nwindow: 1m\ntype: change\ngroup_by: [user]\nfield: roles\n';
  const documents = ['[b, a]', '[a, b]', '[a, b, a]']
    .map((roles, minute) => `      - { at: ${minute * 60 + 10}s, document: { user: eve, roles: ${roles} } }\n`)
    .join('');
  const tests = `index: w\ntests:\n  - name: t\n    mapping: ${MAPPING}\n    documents:\n${documents}    checks:\n      - { at: 4m, exactly: true, transitions: none }\n`;
  expect(await both.failures(rule, tests)).toEqual({ memory: [], cluster: [] });
});
