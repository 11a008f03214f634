import { type ElasticsearchNode, startElasticsearch } from './node.ts';

/** The address of a node that `npm test` has started, in the environment; no name that Tocsin itself would read. */
export const SHARED_URL = 'TOCSIN_TEST_SHARED_URL';

/** Several files ask it at once, for minutes; nodes of one test need less. */
const HEAP = '1g';

/** Starts the node that test files share; an empty version means the usual one. */
export function startSharedNode(version: string): Promise<ElasticsearchNode> {
  return startElasticsearch({ heap: HEAP, ...(version !== '' && { version }) });
}
