import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { peakOfStatus, ticksOfStat } from './proc.ts';

/** What a process and its living descendants used so far: CPU ms, and the sum of the most memory each had, bytes. */
export interface Usage {
  readonly cpu: number;
  readonly peak: number;
}

/** Clock ticks a second, as `/proc` counts them. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Reads what a process and its descendants used so far. */
export async function usageOf(pid: number): Promise<Usage> {
  const pids = [pid, ...(await descendantsOf(pid))];
  const each = await Promise.all(
    pids.map(async (one) => {
      const [stat, status] = await Promise.all([readFile(`/proc/${one}/stat`, 'utf8'), readFile(`/proc/${one}/status`, 'utf8')]);
      return { cpu: (ticksOfStat(stat) * 1_000) / TICKS, peak: peakOfStatus(status) };
    }),
  );
  return { cpu: each.reduce((sum, { cpu }) => sum + cpu, 0), peak: each.reduce((sum, { peak }) => sum + peak, 0) };
}

async function descendantsOf(pid: number): Promise<readonly number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')));
  const children = lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
}
