import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BothBackends, bothBackends } from '../support/rule-tests-on-both.ts';

let both: BothBackends;
beforeAll(() => {
  both = bothBackends();
});
afterAll(() => both.close());

const MAPPING = `
      dynamic: false
      properties:
        "@timestamp": { type: date }
        host: { type: keyword }
        address: { type: ip }
        day: { type: date, format: yyyy-MM-dd }
        moment: { type: date }
        fine: { type: date_nanos }
        port: { type: long }
        load: { type: double }
        small: { type: float }
        up: { type: boolean }
        user: { type: keyword, normalizer: lowercase, fields: { raw: { type: keyword } } }
        person: { type: alias, path: user }
        cased: { properties: { name: { type: text, fields: { low: { type: keyword, normalizer: lowercase } } } } }
`;
const VALUES =
  'host: a, address: "2001:DB8:0:0:0:0:0:1", day: "2026-01-01", moment: "2026-01-01T10:00:00Z", ' +
  'fine: "2026-01-01T00:00:00.123456789Z", port: 80, load: 1, small: 0.1, up: true, user: "Ann Lee: İ", cased: { name: ÉVE }';
const test_ = (check: string, more = '') =>
  `index: w\ntests:\n  - name: t\n    mapping:${MAPPING}    documents:\n      - { at: 0s, repeat: 30, every: 10s, document: { ${VALUES} } }\n${more}    checks:\n      - ${check}\n`;
const rule = (keys: string) => `name: r\nindex: w\ndelay: 0s\nwindow: 1m\n${keys}\n`;

describe('`expect` is compared as its field compares', () => {
  test.each<[string, string, string]>([
    ['an address in another spelling', '[address]', '["2001:DB8:0:0:0:0:0:1"]'],
    ['an address mapped into IPv6', '[host, address]', '[{ host: a, address: "2001:db8:0::1" }]'],
    ['a date in the format of its field', '[day]', '["2026-01-01"]'],
    ['a date in the format of its field, beside another', '[host, day]', '[{ host: a, day: "2026-01-01" }]'],
    ['a date without milliseconds', '[moment]', '["2026-01-01T10:00:00Z"]'],
    ['a date in another zone', '[host, moment]', '[{ host: a, moment: "2026-01-01T12:00:00+02:00" }]'],
    ['a date with nanoseconds', '[fine]', '["2026-01-01T00:00:00.123456789Z"]'],
    ['an integer as decimal', '[port]', '["80.0"]'],
    ['a decimal as integer', '[host, load]', '[{ host: a, load: 1.0 }]'],
    ['a truth', '[up]', '[true]'],
    ['a keyword that is kept in lower case', '[user]', '["ANN lee: İ"]'],
    ['a keyword that is kept in lower case, by its other name', '[person]', '["ANN lee: İ"]'],
    ['a keyword that is kept in lower case beneath a text', '[host, cased.name.low]', '[{ host: a, cased.name.low: Éve }]'],
  ])('%s', async (_name, groupBy, expected) => {
    const failures = await both.failures(
      rule(`type: flatline\ngroup_by: ${groupBy}\nexpect: ${expected}`),
      test_('{ at: 3m, alerts: none, exactly: true }'),
    );
    expect(failures).toEqual({ memory: [], cluster: [] });
  });

  test('a value of a keyword is another in another spelling', async () => {
    const check = '{ at: 3m, exactly: true, alerts: [{ group: { host: A } }] }';
    expect(await both.failures(rule('type: flatline\ngroup_by: [host]\nexpect: [A, a]'), test_(check))).toEqual({
      memory: [],
      cluster: [],
    });
  });
});

describe('dates as values of groups are the same, whatever way they are asked', () => {
  const DAY = '"2026-01-01T00:00:00.000Z"';
  test.each<[string, string, string]>([
    ['one field', 'type: frequency\ngroup_by: [day]\ncondition: count >= 1', `{ day: ${DAY} }`],
    ['two fields', 'type: frequency\ngroup_by: [host, day]\ncondition: count >= 1', `{ host: a, day: ${DAY} }`],
    ['documents', 'type: match\ngroup_by: [day]', `{ day: ${DAY} }`],
    ['ranges within the window', 'type: frequency\nexact: true\ngroup_by: [day]\ncondition: count >= 1', `{ day: ${DAY} }`],
    ['nanoseconds', 'type: frequency\ngroup_by: [fine]\ncondition: count >= 1', '{ fine: "2026-01-01T00:00:00.123Z" }'],
    ['documents with nanoseconds', 'type: match\ngroup_by: [fine]', '{ fine: "2026-01-01T00:00:00.123Z" }'],
  ])('of %s', async (_name, keys, group) => {
    const seen = keys.startsWith('type: match') ? 'transitions: [{ group: G }]' : 'alerts: [{ group: G }]';
    const check = `{ at: 2m, ${seen.replace('G', group)} }`;
    expect(await both.failures(rule(keys), test_(check))).toEqual({ memory: [], cluster: [] });
  });

  test.each(['day', 'moment', 'fine'])('second questions find them: %s', async (field) => {
    const busier = Array.from(
      { length: 7 },
      (_, day) =>
        `      - { at: 2m, repeat: 20, every: 5s, document: { day: "2026-02-0${day + 1}", moment: "2026-02-0${day + 1}T10:00:00Z", fine: "2026-02-0${day + 1}T10:00:00.123456789Z" } }\n`,
    ).join('');
    const keys = `type: flatline\ngroup_by: [${field}]\nmax_groups: 5\nexpect: ["${field === 'moment' ? '2026-01-01T10:00:00Z' : field === 'day' ? '2026-01-01' : '2026-01-01T00:00:00.123Z'}"]`;
    const failures = await both.failures(
      rule(keys),
      test_('{ at: 3m, alerts: none, health: [{ group: { subject: r } }] }', busier),
    );
    expect(failures).toEqual({ memory: [], cluster: [] });
  });
});
