import type { Audience } from '../oracle/audience.ts';
import type { Cluster } from '../stage/cluster.ts';
import type { Change, Spacing } from '../stage/files.ts';
import type { Beginning, Stage } from '../stage/stage.ts';
import type { Shape } from '../stage/story.ts';

/** One way of going wrong, played against a story. */
export interface Scenario {
  /** How it is called on the command line. */
  readonly name: string;
  /** What goes wrong, for the table. */
  readonly title: string;
  readonly part:
    | 'Tocsin itself'
    | 'Elasticsearch'
    | 'Receivers'
    | 'Who is notified, and when'
    | 'Clocks and files'
    | 'Replicas'
    | 'Telemetry';
  /** Replicas that it needs; undefined: one, two and three by the seed. */
  readonly replicas?: 1 | 2 | 3;
  /** Seconds of the story in which things go wrong. */
  readonly main: number;
  /** The node that all plays share; or one of its own, or two, which it may end. */
  readonly cluster: 'shared' | 'own' | 'pair';
  /** How bad groups are in the main part, where they do not change all the time. */
  readonly shape?: Shape;
  /** The times by the clock at which the story may begin, where that matters. */
  readonly begins?: Beginning;
  /** Whether mail must go over TLS. */
  readonly tls?: true;
  /** How messages wait for more alerts, where they do not as usual. */
  readonly spacing?: Spacing;
  /** Receivers and routes of a seed, where they are not the usual ones. */
  readonly change?: (seed: number) => Change;
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
  /** Who is to have read what, where not every receiver is notified of everything at once. */
  audiences?(stage: Stage): readonly Audience[];
  /** What else must hold at the end; gives what does not. */
  check?(stage: Stage): readonly string[];
}
