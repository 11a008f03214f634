import type { Passing } from '../faults/stage/gate.ts';
import { blocked, errorBody, fated, type Trouble } from './trouble.ts';

const UNAUTHORIZED = errorBody('security_exception', 'unable to authenticate user [tocsin]', 401);
const isState = ({ path }: Passing) => path.startsWith('/tocsin-');

/** Troubles of Elasticsearch and of Tocsin's own indices, in the order of the table. */
export const STORE_TROUBLES: readonly Trouble[] = [
  { trouble: 'Elasticsearch cannot be reached', ...fated(() => true, 'lose the request') },
  { trouble: 'Elasticsearch never answers', ...fated(() => true, 'hang') },
  { trouble: 'Elasticsearch is slow', ...fated(() => true, { delay: 5_000 }) },
  { trouble: 'The login is refused', ...fated(() => true, UNAUTHORIZED) },
  { trouble: 'The state indices alone do not answer', ...fated(isState, 'hang') },
  {
    trouble: 'State cannot be written: a full disk, a block, a missing privilege, a foreign mapping, a lost primary shard',
    ...blocked('tocsin-*'),
  },
  {
    trouble: 'An index of the history cannot be written',
    ...blocked('tocsin-alerts'),
    subject: () => 'tocsin-alerts',
  },
];
