import { Command, Option } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import { TocsinError } from '../core/errors.ts';
import { noiseOfWeeks } from '../engine/history/noise.ts';
import { noiseMessage } from '../engine/noise-news.ts';
import { type NoiseOfWeeks, noiseReport } from '../messages/noise-texts.ts';
import { noiseJson, noiseText } from '../reports/noise-text.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, type Printers, print } from './command-line.ts';
import { PREVIEW_CHANNELS, previewOf, printPreview } from './message/preview.ts';
import { parseMoment } from './moment.ts';
import { openConfigForReading } from './open-config.ts';

type Format = 'text' | 'json';

interface NoiseOptions extends GlobalOptions {
  readonly to: string;
  readonly format: Format;
  readonly channel?: string;
  readonly html?: string;
}

const PRINTERS: Printers<NoiseOfWeeks, Format> = { text: noiseText, json: noiseJson };

/** `tocsin noise`: which rules disturb most, and the report of it before it is sent. */
export const attachNoise: Attach = (line) => {
  const command = new Command('noise')
    .description('Show the noisiest rules of a week and the time in alert by team, compared with the week before.')
    .option('--to <moment>', 'end of the week: ISO 8601 (UTC unless a zone is given), now or now-7d', 'now')
    .addOption(
      new Option(
        '--channel <channel>',
        'show the message of `noise_digest` as this kind of destination receives it; sends nothing',
      )
        .choices(PREVIEW_CHANNELS)
        .conflicts('format'),
    )
    .option('--html <file>', 'with --channel: write an HTML page that shows the message roughly as recipients see it')
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (_local: unknown, self: Command) => {
      const options = self.optsWithGlobals<NoiseOptions>();
      if (options.html !== undefined && options.channel === undefined)
        throw new TocsinError('cli/usage', '--html needs --channel', { hint: 'such as --channel email' });
      await noise(line, options);
    });
  return withExamples(command, [
    ['Show the rules that send the most messages', 'tocsin noise'],
    ['The week before', 'tocsin noise --to now-7d'],
    ['The report as a mail, in a browser', 'tocsin noise --channel email --html noise.html'],
    ['Use it in a script', "tocsin noise --format json | jq -r '.rules[] | select(.short > 3) | .rule'"],
  ]);
};

async function noise(line: CommandLine, options: NoiseOptions): Promise<void> {
  const { config } = await openConfigForReading(line, options);
  const at = parseMoment('--to', options.to, line.clock.now());
  const backend = await createBackend(config);
  try {
    const weeks = await noiseOfWeeks(backend.runHistory, at);
    if (!weeks.ok) throw new TocsinError('noise/history', weeks.message, { hint: '`tocsin doctor` checks the cluster' });
    if (options.channel === undefined) return print(weeks.value, options.format, PRINTERS, line, options);
    const { noiseDigest } = config;
    const timezone = noiseDigest?.schedule.kind === 'cron' ? noiseDigest.schedule.timezone : 'UTC';
    const news = { at, window: weeks.value.range, report: noiseReport(weeks.value, timezone) };
    const message = noiseMessage(news, noiseDigest?.receiver ?? 'preview');
    await printPreview(previewOf(options.channel, message), options.html, line);
  } finally {
    await backend.close();
  }
}
