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
  run: async ({ backend }, signal) => stateFindings(await backend.inspection.stateIndices(signal)),
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
    return [error('tocsin-*', { found: brief(message), expected: 'that their mappings can be read', fix })];
  }
  const { indices, mappingVersion } = state.value;
  const missing = indices.filter(({ mapping }) => mapping === 'missing');
  if (missing.length === indices.length) return [note('tocsin-*', 'not there yet: `tocsin run` makes them when it first starts')];
  const found = [...missing.map(missingIndex), ...indices.flatMap((index) => failureOf(index, mappingVersion))];
  const fine = indices.length - new Set(found.map(({ subject }) => subject)).size;
  return [
    ...(fine === 0 ? [] : [good('tocsin-*', `${fine} ${fine === 1 ? 'index' : 'indices'}, mapping version ${mappingVersion}`)]),
    ...found,
  ];
}

function missingIndex({ name }: StateIndexFound): CheckResult {
  return warning(name, {
    found: 'is missing, and others are there: someone deleted it',
    expected: 'the indices of state side by side',
    fix: 'tocsin run   # makes it again, empty; docs/operations.md says what is lost with which index',
  });
}

function failureOf({ name, mapping, health, blocks = [] }: StateIndexFound, known: number): readonly CheckResult[] {
  if (mapping === 'foreign') {
    const fix = `DELETE /${name}   # if it holds nothing that anybody needs`;
    return [error(name, { found: 'was not made by Tocsin', expected: 'an index with Tocsin’s mapping', fix })];
  }
  if (typeof mapping !== 'number') return [];
  if (mapping > known) {
    const found = `mapping version ${mapping}, this Tocsin knows ${known}: a newer one runs on this cluster`;
    return [error(name, { found, expected: `version ${known} or older`, fix: 'upgrade this Tocsin' })];
  }
  return [
    ...(mapping < known ? [note(name, `mapping version ${mapping}: \`tocsin run\` brings it to ${known}`)] : []),
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
      expected: 'an index that takes writes: what Tocsin cannot save it does not send',
      fix: isFull
        ? `free disk space, as Elasticsearch sets this block when a disk is full and lifts it by itself; else ${lifted}`
        : lifted,
    }),
  ];
}

function healthFailure(name: string, health: string | undefined): readonly CheckResult[] {
  const fix = `GET /_cluster/allocation/explain   # {"index": "${name}", "shard": 0, "primary": ${health === 'red'}}`;
  if (health === 'red')
    return [error(name, { found: 'is red: its documents cannot be read', expected: 'green, or yellow on a single node', fix })];
  if (health === 'yellow')
    return [warning(name, { found: 'is yellow: there is no copy of it', expected: 'green: one node may fail then', fix })];
  return [];
}
