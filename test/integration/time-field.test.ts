import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const DOCUMENT = '      - { at: 0s, document: { ts: 1767261600, host: a, n: 1 } }\n';

describe('a time field that is no date is a problem of every rule type, in memory and on Elasticsearch', () => {
  test.each<[string, string]>([
    ['frequency', 'type: frequency\ncondition: count >= 1'],
    ['frequency, exact', 'type: frequency\nexact: true\ncondition: count >= 1'],
    ['flatline', 'type: flatline'],
    ['flatline of expected groups', 'type: flatline\ngroup_by: [host]\nexpect: [a]'],
    ['threshold', 'type: threshold\nmetrics: { n: { max: n } }\ncondition: n > 0'],
    ['spike', 'type: spike\ncondition: current > 2 * reference && current > 5'],
    ['match', 'type: match'],
    ['change', 'type: change\nfield: n\ngroup_by: [host]'],
    ['new_term', 'type: new_term\nfield: host\ngroup_by: [host]'],
  ])('%s', async (_name, keys) => {
    for (const type of ['long', 'keyword']) {
      const mapping = `{ properties: { ts: { type: ${type} }, host: { type: keyword }, n: { type: long } } }`;
      const test = `index: w\ntests:\n  - name: t\n    mapping: ${mapping}\n    documents:\n${DOCUMENT}    checks:\n      - { at: 5m, alerts: none }\n`;
      const { memory, cluster } = await both.failures(`name: r\nindex: w\ntime_field: ts\ndelay: 0s\n${keys}\n`, test);
      expect(memory.join('\n')).toMatch(new RegExp(`bad_mapping.*time field ts is ${type}`));
      expect(cluster.join('\n')).toMatch(new RegExp(`bad_mapping.*time field ts is ${type} in `));
    }
  });
});
