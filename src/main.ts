#!/usr/bin/env node
import type { WriteStream } from 'node:tty';
import type { Output } from './cli/command-line.ts';
import { errorText, runCommandLine } from './cli/program.ts';
import { systemClock } from './core/time.ts';

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

const stop = new AbortController();
const line = {
  env: process.env,
  folder: process.cwd(),
  stdout: outputTo(process.stdout),
  stderr: outputTo(process.stderr),
  signal: stop.signal,
  clock: systemClock,
};

for (const [signal, code] of Object.entries(SIGNALS)) {
  process.on(signal, () => {
    // Who asks twice does not want to wait for an orderly end.
    if (stop.signal.aborted) process.exit(code);
    stop.abort();
  });
}
process.on('uncaughtException', (error) => {
  line.stderr.write(errorText(error, line));
  process.exit(2);
});

process.exitCode = await runCommandLine(process.argv.slice(2), line);

function outputTo(stream: WriteStream): Output {
  // Who reads us has seen enough (`tocsin … | head`): that is no error, and nobody is left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : 2));
  return {
    write: (text) => {
      stream.write(text);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}
