import { Command, InvalidArgumentError } from 'commander';
import { withExamples } from './arguments.ts';
import type { Attach, GlobalOptions } from './command-line.ts';

/** `tocsin demo`: the main job on the embedded backend, without a server or an account. */
export const attachDemo: Attach = (line, settle) =>
  withExamples(
    new Command('demo')
      .description('Watch a small shop through an incident: rules, alerts, mails and Slack messages, with nothing to set up.')
      .option('--output <folder>', 'where mails, messages and the page are left', 'demo-output')
      .option('--speed <factor>', 'seconds of the shop in one real second', readSpeed, 24)
      .action(async (_local: unknown, self: Command) => {
        const options = self.optsWithGlobals<GlobalOptions & { readonly output: string; readonly speed: number }>();
        const { runDemo } = await import('./demo/demo.ts');
        settle(await runDemo(line, options));
      }),
    [
      ['Watch it', 'tocsin demo'],
      ['Twice as fast', 'tocsin demo --speed 48'],
    ],
  );

function readSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed >= 1 && speed <= 240)) throw new InvalidArgumentError('a factor from 1 to 240');
  return speed;
}
