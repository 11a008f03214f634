import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../../dist/main.js');

/** One life of a replica: a process from its start to its end. */
export interface Life {
  /** `replica.life`, both from 0. */
  readonly name: string;
  readonly began: number;
  ended: number | undefined;
  /** How it ended; `crash`: SIGKILL. */
  end: 'crash' | 'stopped' | undefined;
  /** When it was stopped in its tracks (SIGSTOP), and went on. */
  readonly frozen: { readonly from: number; to: number | undefined }[];
}

/** A line of a replica's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** A replica of `tocsin run`, the built command line in a process of its own, which may live several times. */
export interface Replica {
  readonly lives: readonly Life[];
  /** What its lives said, the newest 2,000 lines, without `evaluated`. */
  readonly log: readonly LogLine[];
  /** The lines about single evaluations, all of them. */
  readonly evaluated: readonly LogLine[];
  /** Attempts to send of which its lives said that nobody knows what became of them. */
  readonly unknown: number;
  life(): Life | undefined;
  start(): void;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  reload(): void;
  /** Sets its wall clock so many ms ahead of the machine's; only of a replica with a clock of its own. */
  setClock(ahead: number): void;
  /** Ends it in order. */
  stop(): Promise<void>;
}

const MOST_LINES = 2_000;

/** Gives a process a wall clock that its parent sets; what never jumps on a real machine does not here either. */
const OWN_CLOCK = `
  let ahead = 0;
  const Machine = Date;
  globalThis.Date = class Date extends Machine {
    constructor(...parts) { parts.length === 0 ? super(Machine.now() + ahead) : super(...parts); }
    static now() { return Machine.now() + ahead; }
  };
  process.on('message', (message) => { ahead = message.ahead; });
  process.channel.unref();
`;

/** What still runs must not outlive a run that is broken off. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const one of running) one.kill('SIGKILL');
});

/** Makes the replica `number`, whose configuration lies in `folder`; it does not run yet. */
export function replica(
  number: number,
  folder: string,
  config: string,
  clock: 'own' | "the machine's" = "the machine's",
): Replica {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build` first');
  const lives: Life[] = [];
  const log: LogLine[] = [];
  const evaluated: LogLine[] = [];
  let unknown = 0;
  let ahead = 0;
  const take = (line: LogLine) => {
    if (line['outcome'] === 'unknown') unknown++;
    if (line.msg === 'evaluated') evaluated.push(line);
    else log.push(line);
    if (log.length > MOST_LINES) log.shift();
  };
  let child: ChildProcess | undefined;
  const alive = () => (child !== undefined && child.exitCode === null && child.signalCode === null ? child : undefined);
  const end = async (signal: NodeJS.Signals, how: Life['end']) => {
    const running = alive();
    const life = lives.at(-1);
    if (running === undefined || life === undefined) return;
    life.end = how;
    const closed = once(running, 'close');
    running.kill(signal);
    life.ended = Date.now();
    await closed;
  };
  return {
    lives,
    log,
    evaluated,
    get unknown() {
      return unknown;
    },
    life: () => (alive() === undefined ? undefined : lives.at(-1)),
    start: () => {
      if (alive() !== undefined) return;
      lives.push({ name: `${number}.${lives.length}`, began: Date.now(), ended: undefined, end: undefined, frozen: [] });
      const preload = clock === 'own' ? ['--import', `data:text/javascript,${encodeURIComponent(OWN_CLOCK)}`] : [];
      const started = spawn(process.execPath, [...preload, MAIN, 'run', '--config', config], {
        cwd: folder,
        stdio: clock === 'own' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      running.add(started);
      started.on('exit', () => running.delete(started));
      if (clock === 'own') started.send({ ahead });
      for (const stream of [started.stdout, started.stderr]) {
        if (stream === null) continue;
        createInterface({ input: stream }).on('line', (line) =>
          take(line.startsWith('{') ? (JSON.parse(line) as LogLine) : { level: 'other', msg: line }),
        );
      }
    },
    kill: () => end('SIGKILL', 'crash'),
    freeze: () => {
      lives.at(-1)?.frozen.push({ from: Date.now(), to: undefined });
      alive()?.kill('SIGSTOP');
    },
    thaw: () => {
      const last = lives.at(-1)?.frozen.at(-1);
      if (last !== undefined) last.to = Date.now();
      alive()?.kill('SIGCONT');
    },
    reload: () => void alive()?.kill('SIGHUP'),
    setClock: (next) => {
      ahead = next;
      if (clock === 'own') alive()?.send({ ahead });
    },
    stop: () => end('SIGTERM', 'stopped'),
  };
}
