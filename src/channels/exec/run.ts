import { spawn } from 'node:child_process';

/** How a program ended. */
export type Ran =
  | { readonly kind: 'ended'; readonly code: number; readonly said: string }
  | { readonly kind: 'killed'; readonly said: string }
  | { readonly kind: 'not-started'; readonly problem: string };

/** What is started: a program and its arguments, without a shell. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Most bytes of what a program prints that are kept. */
const MOST_SAID = 4_096;

/** Runs a program with a text on its standard input. When the signal aborts, it and what it has started are killed. Never throws. */
export function runProgram({ file, args, env }: Program, input: string, signal: AbortSignal): Promise<Ran> {
  return new Promise((resolve) => {
    // A group of its own, so that what it has started ends with it.
    const child = spawn(file, args, { env, shell: false, detached: true, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const said: Buffer[] = [];
    let size = 0;
    const kill = () => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL');
      }
    };
    const settle = (ran: Ran) => {
      signal.removeEventListener('abort', kill);
      resolve(ran);
    };
    const text = () => Buffer.concat(said).subarray(0, MOST_SAID).toString('utf8');
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        if (size < MOST_SAID) said.push(chunk);
        size += chunk.length;
      });
    child.on('error', (error) => settle({ kind: 'not-started', problem: error.message }));
    child.on('close', (code) => settle(code === null ? { kind: 'killed', said: text() } : { kind: 'ended', code, said: text() }));
    // A program that does not read its input closes it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
  });
}
