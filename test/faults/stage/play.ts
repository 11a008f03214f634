import { es } from '../../support/elasticsearch/request.ts';
import { evaluate, type Verdict } from '../oracle/evaluate.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import { type Cluster, ownCluster, sharedCluster } from './cluster.ts';
import type { KillPoint } from './kills.ts';
import { quiet } from './quiet.ts';
import { buildStage, type Stage, WILLING } from './stage.ts';

/** One play of a scenario with a seed, and what it proves. */
export interface Played {
  readonly scenario: string;
  readonly seed: number;
  readonly replicas: number;
  readonly verdict: Verdict | undefined;
  /** What was promised and not kept, or why the play failed; empty when all is well. */
  readonly broken: readonly string[];
  /** Requests, messages and processes that a fault struck. */
  readonly struck: number;
  readonly kills: readonly KillPoint[];
  readonly seconds: number;
  /** The last lines that the replicas logged, when something is broken. */
  readonly log: readonly string[];
}

/** Replicas of a play: what the scenario needs, else one, two and three in turn by the seed. */
function replicasOf({ replicas }: Scenario, seed: number): number {
  return replicas ?? 1 + ((seed - 1) % 3);
}

const EACH_SECOND = { every: 1_000, offset: 0 };

/** Plays a scenario once. `shared` is the address of the node for those that do not end theirs. Never throws. */
export async function play(scenario: Scenario, seed: number, shared: string): Promise<Played> {
  const began = performance.now();
  const facts = () => ({
    scenario: scenario.name,
    seed,
    replicas: replicasOf(scenario, seed),
    seconds: Math.round((performance.now() - began) / 100) / 10,
  });
  let stage: Stage | undefined;
  let cluster: Cluster | undefined;
  try {
    cluster = scenario.cluster === 'shared' ? sharedCluster(shared) : await ownCluster(scenario.cluster);
    stage = await buildStage({
      seed,
      replicas: replicasOf(scenario, seed),
      main: scenario.main,
      shape: scenario.shape,
      begins: scenario.begins ?? EACH_SECOND,
      cluster: cluster.urls,
      ownClocks: scenario.clocks === 'own',
      settled: scenario.settled === true,
      tls: scenario.tls === true,
      spacing: scenario.spacing ?? {},
      change: scenario.change?.(seed),
      rules: scenario.rules,
    });
    const verdict = await perform(scenario, stage, cluster);
    const broken = [...verdict.broken, ...(scenario.check?.(stage) ?? []), ...(struckOf(stage) === 0 ? ['no fault struck'] : [])];
    const log = broken.length === 0 ? [] : logOf(stage);
    return { ...facts(), verdict, broken, struck: struckOf(stage), kills: stage.kills.made, log };
  } catch (error) {
    const log = stage === undefined ? [] : logOf(stage);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ...facts(), verdict: undefined, broken: [text], struck: stage?.struck ?? 0, kills: stage?.kills.made ?? [], log };
  } finally {
    await stage?.[Symbol.asyncDispose]();
    if (stage !== undefined && scenario.cluster === 'shared') await forget(shared, stage);
    await cluster?.[Symbol.asyncDispose]();
  }
}

async function perform(scenario: Scenario, stage: Stage, cluster: Cluster): Promise<Verdict> {
  await stage.begin();
  await scenario.strike(stage, cluster);
  calm(stage);
  const ending = await quiet(stage);
  return evaluate(stage, ending, scenario.audiences?.(stage));
}

function struckOf({ struck, mail, kills }: Stage): number {
  return struck + mail.struck + kills.made.length;
}

/** What a scenario left undone: everything works again, and everybody lives. */
function calm(stage: Stage): void {
  stage.fate = () => 'pass';
  stage.manner = WILLING;
  stage.mail.fail();
  stage.mail.front('open');
  stage.kills.disarm();
  for (const replica of stage.replicas) {
    replica.thaw();
    if (!stage.leaveDead) replica.start();
  }
}

/** The newest lines of the replicas' logs. */
function logOf({ replicas }: Stage): readonly string[] {
  return replicas.flatMap(({ log }, number) =>
    log.slice(-200).map(({ level, msg, ...rest }) => `${number} ${level} ${msg} ${JSON.stringify(rest).slice(0, 400)}`),
  );
}

async function forget(url: string, { namespace, index }: Stage): Promise<void> {
  const client = es(url);
  await client.removeIndices(index);
  const query = { size: 1_000, _source: false, query: { term: { namespace } } };
  for (const kind of ['rules', 'alert-groups', 'leases', 'silences']) {
    const found = await client.json<{ hits: { hits: { _id: string }[] } }>('POST', `/tocsin-${kind}/_search`, query);
    for (const { _id } of found.hits.hits) await client.json('DELETE', `/tocsin-${kind}/_doc/${encodeURIComponent(_id)}`);
  }
}
