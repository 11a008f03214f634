import { parseArgs } from 'node:util';

/** The parts of the benchmark, in the order in which they run. */
export const PARTS = ['turn', 'memory', 'elastalert', 'load', 'replay'] as const;

/** One part of the benchmark. */
export type Part = (typeof PARTS)[number];

/** What a run of the benchmark is asked for. Times in seconds. */
export interface BenchOptions {
  readonly parts: readonly Part[];
  /** Documents of the hour that the parts `turn` and `memory` look at, and of the time that `replay` does. */
  readonly documents: number;
  /** Minutes that the part `replay` plays: a week unless given. */
  readonly minutes: number;
  /** Rules of the part `turn`; its dearer kinds have a tenth of them. */
  readonly rules: number;
  readonly shards: number;
  /** Measured rounds of the parts `turn` and `memory`. */
  readonly rounds: number;
  /** How often every rule is evaluated in the comparison with ElastAlert2. */
  readonly every: number;
  /** Measured intervals of each run there. */
  readonly intervals: number;
  /** Rules of the largest run of the part `load`. */
  readonly many: number;
  /** Only the workloads of these names; empty: all. */
  readonly only: readonly string[];
  readonly python: string | undefined;
  /** Refresh the tables of docs/benchmarks.md. */
  readonly write: boolean;
}

const DEFAULTS = {
  documents: '500000',
  minutes: '10080',
  rules: '1000',
  shards: '1',
  rounds: '3',
  every: '30',
  // Every fifth window Tocsin writes all documents: one of these is such a one.
  intervals: '5',
  many: '10000',
};

/** How the benchmark is called. */
const USAGE = `npm run bench -- [PART…] [options]
Parts (default: all): turn        what a turn of the engine costs, in process
                      memory      whether memory grows with documents, and what a rule costs as rules grow
                      elastalert  the built service beside ElastAlert2, on the same Elasticsearch
                      load        1,000 rules over 20 shards; 10,000 rules on two replicas
                      replay      a dry run of a week, asked ahead and tick by tick, beside elastalert-test-rule
Options: --documents N --rules N --shards N --rounds N   sizes of turn and memory
         --every SECONDS --intervals N --only NAME       of the comparison: how often each rule runs, how many intervals count, which workload
         --minutes N                                     how much of the past replay plays; --documents N lie in it
         --many N                                        rules of the largest load
         --python PATH                                   Python 3.12 or newer, with venv, for ElastAlert2
         --write                                         refresh the tables of docs/benchmarks.md
ELASTICSEARCH_URL: a cluster to use in place of a node of its own.`;

/** Reads the command line; throws with the usage when it is not understood. */
export function readOptions(words: readonly string[]): BenchOptions {
  const text = { type: 'string' } as const;
  const numbers = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, text]));
  const { values, positionals } = parseArgs({
    args: [...words],
    options: {
      ...numbers,
      only: { ...text, multiple: true },
      python: text,
      write: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  if (values.help === true) throw new Error(USAGE);
  const stranger = positionals.find((name) => !isPart(name));
  if (stranger !== undefined) throw new Error(`“${stranger}” is no part of the benchmark.\n${USAGE}`);
  const number = (name: keyof typeof DEFAULTS): number => {
    const given = (values as Record<string, unknown>)[name] ?? DEFAULTS[name];
    const value = Number(given);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} takes a whole number above 0, not “${given}”.\n${USAGE}`);
    return value;
  };
  return {
    parts: positionals.length === 0 ? PARTS : PARTS.filter((part) => positionals.includes(part)),
    documents: number('documents'),
    minutes: number('minutes'),
    rules: number('rules'),
    shards: number('shards'),
    rounds: number('rounds'),
    every: number('every'),
    intervals: number('intervals'),
    many: number('many'),
    only: (values.only as readonly string[] | undefined) ?? [],
    python: values.python as string | undefined,
    write: values.write === true,
  };
}

function isPart(name: string): name is Part {
  return (PARTS as readonly string[]).includes(name);
}
