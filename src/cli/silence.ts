import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { TocsinError } from '../core/errors.ts';
import { namesInstead } from '../core/nearest.ts';
import type { Duration, Instant } from '../core/time.ts';
import { type SilencePreview, type SilencesReport, silencePreview, silencesReport } from '../engine/silence-list.ts';
import { expireSilence, extendSilence, newSilence, sameMatchers } from '../notify/silence-changes.ts';
import {
  type ChangedSilences,
  changedJson,
  changedText,
  previewJson,
  previewText,
  silencesJson,
  silencesText,
} from '../reports/silences-text.ts';
import type { FileSilence, FileSilences } from '../silence-files/file-silence.ts';
import { occurrencesBetween } from '../silence-files/occurrences.ts';
import { givenMatchers } from './alerts.ts';
import { durationArgument, formatOption, withExamples } from './arguments.ts';
import { authorOf } from './author.ts';
import { type Attach, type CommandLine, type GlobalOptions, type Printers, print } from './command-line.ts';
import { parseMoment } from './moment.ts';
import { acceptedSilence, changeEach, changeReport, checkSaved, type SilenceWork, withState } from './silence/silence-work.ts';

type Format = 'text' | 'json';

interface SilenceOptions extends GlobalOptions {
  readonly format: Format;
}

interface EndOptions extends SilenceOptions {
  readonly for?: Duration;
  readonly until?: string;
}

interface AddOptions extends EndOptions {
  readonly from?: string;
  readonly comment: string;
  readonly author?: string;
  readonly link?: string;
  readonly notify?: string;
}

const LISTS: Printers<SilencesReport, Format> = { text: silencesText, json: silencesJson };
const CHANGES: Printers<ChangedSilences, Format> = { text: changedText, json: changedJson };
const PREVIEWS: Printers<SilencePreview, Format> = { text: previewText, json: previewJson };

/** `tocsin silence`: keeps alerts from notifying for a while. */
export const attachSilence: Attach = (line) => {
  const command = new Command('silence').description(
    'Suppress notifications of alerts that match labels, for a while. Alerts are still evaluated; those that started firing during the silence and still fire when it ends are notified then.',
  );
  command.addCommand(listCommand(line), { isDefault: true });
  command.addCommand(addCommand(line));
  command.addCommand(expireCommand(line));
  command.addCommand(extendCommand(line));
  command.addCommand(previewCommand(line));
  return withExamples(command, [
    ['Silence a rule for two hours', 'tocsin silence add pods-near-memory-limit --for 2h --comment "upgrade of the cluster"'],
    ['List the silences', 'tocsin silence'],
  ]);
};

function listCommand(line: CommandLine): Command {
  const command = new Command('list')
    .description('Show silences, and how many active alerts each matches.')
    .option('--expired', 'also show silences that have expired; they are stored for 30 days', false)
    .addOption(formatOption(Object.keys(LISTS)))
    .action(async (_local: unknown, self: Command) => {
      const options = self.optsWithGlobals<SilenceOptions & { readonly expired: boolean }>();
      await withState(line, options, async (state) => {
        print(await silencesReport(state.backend, { ...state, expired: options.expired }), options.format, LISTS, line, options);
      });
    });
  return withExamples(
    command,
    [
      ['Active and pending silences', 'tocsin silence list'],
      ['For scripts', "tocsin silence list --format json | jq -r '.silences[].id'"],
    ],
    '0 success, silences or not · 2 the silences could not be read',
  );
}

function addCommand(line: CommandLine): Command {
  const command = new Command('add')
    .description('Add a silence. It needs a reason, and an end: --for or --until.')
    .argument('<matchers...>', 'matchers for the labels of alerts; all must match. A single word is the name of a rule')
    .addOption(forOption('duration of the silence').conflicts('until'))
    .option('--until <time>', 'end time, such as 2026-01-31T10:00Z')
    .option('--from <time>', 'start time (default: now)')
    .requiredOption('--comment <text>', 'the reason, for your colleagues; required')
    .option('--author <name>', 'author of the silence (default: the user name of this session, or of the system)')
    .option('--link <url>', 'link to more information, such as a ticket')
    .option('--notify <receiver>', 'receiver to notify when the silence ends while matching alerts still fire')
    .addOption(formatOption(Object.keys(CHANGES)))
    .action(async (texts: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<AddOptions>();
      const matchers = givenMatchers(texts);
      const created_by = authorOf(options.author, line, 'cli/silence');
      await withState(line, options, async (state) => {
        const { backend, now } = state;
        const starts_at = options.from === undefined ? now : parseMoment('--from', options.from, now);
        const asked = {
          ...{ matchers, starts_at, ends_at: endOf(options, Math.max(now, starts_at), now) },
          ...{ created_by, comment: options.comment },
          ...(options.link !== undefined && { link: options.link }),
          ...(options.notify !== undefined && { notify: knownReceiver(options.notify, state) }),
        };
        const silence = acceptedSilence(newSilence(randomUUID(), asked, now));
        // The index is made here where it is missing: a write alone would make one without the mappings.
        const stored = await backend.silences.list(now);
        if (!stored.ok) throw new TocsinError('store/unanswered', `the silences cannot be read: ${stored.message}`);
        const same = stored.value.find((other) => sameMatchers(other, silence));
        checkSaved(await backend.silences.put(silence), silence.id);
        const done = { ...(await changeReport('added', [silence], state)), ...(same && { same: same.id }) };
        print(done, options.format, CHANGES, line, options);
      });
    });
  return withExamples(
    command,
    [
      ['A rule, for two hours', 'tocsin silence add pods-near-memory-limit --for 2h --comment "cluster upgrade"'],
      [
        'All alerts of a team except critical ones',
        'tocsin silence add team=shop severity!=critical --for 30m --comment "load test"',
      ],
      [
        'Planned maintenance',
        'tocsin silence add \'host.name=~"db-.*"\' --from 2026-02-01T22:00Z --until 2026-02-02T02:00Z --comment "disks" --link https://tickets.example/42',
      ],
    ],
    '0 the silence was saved · 2 it was not saved',
  );
}

function expireCommand(line: CommandLine): Command {
  const command = new Command('expire')
    .description('End silences now. Alerts that started firing during the silence and still fire are notified.')
    .argument('<ids...>', 'IDs, or their first characters')
    .addOption(formatOption(Object.keys(CHANGES)))
    .action(async (ids: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<SilenceOptions>();
      await withState(line, options, async (state) => {
        const silences = await changeEach(ids, state, (silence) => expireSilence(silence, state.now));
        print(await changeReport('expired', silences, state), options.format, CHANGES, line, options);
      });
    });
  return withExamples(command, [
    ['One silence, by the first characters of its ID', 'tocsin silence expire 6f1c2a9b'],
    ['All of them', "tocsin silence list --format json | jq -r '.silences[].id' | xargs tocsin silence expire"],
  ]);
}

function extendCommand(line: CommandLine): Command {
  const command = new Command('extend')
    .description('Move the end of silences, counted from now.')
    .argument('<ids...>', 'IDs, or their first characters')
    .addOption(forOption('new duration, counted from now').conflicts('until'))
    .option('--until <time>', 'end time, such as 2026-01-31T10:00Z')
    .addOption(formatOption(Object.keys(CHANGES)))
    .action(async (ids: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<EndOptions>();
      await withState(line, options, async (state) => {
        const { now } = state;
        const silences = await changeEach(ids, state, (silence) =>
          extendSilence(silence, endOf(options, Math.max(now, silence.starts_at), now), now),
        );
        print(await changeReport('extended', silences, state), options.format, CHANGES, line, options);
      });
    });
  return withExamples(command, [
    ['Two more hours from now', 'tocsin silence extend 6f1c2a9b --for 2h'],
    ['Until a time', 'tocsin silence extend 6f1c2a9b --until 2026-02-02T06:00Z'],
  ]);
}

function previewCommand(line: CommandLine): Command {
  const command = new Command('preview')
    .description('Show which alerts a silence would suppress now, and which episodes it would have suppressed.')
    .argument('[matchers...]', 'as for `tocsin silence add`')
    .option('--silence <name>', 'a silence planned in a file, instead of matchers: shows what it suppressed while it was active')
    .option('--from <time>', 'start of the time range', 'now-7d')
    .addOption(formatOption(Object.keys(PREVIEWS)))
    .action(async (texts: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<SilenceOptions & { readonly from: string; readonly silence?: string }>();
      const given = givenMatchers(texts);
      if ((given.length === 0) === (options.silence === undefined))
        throw new TocsinError('cli/usage', 'expected matchers, or a silence of a file', { hint: 'team=shop, or --silence NAME' });
      await withState(line, options, async (state) => {
        const past = { from: parseMoment('--from', options.from, state.now), to: state.now };
        if (past.from >= past.to) throw new TocsinError('cli/moment', '--from is not in the past', { hint: 'such as now-7d' });
        const planned = options.silence === undefined ? undefined : plannedSilence(options.silence, state.files);
        const wanted =
          planned === undefined ? { matchers: given } : { matchers: planned.matchers, within: occurrencesBetween(planned, past) };
        print(await silencePreview(state.backend, { ...state, ...wanted, past }), options.format, PREVIEWS, line, options);
      });
    });
  return withExamples(command, [
    ['Preview a silence for a team', 'tocsin silence preview team=shop severity!=critical'],
    ['Show what a planned maintenance suppressed in the last week', 'tocsin silence preview --silence db-weekly'],
    ['Over a month', 'tocsin silence preview host.name=db-1 --from now-30d'],
  ]);
}

/** The silence of a file by its name, with or without `file:`. */
function plannedSilence(name: string, { silences }: FileSilences): FileSilence {
  const found = silences.find((one) => one.id === name || one.name === name);
  if (found !== undefined) return found;
  throw new TocsinError('cli/silence', `no file contains a silence ${JSON.stringify(name)}`, {
    hint: namesInstead(
      name,
      silences.map((one) => one.name),
    ),
  });
}

function forOption(what: string): Option {
  return new Option('--for <duration>', `${what}, such as 2h`).argParser(durationArgument);
}

function endOf(options: EndOptions, start: Instant, now: Instant): Instant {
  if (options.until !== undefined) return parseMoment('--until', options.until, now);
  if (options.for !== undefined) return start + options.for;
  throw new TocsinError('cli/silence', 'the end of the silence is missing', {
    hint: 'add --for 2h or --until 2026-01-31T10:00Z',
  });
}

/** A configuration with errors may leave its receivers unknown. */
function knownReceiver(name: string, { receivers }: SilenceWork): string {
  if (receivers === undefined || receivers.includes(name)) return name;
  throw new TocsinError('cli/silence', `unknown receiver ${JSON.stringify(name)}`, { hint: namesInstead(name, receivers) });
}
