import type { ElasticsearchBackend } from '../../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { deepFreeze } from '../../../src/core/freeze.ts';
import { systemClock, timeLimit } from '../../../src/core/time.ts';
import { assemble, DELIVERY_DEFAULTS } from '../../../src/engine/assemble.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import type { Requests } from '../../support/elasticsearch/request.ts';
import { plainRouting } from '../../support/engine/world.ts';
import { clusterUsage } from '../process/cluster.ts';
import { median } from '../report/numbers.ts';
import { HOUR } from './corpus.ts';

/** What one turn took: ms, and bytes. */
export interface Turned {
  readonly engine: number;
  readonly elasticsearch: number;
  readonly wall: number;
  readonly peak: number;
}

/** A set of rules that is measured, turn after turn. */
export interface Candidate {
  readonly name: string;
  readonly ports: TurnPorts;
  readonly measured: Turned[];
}

const MINUTE = 60_000;

/** Makes a candidate; its rules are frozen, as those of files are. */
export function candidate(name: string, rules: readonly Rule[], backend: ElasticsearchBackend): Candidate {
  const ports = assemble({
    namespace: 'bench',
    backend,
    rules: rules.map((rule) => deepFreeze(rule)),
    failures: [],
    routing: plainRouting(),
    destination: () => undefined,
    meta: undefined,
    kibana: undefined,
    io: { fetch, print: () => undefined },
    clock: systemClock,
    deadline: timeLimit,
    newToken: () => crypto.randomUUID(),
    delivery: DELIVERY_DEFAULTS,
  });
  return { name, ports, measured: [] };
}

/** Candidates take turns, so that a noisy moment of the machine falls on all of them; the first round warms up and is not counted. */
export async function measureTurns(
  client: Requests,
  candidates: readonly Candidate[],
  rounds: number,
  say: (line: string) => void,
): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const { ports, measured } of candidates) {
      const turned = await measureTurn(client, ports, HOUR.from + 20 * MINUTE + round * MINUTE);
      if (round > 0) measured.push(turned);
    }
    say(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`);
  }
}

/** The median of one number over the rounds of a candidate. */
export function middleOf({ measured }: Candidate, key: keyof Turned): number {
  return median(measured.map((one) => one[key]));
}

async function measureTurn(client: Requests, ports: TurnPorts, now: number): Promise<Turned> {
  const clusterBefore = await clusterUsage(client);
  const before = { cpu: process.cpuUsage(), at: performance.now() };
  let peak = process.memoryUsage.rss();
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const report = await turn(openTurn({ now, due: [...ports.rules.values()], sweep: false }, ports, new AbortController().signal));
  clearInterval(watch);
  const cpu = process.cpuUsage(before.cpu);
  const wall = performance.now() - before.at;
  const failed = report.runs.filter((run) => run.outcome === 'failed');
  if (report.runs.length !== ports.rules.size || failed.length > 0 || report.storeProblems.length > 0) {
    throw new Error(
      `${report.runs.length} of ${ports.rules.size} evaluated, ${failed.length} failed: ${failed[0]?.problem?.message ?? report.storeProblems[0] ?? ''}`,
    );
  }
  const elasticsearch = (await clusterUsage(client)).cpu - clusterBefore.cpu;
  return { engine: (cpu.user + cpu.system) / 1_000, wall, elasticsearch, peak };
}
