import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { embeddedBackend } from '../../../../src/backends/embedded/backend.ts';
import { type DoctorCheck, type DoctorContext, SHORT } from '../../../../src/cli/doctor/check.ts';
import { error, good, warning } from '../../../../src/cli/doctor/check-result.ts';
import { examine } from '../../../../src/cli/doctor/examine.ts';
import { DOCTOR_CHECKS } from '../../../../src/cli/doctor/registry.ts';
import { defaultConfig } from '../../../../src/config/load.ts';
import { secret } from '../../../../src/core/secret.ts';
import { systemClock } from '../../../../src/core/time.ts';
import type { Inspection } from '../../../../src/engine/inspection.ts';
import { doctorJson } from '../../../../src/reports/doctor/doctor-json.ts';
import { type CheckedPart, countResults, type DoctorReport } from '../../../../src/reports/doctor/doctor-report.ts';
import { doctorText } from '../../../../src/reports/doctor/doctor-text.ts';
import { textWidth } from '../../../../src/reports/text-width.ts';
import { searchProblem } from '../../../../src/search/search-problem.ts';

const AWAY = { ok: false, problem: searchProblem('unreachable', 'connect ECONNREFUSED') } as const;
const NODE = { ok: true, value: { version: '8.19.3', cluster: 'c', clusterId: '1', flavor: 'default', took: 1 } } as const;

function inspection(node: typeof AWAY | typeof NODE): Inspection {
  const away = async () => AWAY;
  return {
    addresses: ['http://es:9200'],
    node: async () => node,
    login: away,
    lacking: away,
    clocks: away,
    stateIndices: async () => ({
      ok: true,
      value: { mappingVersion: 2, indices: [{ name: 'tocsin-rules', mapping: 'missing', health: undefined }] },
    }),
    source: away,
    fields: away,
    fieldNames: away,
    alertGroups: async () => ({ ok: false, message: 'away' }),
  };
}

async function context(node: typeof AWAY | typeof NODE): Promise<DoctorContext> {
  const config = await defaultConfig({});
  if (!config.ok) throw new Error('the default configuration is good');
  return {
    config: { ...config.value, secrets: [secret('very-secret-token')] },
    configFile: undefined,
    configProblems: [],
    rules: { rules: [], files: [], problems: [], digest: '' } as unknown as DoctorContext['rules'],
    enabled: [],
    backend: { ...embeddedBackend(), inspection: inspection(node) },
    now: Date.UTC(2026, 0, 1, 12),
    clock: systemClock,
    fetch: () => Promise.reject(new Error('nothing is to be fetched')),
    sendTest: false,
  };
}

const check = (name: string, given: Partial<DoctorCheck>): DoctorCheck => ({
  name,
  title: `The ${name}`,
  needs: 'nothing',
  limit: SHORT,
  run: async () => [good(name, 'fine')],
  ...given,
});
const { signal } = new AbortController();

describe('an examination', () => {
  it('gives the parts in their order, and shows how far it is', async () => {
    const shown: number[] = [];
    const slow = check('slow', { run: () => new Promise((resolve) => setImmediate(() => resolve([good('slow', 'fine')]))) });
    const parts = await examine([slow, check('quick', {})], await context(NODE), signal, (done) => shown.push(done));
    expect(parts.map(({ name, results }) => [name, results.length])).toEqual([
      ['slow', 1],
      ['quick', 1],
    ]);
    expect(shown).toEqual([1, 2]);
  });

  it('leaves out what needs a cluster that is away, or state that is not there, and makes the rest', async () => {
    const checks = [check('a', {}), check('b', { needs: 'cluster' }), check('c', { needs: 'state' })];
    const skipped = async (node: typeof AWAY | typeof NODE) =>
      (await examine(checks, await context(node), signal)).map((part) => part.skipped);
    expect(await skipped(AWAY)).toEqual([undefined, 'Elasticsearch cannot be reached', 'Elasticsearch cannot be reached']);
    expect(await skipped(NODE)).toEqual([undefined, undefined, 'Tocsin’s indices are incomplete or cannot be read']);
  });

  it('makes a finding of a check that fails, and of one that takes too long', async () => {
    const broken = check('broken', { run: () => Promise.reject(new Error('boom')) });
    const endless = check('endless', { limit: 1, run: () => new Promise(() => undefined) });
    const parts = await examine([broken, endless], await context(NODE), signal);
    expect(parts.flatMap(({ results }) => results.map(({ severity, found }) => [severity, found]))).toEqual([
      ['error', 'the check failed: boom'],
      ['warning', 'timed out after 0.001s'],
    ]);
  });

  it('takes secrets out of every text', async () => {
    const leaky = check('leaky', {
      run: async () => [
        error('a', { found: 'got very-secret-token', expected: 'no very-secret-token', fix: 'curl -d very-secret-token' }),
      ],
    });
    expect(JSON.stringify(await examine([leaky], await context(NODE), signal))).not.toContain('very-secret-token');
  });

  it('with nothing reachable at all still has a finding or a reason for each check', async () => {
    const parts = await examine(DOCTOR_CHECKS, await context(AWAY), signal);
    expect(parts.map(({ name }) => name)).toEqual(DOCTOR_CHECKS.map(({ name }) => name));
    expect(parts.filter(({ results, skipped }) => results.length === 0 && skipped === undefined)).toEqual([]);
    const failures = parts.flatMap(({ results }) =>
      results.filter(({ severity }) => severity === 'warning' || severity === 'error'),
    );
    expect(failures.filter(({ fix }) => fix === undefined)).toEqual([]);
  });
});

const PARTS: readonly CheckedPart[] = [
  {
    ...{ name: 'elasticsearch', title: 'Elasticsearch', took: 12 },
    results: [
      good('https://elasticsearch:9200', '8.19.3, cluster shop, answered in 7 ms'),
      good('login', 'API key tocsin of deploy is let in'),
    ],
  },
  {
    ...{ name: 'privileges', title: 'Privileges', took: 9 },
    results: [
      error('traces-apm*', {
        found: 'missing: view_index_metadata',
        expected: 'read and view_index_metadata on all of it: data without privileges is invisible',
        fix: 'POST /_security/api_key\n{"name":"tocsin","role_descriptors":{"tocsin":{"cluster":["monitor"],"indices":[{"names":["traces-apm*"],"privileges":["read","view_index_metadata"]}]}}}',
      }),
    ],
  },
  {
    ...{ name: 'receivers', title: 'Receivers', took: 40 },
    results: [
      warning('a-destination-with-a-very-long-name/slack/0', {
        found: 'ends in 2d\u001b[31m',
        expected: 'valid for two weeks or more',
        fix: 'renew the certificate of that server',
      }),
      { severity: 'note', subject: 'team/console/0', found: 'nothing to check' },
    ],
  },
  {
    name: 'replicas',
    title: 'Replicas',
    results: [],
    took: 0,
    skipped: 'Tocsin’s indices are incomplete or cannot be read',
  },
  {
    name: 'evaluations',
    title: 'Evaluations',
    results: [],
    took: 0,
    skipped: 'Tocsin’s indices are incomplete or cannot be read',
  },
];
const REPORT: DoctorReport = {
  version: '1.2.3',
  namespace: 'shop',
  config: 'tocsin.yaml',
  now: Date.UTC(2026, 0, 1, 12),
  parts: PARTS,
};

describe('the report', () => {
  it.each([120, 80])('for people is an aligned checklist in %d columns', async (columns) => {
    const text = doctorText(REPORT, { color: false, columns });
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `doctor-${columns}.txt`));
    expect(text.split('\n').filter((line) => textWidth(line) > columns && !line.includes('role_descriptors'))).toEqual([]);
  });

  it('has colours when they are wanted', () => {
    const text = doctorText(REPORT, { color: true, columns: 120 });
    expect(text).toContain('\u001b[31m✗\u001b[39m');
    expect(text).toContain('\u001b[32m✓\u001b[39m');
  });

  it('that finds nothing to fix says so', () => {
    expect(doctorText({ ...REPORT, parts: PARTS.slice(0, 1) }, { color: false, columns: 80 })).toContain(
      'Tocsin 1.2.3 namespace shop · tocsin.yaml · 2026-01-01 12:00:00 UTC\n',
    );
  });

  it('for scripts has every finding, and the counts', () => {
    const json = JSON.parse(doctorJson(REPORT));
    expect(json).toMatchObject({ ok: false, version: '1.2.3', namespace: 'shop', good: 2, notes: 1, warnings: 1, errors: 1 });
    expect(
      json.checks.map(({ check: name, skipped }: { check: string; skipped: string | null }) => [name, skipped !== null]),
    ).toEqual([
      ['elasticsearch', false],
      ['privileges', false],
      ['receivers', false],
      ['replicas', true],
      ['evaluations', true],
    ]);
    expect(json.checks[1].results[0]).toMatchObject({
      severity: 'error',
      subject: 'traces-apm*',
      fix: expect.stringContaining('POST'),
    });
    expect(countResults(REPORT)).toEqual({ good: 2, note: 1, warning: 1, error: 1 });
  });
});
