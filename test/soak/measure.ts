import { readdir } from 'node:fs/promises';
import type { MemoryStores } from '../../src/backends/embedded/memory-stores.ts';
import type { Series } from './verdict.ts';

/** What is measured of one thing at a time: names and numbers. */
export type Sample = Readonly<Record<string, number>>;

/** What this process holds, after its garbage is collected. */
export async function processSample(): Promise<Sample> {
  const { gc } = globalThis as { readonly gc?: () => void };
  if (gc === undefined) throw new Error('run it with --expose-gc: without it, garbage looks like a leak');
  gc();
  await new Promise<void>((resolve) => void setImmediate(resolve));
  gc();
  const resources = process.getActiveResourcesInfo();
  const count = (pattern: RegExp) => resources.filter((name) => pattern.test(name)).length;
  return {
    'heap after collection': process.memoryUsage().heapUsed,
    'resident memory': process.memoryUsage().rss,
    'open files and sockets': await openFiles(process.pid),
    'active resources': resources.length,
    timers: count(/Timeout|Immediate/),
    sockets: count(/TCP|TLS/),
  };
}

/** How many files and sockets a process holds open; 0 where the system does not say. */
export async function openFiles(pid: number): Promise<number> {
  return readdir(`/proc/${pid}/fd`).then(
    (names) => names.length,
    () => 0,
  );
}

/** Documents of the state in memory. */
export async function memorySample(stores: MemoryStores, now: number): Promise<Sample> {
  const many = 1_000_000;
  const size = async (answer: Promise<{ readonly ok: boolean; readonly value?: unknown }>) => {
    const { value } = await answer;
    return Array.isArray(value) ? value.length : 0;
  };
  const due = await stores.alertGroups.due(now + many * 1_000, many);
  const leases = await stores.leases.load();
  return {
    'documents: rules': await size(stores.ruleStates.list(many)),
    'documents: alert groups': (await size(stores.alertGroups.quiet(many))) + (due.ok ? due.value.ids.length : 0),
    'documents: silences': await size(stores.silences.list(0)),
    'documents: leases': leases.ok ? leases.value.size : 0,
    'documents: alerts': stores.history.written('alerts').length,
    'documents: notifications': stores.history.written('notifications').length,
    'documents: runs': stores.history.written('runs').length,
  };
}

const MIB = 1_048_576;
/** What may come and go without being a leak, by the end of a name; memory in MiB. */
const SLACK: readonly (readonly [RegExp, number])[] = [
  [/heap/, 6],
  [/resident/, 60],
  [/files|resources|sockets|timers/, 6],
  [/MiB/, 1],
  [/./, 40],
];

/** Turns samples into series; `boundedBy` says why one of them is not evaluated. */
export function seriesOf(samples: readonly Sample[], boundedBy: (name: string) => string | undefined): readonly Series[] {
  return Object.keys(samples[0] ?? {}).map((name) => {
    const isMemory = /heap|resident/.test(name);
    const bound = boundedBy(name);
    return {
      name,
      unit: isMemory ? 'MiB' : '',
      slack: SLACK.find(([pattern]) => pattern.test(name))?.[1] ?? 0,
      samples: samples.map((sample) => (sample[name] ?? 0) / (isMemory ? MIB : 1)),
      ...(bound !== undefined && { boundedBy: bound }),
    };
  });
}
