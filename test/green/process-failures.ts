import { errorBody, type Failure, fated, file } from './failure.ts';
import type { GreenStage } from './stage.ts';

const SHARDS = 32;
const LEASE = 20_000;

/** Another replica that keeps every shard and evaluates nothing, as one does that hangs or has other rules. */
function ghost(): Pick<Failure, 'cluster' | 'begin' | 'end'> {
  const timers = new WeakMap<GreenStage, NodeJS.Timeout>();
  const hold = ({ cluster, namespace }: GreenStage, until: number) =>
    cluster.lines(
      '/tocsin-leases/_bulk?refresh=true',
      Array.from({ length: SHARDS }, (_, shard) => [
        { index: { _id: `${namespace}:${shard}` } },
        { namespace, id: String(shard), holder: 'ghost', until, body: { v: 1, shard, holder: 'ghost', token: 'ghost', until } },
      ]).flat(),
    );
  return {
    cluster: 'shared',
    begin: async (stage) => {
      await hold(stage, Date.now() + LEASE);
      timers.set(
        stage,
        setInterval(() => void hold(stage, Date.now() + LEASE).catch(() => undefined), 2_000),
      );
    },
    end: async (stage) => {
      clearInterval(timers.get(stage));
      await hold(stage, 0);
    },
  };
}

/** The cluster's own time is asked for as the name of an index that does not exist. */
const YESTERDAY = {
  status: 404,
  body: { error: { type: 'index_not_found_exception', index: 'tocsin-clock-2020.01.01-00.00.00' }, status: 404 },
};
const UNAVAILABLE = errorBody('no_shard_available_action_exception', 'no shard available', 503);

/** A module that makes the turns of the built service throw, which nothing outside of it can. */
const TURNS_THROW = new URL('./turns-throw.mjs', import.meta.url).href;

/** Problems of the process itself, in the order of the table. */
export const PROCESS_FAILURES: readonly Failure[] = [
  {
    failure: '`tocsin.yaml` does not load, or a file that it names cannot be read',
    cluster: 'shared',
    begin: (stage) => stage.configure({ route: { receiver: 'nobody' } }),
    end: (stage) => stage.configure({}),
    subject: () => 'tocsin.yaml',
  },
  {
    failure: 'Turns throw again and again, for a fault of Tocsin',
    ...file('turns-throw', () => ''),
    node: ['--import', TURNS_THROW],
    slow: true,
  },
  {
    failure: 'The leases cannot be read or renewed',
    ...fated(({ path }) => path.split('?')[0] === '/tocsin-leases/_search', UNAVAILABLE),
    slow: true,
  },
  {
    failure: 'The clock is more than 30 s from that of Elasticsearch',
    ...fated(({ path }) => path.includes('clock-'), YESTERDAY),
    slow: true,
  },
  {
    failure: 'A rule is evaluated by no replica: the one that holds its shard hangs, or has not loaded it',
    ...ghost(),
    slow: true,
  },
  {
    failure: 'Slack, where people press the buttons of `slack_app`, cannot be reached',
    cluster: 'shared',
    begin: (stage) =>
      stage.configure({
        slack_app: { app_token: 'xapp-1-A012-345-s3cret', bot_token: 'xoxb-s3cretS3cret', api_url: 'http://127.0.0.1:1/api' },
      }),
    end: (stage) => stage.configure({}),
    slow: true,
  },
];
