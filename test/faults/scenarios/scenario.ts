import type { Cluster } from '../stage/cluster.ts';
import type { Spacing } from '../stage/files.ts';
import type { Stage } from '../stage/stage.ts';

/** One way of going wrong, played against a story. */
export interface Scenario {
  /** How it is called on the command line. */
  readonly name: string;
  /** What goes wrong, for the table. */
  readonly title: string;
  readonly part: 'Tocsin itself' | 'Elasticsearch' | 'Receivers' | 'Clocks and files' | 'Replicas' | 'Telemetry';
  /** Replicas that it needs; undefined: one, two and three by the seed. */
  readonly replicas?: 1 | 2 | 3;
  /** Seconds of the story in which things go wrong. */
  readonly main: number;
  /** The node that all plays share; or one of its own, or two, which it may end. */
  readonly cluster: 'shared' | 'own' | 'pair';
  /** Whether everything fires once, for as long as things go wrong and longer. */
  readonly steady?: true;
  /** Whether mail must go over TLS. */
  readonly tls?: true;
  /** How messages wait for more alerts, where they do not as usual. */
  readonly spacing?: Spacing;
  /** Rules beside those of the story, as YAML; `index` begins the names of their indices. */
  readonly rules?: (index: string) => string;
  /** Whether the story waits until replicas share evenly. */
  readonly settled?: true;
  /** Whether replicas have clocks that can be set. */
  readonly clocks?: 'own';
  /** How many seeds are played in the whole suite, and in the share of `npm test`. */
  readonly seeds: number;
  readonly fast: number;
  /** Lets it go wrong; resolves when everything is as it should be again. */
  strike(stage: Stage, cluster: Cluster): Promise<void>;
  /** What else must hold at the end; gives what does not. */
  check?(stage: Stage): readonly string[];
}
