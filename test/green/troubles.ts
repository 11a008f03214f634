import type { Fate, Passing } from '../faults/stage/gate.ts';
import type { Answer } from './receivers.ts';
import { type GreenStage, rule } from './stage.ts';

/** How a row of the table is made to happen to a running service, and how it ends. */
export interface Trouble {
  /** The words of the row. */
  readonly trouble: string;
  /** A node of its own, where the whole cluster is changed. */
  readonly cluster: 'shared' | 'own';
  begin(stage: GreenStage): Promise<void>;
  end(stage: GreenStage): Promise<void>;
  /** The subject of the health alert, where it is known beforehand. */
  readonly subject?: (stage: GreenStage) => string;
}

/** Every request that fits meets a fate. */
function fated(fits: (request: Passing) => boolean, fate: Fate): Pick<Trouble, 'cluster' | 'begin' | 'end'> {
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stage.fate = (request) => (fits(request) ? fate : 'pass');
    },
    end: async (stage) => {
      stage.fate = () => 'pass';
    },
  };
}

/** A file that is there while the trouble lasts. */
function file(name: string, text: (stage: GreenStage) => string): Pick<Trouble, 'cluster' | 'begin' | 'end'> {
  return {
    cluster: 'shared',
    begin: (stage) => stage.write(name, text(stage)),
    end: (stage) => stage.remove(name),
  };
}

/** Documents that come again and again until the trouble is over. */
function flow(stage: GreenStage, documents: () => readonly object[]): () => void {
  const timer = setInterval(() => void stage.add(stage.index, documents()).catch(() => undefined), 1_000);
  return () => clearInterval(timer);
}

/** A rule over documents that keep coming. */
function documents(
  name: string,
  keys: Readonly<Record<string, unknown>>,
  each: () => readonly object[],
): Pick<Trouble, 'cluster' | 'begin' | 'end' | 'subject'> {
  const stops = new WeakMap<GreenStage, () => void>();
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stops.set(stage, flow(stage, each));
      await stage.write(`rules/${name}.yaml`, rule(name, stage.index, keys));
    },
    end: async (stage) => {
      stops.get(stage)?.();
      await stage.remove(`rules/${name}.yaml`);
    },
    subject: () => name,
  };
}

/** A rule that fires all the time, to the receiver of one team, which answers as told. */
function badReceiver(answer: Answer): Pick<Trouble, 'cluster' | 'begin' | 'end' | 'subject'> {
  const stops = new WeakMap<GreenStage, () => void>();
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stage.receivers.answers.set('team', answer);
      stops.set(
        stage,
        flow(stage, () => [{ app: 'shop' }]),
      );
      await stage.write('rules/loud.yaml', rule('loud', stage.index, { labels: { for: 'team' } }));
    },
    end: async (stage) => {
      stage.receivers.answers.delete('team');
      // What was refused is tried again at once when the destination's configuration has changed.
      await stage.configure({ external_url: 'https://tocsin.example.com' });
    },
    subject: () => 'team/webhook/hook',
  };
}

const errorBody = (type: string, reason: string, status: number) => ({
  status,
  body: { error: { root_cause: [{ type, reason }], type, reason }, status },
});
const UNAUTHORIZED = errorBody('security_exception', 'unable to authenticate user [tocsin]', 401);
const PARTIAL: Fate = {
  status: 200,
  body: {
    took: 3,
    responses: [
      {
        took: 3,
        timed_out: false,
        _shards: {
          total: 2,
          successful: 1,
          skipped: 0,
          failed: 1,
          failures: [
            { shard: 1, index: 'logs', reason: { type: 'no_shard_available_action_exception', reason: 'no shard copy' } },
          ],
        },
        hits: { total: { value: 0, relation: 'eq' }, max_score: null, hits: [] },
        aggregations: { groups: { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets: [] } },
        status: 200,
      },
    ],
  },
};
const isState = ({ path }: Passing) => path.startsWith('/tocsin-');

/** Indices that refuse writes, on a node of the row's own. The block of a full disk would not last: Elasticsearch sees that there is room. */
function blocked(indices: string): Pick<Trouble, 'cluster' | 'begin' | 'end'> {
  const put = (stage: GreenStage, value: true | null) =>
    stage.cluster.json('PUT', `/${indices}/_settings`, { 'index.blocks.write': value });
  return {
    cluster: 'own',
    begin: async (stage) => void (await put(stage, true)),
    end: async (stage) => void (await put(stage, null)),
  };
}

/** Every trouble of the table, in its order. */
export const TROUBLES: readonly Trouble[] = [
  { trouble: 'Elasticsearch cannot be reached', ...fated(() => true, 'lose the request') },
  { trouble: 'Elasticsearch never answers', ...fated(() => true, 'hang') },
  { trouble: 'The login is refused', ...fated(() => true, UNAUTHORIZED) },
  { trouble: 'The state indices alone do not answer', ...fated(isState, 'hang') },
  {
    trouble: 'A rule file does not load',
    ...file('rules/bad.yaml', ({ index }) => rule('bad', index, { condition: 'cuont >= 1' })),
    subject: () => 'rules/bad.yaml',
  },
  {
    trouble: 'A search of a rule fails',
    ...file('rules/lost.yaml', ({ namespace }) => rule('lost', `${namespace}-missing`)),
    subject: () => 'lost',
  },
  {
    trouble: 'Every search fails or answers in part',
    ...fated(({ path }) => path.includes('_msearch'), PARTIAL),
    subject: () => 'calm',
  },
  {
    trouble: 'A rule has more groups than `max_groups`',
    ...documents('crowd', { group_by: ['host'], max_groups: 2 }, () => ['a', 'b', 'c', 'd'].map((host) => ({ host }))),
  },
  {
    trouble: 'Documents match, but none has the `group_by` fields',
    ...documents('ungrouped', { group_by: ['host'] }, () => [{ app: 'shop' }]),
  },
  {
    trouble: 'No group of a rule can be evaluated',
    ...documents('blind', { type: 'threshold', metrics: { m: { avg: 'size' } }, condition: 'm > 1' }, () => [{ app: 'shop' }]),
  },
  { trouble: 'A receiver refuses messages', ...badReceiver(403) },
  {
    trouble: 'State cannot be written: a full disk, a block, a missing privilege, a foreign mapping, a lost primary shard',
    ...blocked('tocsin-*'),
  },
  {
    trouble: 'An index of the history cannot be written',
    ...blocked('tocsin-alerts'),
    subject: () => 'tocsin-alerts',
  },
  {
    trouble: '`tocsin.yaml` does not load, or a file that it names cannot be read',
    cluster: 'shared',
    begin: (stage) => stage.configure({ route: { receiver: 'nobody' } }),
    end: (stage) => stage.configure({}),
    subject: () => 'tocsin.yaml',
  },
];
