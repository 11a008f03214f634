import { spawn } from 'node:child_process';

/** What a command needs beside its arguments; `account` is the user it runs as when that is not the present one. */
export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
  readonly input?: string;
  /** What to tell a person who lacks the program. */
  readonly ifMissing?: string;
}

/** Runs a command to its end and returns what it printed; rejects with the last lines of its output when it fails. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: options.env ?? process.env, cwd: options.cwd, ...options.account });
    let output = '';
    const keep = (text: Buffer) => {
      output += text.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' && options.ifMissing;
      reject(missing ? new Error(missing) : error);
    });
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code}:\n${lastLines(output, 20)}`));
    });
    // A program that ends without reading its input is evaluated by its exit code alone.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Returns the last lines of a text, at most `count`. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
