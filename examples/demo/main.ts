import { resolve } from 'node:path';
import type { WriteStream } from 'node:tty';
import { parseArgs } from 'node:util';
import type { CommandLine, Output } from '../../src/cli/command-line.ts';
import { errorText } from '../../src/cli/error-text.ts';
import { asError } from '../../src/core/errors.ts';
import { systemClock } from '../../src/core/time.ts';
import { type DemoOptions, LENGTH, runDemo } from './demo.ts';

const USAGE = `npm run demo -- [--output FOLDER] [--speed FACTOR] [--no-pages] [--no-color]
  --output    where the messages and the page are left (default: demo-output)
  --speed     seconds of the shop in one real second, from 1 to 1000 (default: 16)
  --pages     serve the pages of \`tocsin run\` meanwhile, and afterwards until Ctrl-C (default: in a terminal)
  --no-pages  end with the incident
`;
const MINUTE = 60_000;

const stop = new AbortController();
const line: CommandLine = {
  env: process.env,
  folder: process.cwd(),
  stdout: outputTo(process.stdout),
  stderr: outputTo(process.stderr),
  signal: stop.signal,
  clock: systemClock,
};

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.once(signal, () => {
    stop.abort();
    line.stdout.write('\nStopped.\n');
    // Nothing that is open is worth waiting for.
    process.exit(code);
  });
}
// A reader that has seen enough (`npm run demo | head`) ends the demo.
process.stdout.on('error', () => process.exit(0));

process.exitCode = await main(process.argv.slice(2));

async function main(words: string[]): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    line.stdout.write(USAGE);
    return 0;
  }
  const options = readOptions(words);
  if (typeof options === 'string') {
    line.stderr.write(options);
    return 2;
  }
  try {
    const start = Math.floor((Date.now() - LENGTH) / MINUTE) * MINUTE;
    return await runDemo(line, { ...options, output: resolve(line.folder, options.output), start });
  } catch (thrown) {
    line.stderr.write(errorText(asError(thrown), line));
    return 2;
  }
}

/** The options, or what to say of those that are not right. */
function readOptions(words: string[]): Pick<DemoOptions, 'output' | 'speed' | 'color' | 'pages'> | string {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        output: { type: 'string', default: 'demo-output' },
        speed: { type: 'string', default: '16' },
        'no-color': { type: 'boolean', default: false },
        pages: { type: 'boolean', default: process.stdout.isTTY === true },
        'no-pages': { type: 'boolean', default: false },
      },
    });
    const speed = Number(values.speed);
    if (!(speed >= 1 && speed <= 1_000)) return `--speed takes a number from 1 to 1000, not ${values.speed}\n\n${USAGE}`;
    const { output, pages } = values;
    return { output, speed, color: !values['no-color'], pages: pages && !values['no-pages'] };
  } catch (thrown) {
    return `${asError(thrown).message}\n\n${USAGE}`;
  }
}

function outputTo(stream: WriteStream): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}
