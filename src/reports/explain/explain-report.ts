import type { Explanation } from '../../explain/explanation.ts';
import type { CurlPlace } from './curl.ts';

/** An explanation with what the command line adds to it: how to ask the cluster oneself. */
export interface ExplainReport {
  readonly explanation: Explanation;
  readonly place: CurlPlace;
  /** The text has the commands themselves, and not only how to see them. */
  readonly showsQueries?: boolean;
}
