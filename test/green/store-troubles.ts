import type { Passing } from '../faults/stage/gate.ts';
import { blocked, errorBody, fated, type Trouble } from './trouble.ts';

const UNAUTHORIZED = errorBody('security_exception', 'unable to authenticate user [tocsin]', 401);
const isState = ({ path }: Passing) => path.startsWith('/tocsin-');

/** Troubles of Elasticsearch and of Tocsin's own indices, in the order of the table. */
export const STORE_TROUBLES: readonly Trouble[] = [
  { trouble: 'Elasticsearch cannot be reached', slow: true, ...fated(() => true, 'lose the request') },
  { trouble: 'Elasticsearch never answers', slow: true, ...fated(() => true, 'hang') },
  { trouble: 'Elasticsearch is slow', slow: true, ...fated(() => true, { delay: 5_000 }) },
  { trouble: 'The login is refused', slow: true, ...fated(() => true, UNAUTHORIZED) },
  { trouble: 'The state indices alone do not answer', slow: true, ...fated(isState, 'hang') },
  {
    trouble: 'State cannot be written: a full disk, a block, a missing privilege, a foreign mapping, a lost primary shard',
    slow: true,
    ...blocked('tocsin-*'),
  },
  {
    trouble: 'An index of the history cannot be written',
    ...blocked('tocsin-alerts'),
    subject: () => 'tocsin-alerts',
  },
];
