import type { ElasticsearchConfig } from '../../config/config.ts';
import type { Inspected, Privileges } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import type { Rule } from '../../rules/rule.ts';
import type { TraceLogs } from '../../search/trace-logs.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { error, good, note, warning } from './check-result.ts';
import { localPatterns, traceLogPatterns } from './sources.ts';

const STATE = { names: ['tocsin-*'], privileges: ['read', 'write', 'manage'] } as const;
const DATA = ['read', 'view_index_metadata'] as const;

/** Whether this login may do all that Tocsin does, and what exactly it may not. */
export const privilegesCheck: DoctorCheck = {
  name: 'privileges',
  title: 'Privileges',
  needs: 'cluster',
  limit: SHORT,
  run: async ({ config, enabled, backend }, signal) => {
    const wanted = wantedPrivileges(enabled, config.traceLogs);
    const { inspection } = backend;
    const [login, lacking] = await Promise.all([inspection.login(signal), inspection.lacking(wanted, signal)]);
    if (login.ok && login.value === 'off') return [note('login', 'security is off: all requests are allowed')];
    return [
      ...privilegeFindings(lacking, wanted, config.elasticsearch, logsOnly(enabled, config.traceLogs)),
      ...remoteFindings(enabled),
    ];
  },
};

/** What Tocsin needs: its own indices, reading what rules look at and the logs of traces, and asking the cluster who it is. */
export function wantedPrivileges(rules: readonly Rule[], traceLogs: TraceLogs): Privileges {
  const patterns = [...rules.flatMap((rule) => rule.source.indices), ...traceLogPatterns(rules, traceLogs)];
  const names = [...new Set(localPatterns(patterns))].sort();
  return { cluster: ['monitor'], indices: [STATE, ...(names.length === 0 ? [] : [{ names, privileges: [...DATA] }])] };
}

/** Patterns that only the logs of traces are looked for in: without them messages say less, and nothing is missed. */
function logsOnly(rules: readonly Rule[], traceLogs: TraceLogs): ReadonlySet<string> {
  const own = new Set(rules.flatMap((rule) => rule.source.indices));
  return new Set(traceLogPatterns(rules, traceLogs).filter((pattern) => !own.has(pattern)));
}

/** What is to be said of the lacking privileges; the fix is the whole role, with what is there already. */
export function privilegeFindings(
  lacking: Inspected<Privileges>,
  wanted: Privileges,
  { auth }: Pick<ElasticsearchConfig, 'auth'>,
  optional: ReadonlySet<string>,
): readonly CheckResult[] {
  if (!lacking.ok) return [note('privileges', `cannot be checked: ${lacking.problem.message}`)];
  const { cluster, indices } = lacking.value;
  const fix = roleFor(wanted, auth.kind);
  const count = wanted.indices.reduce((sum, { names }) => sum + names.length, 0);
  if (cluster.length + indices.length === 0) return [good('privileges', `complete, on ${count} patterns and the cluster`)];
  const ofCluster = cluster.map((privilege) =>
    warning('cluster', {
      found: `the privilege ${privilege} is missing`,
      expected: `cluster: ${privilege}, to read the version, the clocks and the health of the cluster`,
    }),
  );
  const ofIndices = indices.map(({ names, privileges }) => {
    const name = names.join(', ');
    const failure = { found: `missing: ${privileges.join(', ')}`, expected: expectedOn(name) };
    return optional.has(name) ? warning(name, failure) : error(name, failure);
  });
  const results = [...ofCluster, ...ofIndices];
  return results.map((result, index) => (index === results.length - 1 ? { ...result, fix } : result));
}

function expectedOn(name: string): string {
  if (name === STATE.names[0]) return `${STATE.privileges.join(', ')}: Tocsin stores its state there`;
  return `${DATA.join(' and ')} on all of it: data without privileges is invisible`;
}

function roleFor(wanted: Privileges, login: ElasticsearchConfig['auth']['kind']): string {
  const role = { cluster: wanted.cluster, indices: wanted.indices };
  const body = JSON.stringify(login === 'apiKey' ? { name: 'tocsin', role_descriptors: { tocsin: role } } : role);
  return login === 'apiKey'
    ? `POST /_security/api_key\n${body}`
    : `PUT /_security/role/tocsin\n${body}\nand give this role to the user of elasticsearch in tocsin.yaml`;
}

function remoteFindings(rules: readonly Rule[]): readonly CheckResult[] {
  const remote = [...new Set(rules.flatMap((rule) => rule.source.indices).filter((index) => index.includes(':')))];
  if (remote.length === 0) return [];
  return [note(remote.join(', '), 'privileges on other clusters cannot be checked; whether data arrives is checked below')];
}
