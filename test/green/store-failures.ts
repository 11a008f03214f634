import type { Passing } from '../faults/stage/gate.ts';
import { blocked, errorBody, type Failure, fated } from './failure.ts';

const UNAUTHORIZED = errorBody('security_exception', 'unable to authenticate user [tocsin]', 401);
const isState = ({ path }: Passing) => path.startsWith('/tocsin-');

/** Problems of Elasticsearch and of Tocsin's own indices, in the order of the table. */
export const STORE_FAILURES: readonly Failure[] = [
  { failure: 'Elasticsearch cannot be reached', slow: true, ...fated(() => true, 'lose the request') },
  { failure: 'Elasticsearch never answers', slow: true, ...fated(() => true, 'hang') },
  { failure: 'Elasticsearch is slow', slow: true, ...fated(() => true, { delay: 5_000 }) },
  { failure: 'The login is refused', slow: true, ...fated(() => true, UNAUTHORIZED) },
  { failure: 'The state indices alone do not answer', slow: true, ...fated(isState, 'hang') },
  {
    failure: 'State cannot be written: a full disk, a block, a missing privilege, a foreign mapping, a lost primary shard',
    slow: true,
    ...blocked('tocsin-*'),
  },
  {
    failure: 'An index of the history cannot be written',
    slow: true,
    ...blocked('tocsin-alerts'),
    subject: () => 'tocsin-alerts',
  },
];
