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
  /** What its lives said, the newest 2,000 lines, without `judged`. */
  readonly log: readonly LogLine[];
  /** The lines about single evaluations, all of them. */
  readonly judged: readonly LogLine[];
  /** Attempts to send of which its lives said that nobody knows what became of them. */
  readonly unknown: number;
  life(): Life | undefined;
  start(): void;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  reload(): void;
  /** Ends it in order. */
  stop(): Promise<void>;
}

const MOST_LINES = 2_000;

/** Makes the replica `number`, whose configuration lies in `folder`; it does not run yet. */
export function replica(number: number, folder: string, config: string): Replica {
  if (!existsSync(MAIN)) throw new Error('dist/main.js is missing: run `npm run build` first');
  const lives: Life[] = [];
  const log: LogLine[] = [];
  const judged: LogLine[] = [];
  let unknown = 0;
  const take = (line: LogLine) => {
    if (line['outcome'] === 'unknown') unknown++;
    if (line.msg === 'judged') judged.push(line);
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
    judged,
    get unknown() {
      return unknown;
    },
    life: () => (alive() === undefined ? undefined : lives.at(-1)),
    start: () => {
      if (alive() !== undefined) return;
      lives.push({ name: `${number}.${lives.length}`, began: Date.now(), ended: undefined, end: undefined, frozen: [] });
      const started = spawn(process.execPath, [MAIN, 'run', '--config', config], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
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
    stop: () => end('SIGTERM', 'stopped'),
  };
}
