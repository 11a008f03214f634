import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { lastLines } from '../elasticsearch/command.ts';

/** A program that runs beside the test; it is ended with the test, in order. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Lines of its standard output so far. */
  readonly lines: readonly string[];
  /** Resolves with the first line of its standard output, past or to come, that fits; rejects when it ends without one. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** Calls `take` with each line to come. */
  follow(take: (line: string) => void): void;
  /** What it said on standard error; the end of it. */
  complaints(): string;
}

/** Starts a program with nothing but these variables beside PATH. */
export function startProgram(file: string, words: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(file, words, { env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const takers = new Set<(line: string) => void>();
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => {
    complaints = (complaints + text.toString()).slice(-20_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const take of takers) take(line);
  });
  const ended = once(child, 'close').then(([code, signal]) => String(code ?? signal));
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${file} did not start`);
  return {
    pid,
    lines,
    follow: (take) => void takers.add(take),
    complaints: () => lastLines(complaints, 20),
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = (line: string) => {
          if (!fits(line)) return;
          takers.delete(look);
          resolve(line);
        };
        takers.add(look);
        for (const line of lines) look(line);
        void ended.then((end) =>
          reject(new Error(`${file} ended (${end}) without the line; it said:\n${lastLines(complaints, 20)}`)),
        );
      }),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** Finds a port of 127.0.0.1 that nothing listens on, for a program that cannot choose one and say which. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Waits until a URL answers 2xx; rejects with what the program said when it does not within 60 s. */
export async function untilAnswers(url: string, program: Program): Promise<void> {
  for (const began = performance.now(); performance.now() - began < 60_000; ) {
    const answered = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} does not answer; its program said:\n${program.complaints()}`);
}
