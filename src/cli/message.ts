import { isAbsolute, join } from 'node:path';
import { Command, Option } from 'commander';
import { TocsinError } from '../core/errors.ts';
import { writeFileText } from '../files/write-file.ts';
import { withExamples } from './arguments.ts';
import type { Attach, CommandLine, GlobalOptions } from './command-line.ts';
import { PREVIEW_CHANNELS, PREVIEW_STATUSES, type Previewed, type PreviewStatus, preview } from './message/preview.ts';

interface PreviewOptions extends GlobalOptions {
  readonly channel: string;
  readonly status: PreviewStatus;
  readonly test?: string;
  readonly html?: string;
}

/** `tocsin message`: what people get, before they get it. */
export const attachMessage: Attach = (line) => {
  const command = new Command('preview')
    .description("Show a message of a rule as a channel sends it, from the documents of the rule's tests. Sends nothing.")
    .argument('<rule>', 'a rule file, or the name of a rule')
    .addOption(new Option('--channel <channel>', 'how to show it').choices(PREVIEW_CHANNELS).default('text'))
    .addOption(new Option('--status <status>', 'which message to show').choices(PREVIEW_STATUSES).default('firing'))
    .option('--test <text>', 'only tests whose name contains this text')
    .option('--html <file>', 'write it as a page that shows it about as its readers see it')
    .action(async (rule: string, _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<PreviewOptions>();
      const shown = await preview(rule, line, { ...options, asPage: options.html !== undefined });
      if (options.html === undefined) line.stdout.write(shown.text.endsWith('\n') ? shown.text : `${shown.text}\n`);
      else await writePage(options.html, shown, line);
      if (shown.builder !== undefined) line.stderr.write(`open it in Slack's Block Kit Builder: ${shown.builder}\n`);
      for (const note of shown.notes) line.stderr.write(`note: ${note}\n`);
    });
  return withExamples(new Command('message').description('Show the messages of rules.'), [
    ['What will it say?', 'tocsin message preview rules/stub-5xx.yaml'],
  ]).addCommand(
    withExamples(
      command,
      [
        ['What will it say?', 'tocsin message preview rules/stub-5xx.yaml'],
        ['As a mail, in a browser', 'tocsin message preview stub-5xx --channel email --html mail.html'],
        ['As JSON for Slack, when it is over', 'tocsin message preview stub-5xx --channel slack --status resolved'],
      ],
      '0 the message was shown · 2 the rule or its tests could not be read, or no test sends such a message',
    ),
  );
};

async function writePage(file: string, { html }: Previewed, line: CommandLine): Promise<void> {
  const path = isAbsolute(file) ? file : join(line.folder, file);
  const written = await writeFileText(path, html, { replace: true });
  if (!written.ok) throw new TocsinError('cli/file', `${file}: ${written.message}`, { hint: written.hint });
  line.stderr.write(`written to ${file}\n`);
}
