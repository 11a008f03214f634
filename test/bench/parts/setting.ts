import type { Requests } from '../../support/elasticsearch/request.ts';
import type { BenchOptions } from '../options.ts';

/** What every part of the benchmark gets. */
export interface Bench {
  readonly url: string;
  readonly client: Requests;
  /** What the names of all indices and namespaces of this run begin with. */
  readonly prefix: string;
  /** A folder for files, removed at the end. */
  readonly folder: string;
  readonly options: BenchOptions;
  say(line: string): void;
}

/** What a part gives: tables by the names of their places in the page. */
export type Tables = Readonly<Record<string, string>>;
