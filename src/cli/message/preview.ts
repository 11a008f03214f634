import { isAbsolute, join } from 'node:path';
import type { Payload } from '../../channels/channel.ts';
import { consoleChannel } from '../../channels/console/console.ts';
import { escapeHtml } from '../../channels/email/html.ts';
import { payloadView } from '../../channels/payload-view.ts';
import { channels } from '../../channels/registry.ts';
import { TocsinError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { formatProblem } from '../../core/problems.ts';
import { own } from '../../core/record.ts';
import { HOUR } from '../../core/time.ts';
import { writeFileText } from '../../files/write-file.ts';
import type { Message } from '../../messages/message.ts';
import { firstLine } from '../../messages/sentence.ts';
import { printJson } from '../../reports/json.ts';
import { DEFAULT_LIMITS } from '../../rule-tests/budget.ts';
import { findTestFiles } from '../../rule-tests/find-test-files.ts';
import { runRuleTests } from '../../rule-tests/run-rule-tests.ts';
import type { CommandLine, GlobalOptions } from '../command-line.ts';
import { nearPath, openRulesOf } from '../open-rules.ts';
import { openTests } from '../test.ts';
import { previewOptions } from './preview-options.ts';

/** How a message can be shown: as text, and as each kind of destination gets it. */
export const PREVIEW_CHANNELS: readonly string[] = ['text', ...Object.keys(channels).filter((name) => name !== 'console')];

/** Which message of an incident can be shown. */
export const PREVIEW_STATUSES = ['firing', 'reminder', 'resolved'] as const;
/** One of them. */
export type PreviewStatus = (typeof PREVIEW_STATUSES)[number];

/** A message as a channel sends it. */
export interface Previewed {
  readonly text: string;
  /** A page that shows it about as its readers see it. */
  readonly html: string;
  /** Of Slack: where it can be changed by hand. */
  readonly builder?: string;
  readonly note?: string;
}

interface Wanted extends Pick<GlobalOptions, 'config' | 'color'> {
  readonly channel: string;
  readonly status: PreviewStatus;
  readonly test?: string;
}

/** The message of a rule that its tests send, as a channel shows it. Nothing is sent; throws where no test sends such a message. */
export async function preview(rule: string, line: CommandLine, wanted: Wanted): Promise<Previewed> {
  const messages = await messagesOf(rule, line, wanted);
  const { message, note } = chosen(messages, rule, wanted.status);
  return { ...previewOf(wanted.channel, message), ...(note !== undefined && { note }) };
}

/** A message as a channel shows it. */
export function previewOf(channel: string, message: Message): Omit<Previewed, 'note'> {
  return shown(channel, rendered(channel, message), message);
}

/** Prints a preview, or writes it as a page. */
export async function printPreview(previewed: Previewed, file: string | undefined, line: CommandLine): Promise<void> {
  const { text, builder, note } = previewed;
  if (file === undefined) line.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  else await writePage(file, previewed, line);
  if (builder !== undefined) line.stderr.write(`open it in Slack's Block Kit Builder: ${builder}\n`);
  if (note !== undefined) line.stderr.write(`note: ${note}\n`);
}

async function writePage(file: string, { html }: Previewed, line: CommandLine): Promise<void> {
  const path = isAbsolute(file) ? file : join(line.folder, file);
  const written = await writeFileText(path, html, { replace: true });
  if (!written.ok) throw new TocsinError('cli/file', `${file}: ${written.message}`, { hint: written.hint });
  line.stderr.write(`written to ${file}\n`);
}

function rendered(name: string, message: Message): Payload {
  const channel = own(channels, name) ?? consoleChannel;
  return channel.render(message, undefined, previewOptions(channel));
}

function shown(channel: string, payload: Payload, message: Message): Omit<Previewed, 'note'> {
  const { text, form, page, builder } = payloadView(channel === 'text' ? 'console' : channel, payload, firstLine(message));
  const printed = form === 'json' ? printJson(payload) : text;
  return { text: printed, html: page ?? plainPage(printed, message), ...(builder !== undefined && { builder }) };
}

function plainPage(text: string, message: Message): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(firstLine(message))}</title></head>
<body style="color-scheme:light dark;margin:16px"><pre style="white-space:pre-wrap">${escapeHtml(text)}</pre></body></html>
`;
}

/** What the tests of a rule, or those that are found by the rule's name, send about it, in order. */
async function messagesOf(rule: string, line: CommandLine, wanted: Wanted): Promise<readonly Message[]> {
  const isFile = /\.ya?ml$/i.test(rule);
  const tests = await openTests(isFile ? [rule] : [], line, wanted);
  const found = await findTestFiles(tests.wanted.map((path) => nearPath(path, line.folder)));
  const [problem] = found.problems;
  if (isFile && problem !== undefined) throw new TocsinError(problem.code, formatProblem(problem));
  const messages: Message[] = [];
  const report = await runRuleTests(found.files, {
    ...(wanted.test === undefined ? {} : { filter: wanted.test }),
    ...tests.configured,
    within: found.folders,
    limits: DEFAULT_LIMITS,
    clock: line.clock,
    signal: line.signal,
    onPlayed: ({ observations }) =>
      messages.push(...observations.flatMap(({ notifications }) => notifications.map(({ message }) => message))),
  });
  const about = isFile ? messages : messages.filter(({ alerts }) => alerts.some((alert) => alert.rule === rule));
  if (about.length > 0) return about;
  const broken = [...report.problems, ...report.files.flatMap(({ problems }) => problems)].find(
    ({ severity }) => severity === 'error',
  );
  if (broken !== undefined) throw new TocsinError(broken.code, formatProblem(broken));
  if (!isFile) await checkName(rule, tests.wanted, line.folder);
  throw new TocsinError('message/none', `no test sends a message about ${rule}`, {
    hint: `a rule test beside the rule gives the documents: \`tocsin test init ${isFile ? rule : 'FILE'}\` writes a first one`,
  });
}

/** Names of rules that an error lists. */
const NAMED = 10;

/** A name that no rule has is another error than a rule without a test. */
async function checkName(name: string, paths: readonly string[], folder: string): Promise<void> {
  const { rules } = await openRulesOf([], paths, folder);
  const names = rules.map((rule) => rule.name).sort();
  if (names.includes(name)) return;
  const near = nearest(name, names);
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : '';
  const known =
    names.length === 0 ? `no rules found in ${paths.join(', ')}` : `known: ${names.slice(0, NAMED).join(', ')}${more}`;
  throw new TocsinError('message/none', `no rule is called ${name}`, {
    hint: near === undefined ? `${known}; or name a file` : `did you mean ${near}?`,
  });
}

function chosen(
  messages: readonly Message[],
  rule: string,
  status: PreviewStatus,
): { readonly message: Message; readonly note?: string } {
  const [firing] = messages.filter((message) => message.status !== 'resolved' && message.reason !== 'reminder');
  const found = {
    firing,
    reminder: messages.find(({ reason }) => reason === 'reminder'),
    resolved: messages.find((message) => message.status === 'resolved'),
  }[status];
  if (found !== undefined) return { message: found };
  if (status === 'reminder' && firing !== undefined && firing.status === 'firing') {
    return {
      message: remindedOf(firing),
      note: 'no test goes on until a reminder: this one is made of the first message, 4h later',
    };
  }
  throw new TocsinError('message/none', `no test of ${rule} sends a message that is ${status}`, {
    hint: status === 'resolved' ? 'add documents and a check after which the alert is over' : 'add documents that make it fire',
  });
}

/** The reminder that follows a first message if nothing changes. */
function remindedOf(message: Message): Message {
  const at = message.at + 4 * HOUR;
  const alerts = message.alerts.map(({ evidence: _evidence, ...alert }) => ({ ...alert, change: 'still' as const }));
  const marks = message.title.marks.map((mark) => (mark.status === 'firing' ? { ...mark, remarks: ['still' as const] } : mark));
  return { ...message, reason: 'reminder', at, alerts, title: { ...message.title, marks } };
}
