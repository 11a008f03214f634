import { describe, expect, it, test } from 'vitest';
import { clockFindings } from '../../../../src/cli/doctor/clocks.ts';
import { encryptionFindings, loginFinding, nodeFindings } from '../../../../src/cli/doctor/nodes.ts';
import { privilegeFindings, wantedPrivileges } from '../../../../src/cli/doctor/privileges.ts';
import { isStateThere, type StateFound, stateFindings } from '../../../../src/cli/doctor/state.ts';
import { secret } from '../../../../src/core/secret.ts';
import type { NodeFound, StateIndexFound } from '../../../../src/engine/inspection.ts';
import type { CheckResult } from '../../../../src/reports/doctor/doctor-report.ts';
import { searchProblem } from '../../../../src/search/search-problem.ts';
import { TRACE_LOGS } from '../../../../src/search/trace-logs.ts';
import { testConfig } from '../../../support/elasticsearch-backend/config.ts';
import { testRule } from '../../../support/engine/test-rule.ts';

const failed = (code: Parameters<typeof searchProblem>[0], message: string) =>
  ({ ok: false, problem: searchProblem(code, message) }) as const;
/** One line a finding: severity, subject, what was found. */
const lines = (results: readonly CheckResult[]) =>
  results.map(({ severity, subject, found }) => `${severity} ${subject}: ${found}`);
const fixOf = (results: readonly CheckResult[]) => results.map(({ fix }) => fix ?? '').join('\n');
const AUTH = { kind: 'apiKey', apiKey: secret('the-api-key') } as const;
const CONFIG = testConfig('https://es.example.com:9200', { auth: AUTH });

const node = (given: Partial<NodeFound> = {}) => ({
  address: 'https://es.example.com:9200',
  answer: {
    ok: true,
    value: { version: '8.19.3', cluster: 'shop', clusterId: 'c1', flavor: 'default', took: 7, ...given },
  } as const,
});
const away = (code: Parameters<typeof searchProblem>[0], message: string) => ({
  address: 'https://es-2.example.com:9200',
  answer: failed(code, message),
});

describe('addresses of the cluster', () => {
  test.each<[string, Parameters<typeof nodeFindings>[0], string]>([
    ['8.19 is good', [node()], 'good'],
    ['8.9 is good', [node({ version: '8.9.0' })], 'good'],
    ['9.5 is good', [node({ version: '9.5.1' })], 'good'],
    ['serverless is good, whatever its number', [node({ version: '8.11.0', flavor: 'serverless' })], 'good'],
    ['8.8 was never tried', [node({ version: '8.8.2' })], 'warning'],
    ['7.17 is too old', [node({ version: '7.17.29' })], 'error'],
    ['10.0 is too new', [node({ version: '10.0.0' })], 'error'],
    ['one of two away is a warning', [node(), away('unreachable', 'connect ECONNREFUSED')], 'good,warning'],
    ['all of them away is an error', [away('unreachable', 'connect ECONNREFUSED')], 'error'],
    ['another cluster including is an error', [node(), node({ clusterId: 'c2', cluster: 'other' })], 'good,error'],
  ])('%s', (_name, nodes, severities) => {
    expect(
      nodeFindings(nodes, CONFIG)
        .map(({ severity }) => severity)
        .join(),
    ).toBe(severities);
  });

  test.each<[string, Parameters<typeof away>, string]>([
    ['a certificate that nobody knows', ['unreachable', 'self-signed certificate in certificate chain'], 'ca_file:'],
    ['http where TLS is spoken', ['unreachable', 'socket hang up'], 'url: https://es-2'],
    ['TLS where http is spoken', ['unreachable', 'write EPROTO: wrong version number'], 'url: http://es-2'],
    ['a login that is not known', ['unauthorized', 'unable to authenticate'], 'renew the api_key'],
    ['a port that is closed', ['unreachable', 'connect ECONNREFUSED'], 'curl -sv https://es-2.example.com:9200'],
  ])('%s is fixed by its own way', (_name, [code, message], fix) => {
    expect(fixOf(nodeFindings([away(code, message)], CONFIG))).toContain(fix);
  });

  it('are not to be notified a login over plain http, except on this machine', () => {
    const plain = testConfig('http://es.example.com:9200', { auth: AUTH });
    expect(lines(encryptionFindings(plain))).toEqual(['warning login: travels unencrypted to es.example.com:9200']);
    expect(encryptionFindings(testConfig('http://127.0.0.1:9200', { auth: AUTH }))).toEqual([]);
    expect(encryptionFindings(testConfig('http://es.example.com:9200'))).toEqual([]);
    expect(encryptionFindings(CONFIG)).toEqual([]);
    expect(lines(encryptionFindings({ ...CONFIG, verifyCertificate: false }))).toEqual([
      'warning certificate: is not verified: anyone on the network path can impersonate the cluster',
    ]);
  });

  test.each<[string, Parameters<typeof loginFinding>[0], string]>([
    [
      'a user',
      { ok: true, value: { username: 'tocsin', apiKey: undefined, roles: ['tocsin'] } },
      'good login: user tocsin is accepted',
    ],
    [
      'an API key of a superuser, whose own rights count',
      { ok: true, value: { username: 'elastic', apiKey: { id: '1', name: 'tocsin' }, roles: ['superuser'] } },
      'good login: API key tocsin of elastic is accepted',
    ],
    [
      'a superuser',
      { ok: true, value: { username: 'elastic', apiKey: undefined, roles: ['superuser'] } },
      'warning login: user elastic has all privileges',
    ],
    ['nobody, as security is off', { ok: true, value: 'off' }, 'note login: security is off: the configured login is ignored'],
    ['unknown', failed('server', 'broken'), 'note login: the cluster does not report the authenticated user: broken'],
  ])('takes Tocsin for %s', (_name, login, expected) => {
    expect(lines([loginFinding(login, CONFIG)])).toEqual([expected]);
  });
});

describe('clocks', () => {
  const clocks = (...ahead: number[]) => ({ ok: true, value: new Map(ahead.map((ms, index) => [`n${index}`, ms])) }) as const;

  test.each([
    ['agree', clocks(120, -300), ['good Elasticsearch: agrees with this machine within 300ms']],
    ['of one node is ahead', clocks(0, 4_500), ['warning node n1: 4.5s ahead of this machine']],
    ['is far behind', clocks(-95_000), ['error node n0: 1m 35s behind this machine']],
    ['say nothing', clocks(), ['note Elasticsearch: no node reports its time']],
    [
      'may not be asked',
      failed('unauthorized', 'no'),
      ['note Elasticsearch: its clock cannot be read without the cluster privilege monitor'],
    ],
    ['cannot be asked', failed('server', 'broken'), ['note Elasticsearch: its clock cannot be read: broken']],
  ])('%s', (_name, given, expected) => {
    expect(lines(clockFindings(given))).toEqual(expected);
  });
});

describe('privileges', () => {
  const rules = [
    testRule({ name: 'a', index: 'traces-apm*' }),
    testRule({
      name: 'b',
      source: { ...testRule({ name: 'b' }).source, indices: ['eu:logs-*', '<logs-{now/d}>', 'metrics-*', '-metrics-x'] },
    }),
  ];
  const wanted = wantedPrivileges(rules, TRACE_LOGS);

  it('are wanted on the state, on what rules look at, and on the logs of traces; of this cluster alone', () => {
    expect(wanted).toEqual({
      cluster: ['monitor'],
      indices: [
        { names: ['tocsin-*'], privileges: ['read', 'write', 'manage'] },
        { names: ['logs-*', 'metrics-*', 'traces-apm*'], privileges: ['read', 'view_index_metadata'] },
      ],
    });
    expect(wantedPrivileges([], { ...TRACE_LOGS, enabled: false }).indices).toHaveLength(1);
  });

  const said = (lacking: Parameters<typeof privilegeFindings>[0], auth: (typeof CONFIG)['auth'] = AUTH) =>
    privilegeFindings(lacking, wanted, { auth }, new Set(['logs-*']));

  test('that are all there are one line', () => {
    expect(lines(said({ ok: true, value: { cluster: [], indices: [] } }))).toEqual([
      'good privileges: complete, on 4 patterns and the cluster',
    ]);
  });

  test('that are missing are named exactly; what only makes messages richer is a warning', () => {
    const results = said({
      ok: true,
      value: {
        cluster: ['monitor'],
        indices: [
          { names: ['tocsin-*'], privileges: ['manage'] },
          { names: ['traces-apm*'], privileges: ['read', 'view_index_metadata'] },
          { names: ['logs-*'], privileges: ['read'] },
        ],
      },
    });
    expect(lines(results)).toEqual([
      'warning cluster: the privilege monitor is missing',
      'error tocsin-*: missing: manage',
      'error traces-apm*: missing: read, view_index_metadata',
      'warning logs-*: missing: read',
    ]);
    const [command, body] = fixOf(results).trim().split('\n');
    expect(command).toBe('POST /_security/api_key');
    expect(JSON.parse(body ?? '')).toEqual({ name: 'tocsin', role_descriptors: { tocsin: wanted } });
    expect(results.filter(({ fix }) => fix !== undefined)).toHaveLength(1);
  });

  test('of a user are fixed by a role', () => {
    const basic = { kind: 'basic', username: 'tocsin', password: secret('pass-word') } as const;
    const fix = fixOf(said({ ok: true, value: { cluster: ['monitor'], indices: [] } }, basic));
    expect(fix).toContain('PUT /_security/role/tocsin\n{"cluster":["monitor"]');
    expect(fix).not.toContain('pass-word');
  });

  test('that cannot be asked for are no finding', () => {
    expect(lines(said(failed('server', 'broken')))).toEqual(['note privileges: cannot be checked: broken']);
  });
});

describe('the indices of state', () => {
  const kinds = ['rules', 'alert-groups'];
  const state = (change: Partial<StateIndexFound> | undefined, first: Partial<StateIndexFound> = {}): StateFound => ({
    ok: true,
    value: {
      mappingVersion: 2,
      indices: kinds.map((kind, index) => ({
        name: `tocsin-${kind}`,
        mapping: 2,
        health: 'green',
        ...first,
        ...(index === 1 && change),
      })),
    },
  });

  test.each<[string, StateFound, readonly string[], boolean]>([
    ['are in order', state({}), ['good tocsin-*: 2 indices, mapping version 2'], true],
    [
      'are not made yet',
      state({}, { mapping: 'missing' }),
      ['note tocsin-*: do not exist yet: `tocsin run` creates them when it first starts'],
      false,
    ],
    [
      'are not all there',
      state({ mapping: 'missing' }),
      ['good tocsin-*: 1 index, mapping version 2', 'warning tocsin-alert-groups: is missing, but others exist: it was deleted'],
      false,
    ],
    [
      'are of an older Tocsin',
      state({ mapping: 1 }),
      ['good tocsin-*: 1 index, mapping version 2', 'note tocsin-alert-groups: mapping version 1: `tocsin run` upgrades it to 2'],
      true,
    ],
    [
      'are of a newer Tocsin',
      state({ mapping: 3 }),
      [
        'good tocsin-*: 1 index, mapping version 2',
        'error tocsin-alert-groups: mapping version 3, this Tocsin supports 2: a newer one runs on this cluster',
      ],
      true,
    ],
    [
      'are someone else’s',
      state({ mapping: 'foreign' }),
      ['good tocsin-*: 1 index, mapping version 2', 'error tocsin-alert-groups: was not created by Tocsin'],
      false,
    ],
    [
      'cannot be read, or have no copy',
      state({ health: 'red' }, { health: 'yellow' }),
      [
        'warning tocsin-rules: is yellow: it has no replica shard',
        'error tocsin-alert-groups: is red: its documents cannot be read',
      ],
      true,
    ],
    [
      'refuse writes',
      state({ blocks: ['write'] }, { blocks: ['read_only_allow_delete'] }),
      [
        'error tocsin-rules: cannot be written: index.blocks.read_only_allow_delete',
        'error tocsin-alert-groups: cannot be written: index.blocks.write',
      ],
      true,
    ],
    ['cannot be asked for', failed('timeout', 'too slow'), ['error tocsin-*: too slow'], false],
  ])('%s', (_name, given, expected, there) => {
    expect(lines(stateFindings(given))).toEqual(expected);
    expect(isStateThere(given)).toBe(there);
  });
});
