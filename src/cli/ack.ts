import { Command } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import { TocsinError } from '../core/errors.ts';
import { type AcknowledgedReport, acknowledgedJson, acknowledgedText } from '../reports/acknowledged-text.ts';
import { acknowledgeDesk, SHORTEST_ID, type WhichAlerts } from '../service/acknowledge-desk.ts';
import { givenMatchers } from './alerts.ts';
import { formatOption, withExamples } from './arguments.ts';
import { authorOf } from './author.ts';
import { type Attach, type GlobalOptions, type Printers, print } from './command-line.ts';
import { openConfigForReading } from './open-config.ts';
import { openRules } from './open-rules.ts';

type Format = 'text' | 'json';

interface AckOptions extends GlobalOptions {
  readonly format: Format;
  readonly comment?: string;
  readonly author?: string;
  readonly expire: boolean;
}

const PRINTERS: Printers<AcknowledgedReport, Format> = { text: acknowledgedText, json: acknowledgedJson };

/** `tocsin ack`: says that someone works on alerts. */
export const attachAck: Attach = (line) => {
  const command = new Command('ack')
    .description(
      'Acknowledge firing alerts: no reminders and no escalation for this episode, until it gets worse or ends. Later messages show who acknowledged it, when and why.',
    )
    .argument(
      '<alerts...>',
      'the ID of an alert, or its first characters; or matchers, such as severity=critical. A single word is the name of a rule',
    )
    .option('--comment <text>', 'what you are doing about it, for your colleagues; required unless --expire')
    .option('--author <name>', 'author of the acknowledgement (default: the user name of this session, or of the system)')
    .option('--expire', 'remove the acknowledgement: reminders and escalation resume', false)
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (texts: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<AckOptions>();
      if (!options.expire && options.comment === undefined)
        throw new TocsinError('cli/ack', 'the comment is missing', { hint: 'describe with --comment what is being done' });
      const by = options.expire ? '' : authorOf(options.author, line, 'cli/ack');
      const { config, whole } = await openConfigForReading(line, options);
      const { rules } = await openRules([], config, line.folder, whole);
      const backend = await createBackend(config);
      try {
        const desk = acknowledgeDesk({ stores: backend, namespace: config.namespace, rules, clock: line.clock });
        const which = whichOf(texts);
        const answer = options.expire
          ? await desk.expire(which)
          : await desk.acknowledge(which, { by, comment: options.comment ?? '' });
        if (answer.kind === 'invalid') throw new TocsinError('cli/ack', answer.message, { hint: answer.hint });
        if (answer.kind === 'failed')
          throw new TocsinError('cli/ack', `not everything may have been saved: ${answer.message}`, {
            hint: '`tocsin alerts` shows what is; the login needs the privilege to write tocsin-acknowledgements',
          });
        const done = options.expire ? 'expired' : 'acknowledged';
        print({ now: line.clock.now(), done, alerts: answer.alerts }, options.format, PRINTERS, line, options);
      } finally {
        await backend.close();
      }
    });
  return withExamples(
    command,
    [
      ['One alert, by the first characters of its ID', 'tocsin ack 6f1c2a9b --comment "restarting the database"'],
      ['All firing alerts of a rule', 'tocsin ack payments-failing --comment "the provider is down"'],
      ['Remove the acknowledgement', 'tocsin ack payments-failing --expire'],
      ['The IDs of alerts', "tocsin alerts --format json | jq -r '.alerts[] | [.id, .title] | @tsv'"],
    ],
    '0 alerts were acknowledged · 2 no alerts were acknowledged',
  );
};

/** IDs are hexadecimal; so may be the name of a rule, which is found by `alertname=`. */
function whichOf(texts: readonly string[]): WhichAlerts {
  const [only, ...more] = texts;
  const isId = only !== undefined && more.length === 0 && only.length >= SHORTEST_ID && /^[0-9a-f]+$/.test(only);
  return isId ? { id: only } : { matchers: givenMatchers(texts) };
}
