import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const MAPPING =
  '{ properties: { "@timestamp": { type: date }, pod: { type: keyword }, host: { properties: { name: { type: keyword }, os: { properties: { kernel: { type: keyword } } } } }, odd: { properties: { b: { type: keyword }, a: { type: long } } } } }';
const TESTS = `index: w
tests:
  - name: t
    mapping: ${MAPPING}
    documents:
      - { at: 0s, repeat: 9, every: 30s, document: { pod: a, host: { name: n, os: { kernel: k } }, odd: { a: 1, b: x } } }
    checks:
      - { at: 2m, alerts: none }
`;

test.each<[string, string, string]>([
  ['one field', 'type: frequency\ngroup_by: [host]\ncondition: count >= 1', 'host is an object: group by host.name'],
  ['several fields', 'type: frequency\ngroup_by: [pod, host]\ncondition: count >= 1', 'host is an object: group by host.name'],
  ['an object without a name', 'type: flatline\ngroup_by: [odd]', 'odd is an object: group by odd.a or odd.b'],
  [
    'an object in an object',
    'type: new_term\nfield: host.os\ngroup_by: [host.os]',
    'host.os is an object: group by host.os.kernel',
  ],
  ['a field that is watched', 'type: change\nfield: host\ngroup_by: [pod]', 'host is an object: measure host.name'],
  ['a metric', 'type: threshold\nmetrics: { m: { max: odd } }\ncondition: m > 0', 'odd is an object: measure odd.a or odd.b'],
])('%s says that it is an object, and what could be meant', async (_name, keys, message) => {
  const { memory, cluster } = await both.failures(`name: r\nindex: w\ndelay: 0s\nwindow: 1m\n${keys}\n`, TESTS);
  expect(memory.join('\n')).toContain(message);
  expect(cluster.join('\n')).toContain(message);
});

test.each<[string, string]>([
  ['groups', 'type: frequency\ngroup_by: [words]\ncondition: count >= 1'],
  ['several groups', 'type: frequency\ngroup_by: [pod, words]\ncondition: count >= 1'],
  ['a metric', 'type: threshold\nmetrics: { m: { cardinality: words } }\ncondition: m > 0'],
])('%s of a text name the keyword beneath it', async (_name, keys) => {
  const mapping =
    '{ properties: { "@timestamp": { type: date }, pod: { type: keyword }, words: { type: text, fields: { keyword: { type: keyword } } } } }';
  const tests = TESTS.replace(MAPPING, mapping).replace(
    'host: { name: n, os: { kernel: k } }, odd: { a: 1, b: x }',
    'words: one',
  );
  const { memory, cluster } = await both.failures(`name: r\nindex: w\ndelay: 0s\nwindow: 1m\n${keys}\n`, tests);
  expect(memory.join('\n')).toContain('name words.keyword instead');
  expect(cluster.join('\n')).toContain('name words.keyword instead');
});
