import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { GO_PROGRAMS, type GoProgram, goProgram } from './go-program.ts';
import { drawPictures } from './pictures.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const USAGE = 'Usage: npm run test:stack -- [--pictures] [--pace N] [-t NAME]   pace 1: rules exactly as deployed, half an hour';

/** Builds what the stack test needs, runs it, and draws its messages when asked to. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      pictures: { type: 'boolean', default: false },
      pace: { type: 'string', default: '30' },
      testNamePattern: { type: 'string', short: 't' },
    },
  });
  if (!/^[1-9]\d?$/.test(values.pace)) throw new Error(`--pace is ${values.pace}, expected 1 to 99. ${USAGE}`);
  // Before the test, so that building neither counts against its time nor hides behind its reporter.
  for (const name of Object.keys(GO_PROGRAMS) as GoProgram[]) await goProgram(name);
  const code = await vitest(values.pace, values.testNamePattern);
  if (code !== 0 || !values.pictures) return code;
  for (const file of await drawPictures()) process.stderr.write(`[stack] ${path.relative(ROOT, file)}\n`);
  return 0;
}

function vitest(pace: string, pattern: string | undefined): Promise<number> {
  const words = ['run', '--project', 'stack', ...(pattern === undefined ? [] : ['-t', pattern])];
  const child = spawn(process.execPath, [path.join(ROOT, 'node_modules/vitest/vitest.mjs'), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, TOCSIN_STACK_PACE: pace },
  });
  // Ctrl-C reaches both; a signal to this process alone must not leave a whole stack running.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code) => resolve(code ?? 1)));
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
