import { storeUse } from '../../config/received-alerts.ts';
import type { Inspected, Inspection, StateIndexFound } from '../../engine/inspection.ts';
import type { CheckResult } from '../../reports/doctor/doctor-report.ts';
import { type DoctorCheck, SHORT } from './check.ts';
import { brief, error, good, note, warning } from './check-result.ts';

/** What the inspection says of the indices of state. */
export type StateFound = Awaited<ReturnType<Inspection['stateIndices']>>;

/** Whether Tocsin's own indices are there, and of a version that this Tocsin understands. */
export const stateCheck: DoctorCheck = {
  name: 'state',
  title: 'State indices',
  needs: 'cluster',
  limit: SHORT,
  run: async ({ backend, config }, signal) => stateFindings(await backend.inspection.stateIndices(signal, storeUse(config))),
};

/** Whether the stores can be read without making anything. */
export function isStateThere(state: Inspected<{ readonly indices: readonly StateIndexFound[] }>): boolean {
  return state.ok && state.value.indices.every(({ mapping }) => typeof mapping === 'number');
}

/** What is to be said of the indices. */
export function stateFindings(state: StateFound): readonly CheckResult[] {
  if (!state.ok) {
    const { message, hint, code } = state.problem;
    const fix = code === 'unauthorized' ? 'the privileges above' : hint;
    return [error('tocsin-*', { found: brief(message), expected: 'readable mappings', fix })];
  }
  const { indices, mappingVersion } = state.value;
  const missing = indices.filter(({ mapping }) => mapping === 'missing');
  if (missing.length === indices.length)
    return [note('tocsin-*', 'do not exist yet: `tocsin run` creates them when it first starts')];
  const found = [...missing.map(missingIndex), ...indices.flatMap((index) => failureOf(index, mappingVersion))];
  const fine = indices.length - new Set(found.map(({ subject }) => subject)).size;
  return [
    ...(fine === 0 ? [] : [good('tocsin-*', `${fine} ${fine === 1 ? 'index' : 'indices'}, mapping version ${mappingVersion}`)]),
    ...found,
  ];
}

function missingIndex({ name }: StateIndexFound): CheckResult {
  return warning(name, {
    found: 'is missing, but others exist: it was deleted',
    expected: 'all state indices',
    fix: 'tocsin run   # recreates it, empty; see docs/operations.md for what is lost with each index',
  });
}

function failureOf({ name, mapping, health, blocks = [] }: StateIndexFound, known: number): readonly CheckResult[] {
  if (mapping === 'foreign') {
    const fix = `DELETE /${name}   # if its data is not needed`;
    return [error(name, { found: 'was not created by Tocsin', expected: 'an index with Tocsin’s mapping', fix })];
  }
  if (typeof mapping !== 'number') return [];
  if (mapping > known) {
    const found = `mapping version ${mapping}, this Tocsin supports ${known}: a newer one runs on this cluster`;
    return [error(name, { found, expected: `version ${known} or older`, fix: 'upgrade this Tocsin' })];
  }
  return [
    ...(mapping < known ? [note(name, `mapping version ${mapping}: \`tocsin run\` upgrades it to ${known}`)] : []),
    ...blockFailure(name, blocks),
    ...healthFailure(name, health),
  ];
}

function blockFailure(name: string, blocks: readonly string[]): readonly CheckResult[] {
  const [block] = blocks;
  if (block === undefined) return [];
  const lifted = `PUT /${name}/_settings   # {"index.blocks.${block}": null}`;
  const isFull = block === 'read_only_allow_delete';
  return [
    error(name, {
      found: `cannot be written: index.blocks.${blocks.join(', ')}`,
      expected: 'a writable index: Tocsin sends only what it could save',
      fix: isFull
        ? `free disk space: Elasticsearch sets this block when a disk is full, and removes it automatically; otherwise ${lifted}`
        : lifted,
    }),
  ];
}

function healthFailure(name: string, health: string | undefined): readonly CheckResult[] {
  const fix = `GET /_cluster/allocation/explain   # {"index": "${name}", "shard": 0, "primary": ${health === 'red'}}`;
  if (health === 'red')
    return [error(name, { found: 'is red: its documents cannot be read', expected: 'green, or yellow on a single node', fix })];
  if (health === 'yellow')
    return [
      warning(name, { found: 'is yellow: it has no replica shard', expected: 'green, to survive the failure of a node', fix }),
    ];
  return [];
}
