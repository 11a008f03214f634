import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/elasticsearch/account.ts';
import { type ElasticsearchNode, startElasticsearch } from '../../support/elasticsearch/node.ts';
import { freePort } from './free-port.ts';

/** The Elasticsearch of a play, whose nodes a scenario may end. */
export interface Cluster extends AsyncDisposable {
  readonly urls: readonly string[];
  /** Ends a node as a power cut would. */
  kill(node: number): Promise<void>;
  /** Ends a node in order. */
  stop(node: number): Promise<void>;
  /** Starts an ended node on its data again; gives its address, once the cluster is at least `yellow`, or, if it must be, `red`. */
  start(node: number, health?: 'yellow' | 'red'): Promise<string>;
}

const HEAP = '384m';

/** A cluster that outlives the play: it cannot be ended. */
export function sharedCluster(url: string): Cluster {
  const never = () => Promise.reject(new Error('this node is shared: the scenario needs one of its own'));
  return { urls: [url], kill: never, stop: never, start: never, [Symbol.asyncDispose]: async () => undefined };
}

/** Starts nodes for one play: one alone, or two that know of each other and of a third that only votes. */
export async function ownCluster(kind: 'own' | 'pair'): Promise<Cluster> {
  const folder = await mkdtemp(join(await temporaryFolder(), 'tocsin-faults-es-'));
  // Elasticsearch does not run as root.
  await chmod(folder, 0o755);
  const settings = kind === 'own' ? [{}] : await pairSettings();
  const startNode = (number: number, port?: number, health: 'yellow' | 'red' = 'yellow') =>
    startElasticsearch({
      heap: HEAP,
      dataDir: join(folder, `n${number}`),
      settings: settings[number] ?? {},
      health,
      ...(port !== undefined && { port }),
    });
  const nodes: ElasticsearchNode[] = await Promise.all(settings.map((_, number) => startNode(number)));
  const data = kind === 'own' ? nodes : nodes.slice(0, 2);
  const node = (number: number) => {
    const found = nodes[number];
    if (found === undefined) throw new Error(`there is no node ${number}`);
    return found;
  };
  return {
    urls: data.map(({ url }) => url),
    kill: (number) => node(number).kill(),
    stop: (number) => node(number).stop(),
    start: async (number, health) => {
      nodes[number] = await startNode(number, node(number).port, health);
      return node(number).url;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((one) => one.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Two nodes that hold data, and one that only votes, so that one of them may go. */
async function pairSettings(): Promise<readonly Readonly<Record<string, string | number | readonly string[]>>[]> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const names = ['one', 'two', 'vote'];
  return names.map((name, number) => ({
    'node.name': name,
    'discovery.type': 'multi-node',
    'transport.port': ports[number] ?? 0,
    'discovery.seed_hosts': ports.map((port) => `127.0.0.1:${port}`),
    'cluster.initial_master_nodes': names,
    'node.roles': name === 'vote' ? ['master', 'voting_only'] : ['master', 'data'],
    // A dead node is found at once by its broken connections; its shards need no second chance.
    'cluster.fault_detection.follower_check.interval': '500ms',
  }));
}
