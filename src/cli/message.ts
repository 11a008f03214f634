import { Command, Option } from 'commander';
import { withExamples } from './arguments.ts';
import type { Attach, GlobalOptions } from './command-line.ts';
import { PREVIEW_CHANNELS, PREVIEW_STATUSES, type PreviewStatus, preview, printPreview } from './message/preview.ts';

interface PreviewOptions extends GlobalOptions {
  readonly channel: string;
  readonly status: PreviewStatus;
  readonly test?: string;
  readonly html?: string;
  readonly elasticsearch?: string;
}

/** `tocsin message`: what people get, before they get it. */
export const attachMessage: Attach = (line) => {
  const command = new Command('preview')
    .description("Show a message of a rule as a channel sends it, using the documents of the rule's tests. Sends nothing.")
    .argument('<rule>', 'a rule file, or the name of a rule')
    .addOption(new Option('--channel <channel>', 'how to show it').choices(PREVIEW_CHANNELS).default('text'))
    .addOption(new Option('--status <status>', 'which message to show').choices(PREVIEW_STATUSES).default('firing'))
    .option('--test <text>', 'only tests whose name contains this text')
    .option('--elasticsearch <url>', 'run the tests on this cluster, in temporary indices: for rules of type esql')
    .option('--html <file>', 'write an HTML page that shows the message roughly as recipients see it')
    .action(async (rule: string, _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<PreviewOptions>();
      const previewed = await preview(rule, line, { ...options, asPage: options.html !== undefined });
      await printPreview(previewed, options.html, line);
    });
  return withExamples(new Command('message').description('Preview the messages of rules.'), [
    ['Preview the first message', 'tocsin message preview rules/stub-5xx.yaml'],
  ]).addCommand(
    withExamples(
      command,
      [
        ['Preview the first message', 'tocsin message preview rules/stub-5xx.yaml'],
        ['As a mail, in a browser', 'tocsin message preview stub-5xx --channel email --html mail.html'],
        ['As JSON for Slack, on recovery', 'tocsin message preview stub-5xx --channel slack --status resolved'],
      ],
      '0 the message was shown · 2 the rule or its tests could not be read, or no test sends such a message',
    ),
  );
};
