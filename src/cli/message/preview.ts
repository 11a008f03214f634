import { isAbsolute, join } from 'node:path';
import type { Payload } from '../../channels/channel.ts';
import { pictureUrl } from '../../channels/chart-key.ts';
import { consoleChannel } from '../../channels/console/console.ts';
import { payloadView } from '../../channels/payload-view.ts';
import { channels } from '../../channels/registry.ts';
import { slackChannel } from '../../channels/slack/slack.ts';
import { TocsinError } from '../../core/errors.ts';
import { escapeHtml } from '../../core/html-text.ts';
import { namesInstead } from '../../core/nearest.ts';
import { formatProblem } from '../../core/problems.ts';
import { own } from '../../core/record.ts';
import { HOUR, timeLimit } from '../../core/time.ts';
import { chartsDrawnBy } from '../../engine/charts.ts';
import { KNOWN_HEALTH_RULE } from '../../engine/self-monitoring/health-rule.ts';
import { writeFileText } from '../../files/write-file.ts';
import type { Message, MessageChart } from '../../messages/message.ts';
import { firstLine } from '../../messages/sentence.ts';
import { printJson } from '../../reports/json.ts';
import { DEFAULT_LIMITS } from '../../rule-tests/budget.ts';
import { findTestFiles } from '../../rule-tests/find-test-files.ts';
import type { Played } from '../../rule-tests/observation.ts';
import { runRuleTests } from '../../rule-tests/run-rule-tests.ts';
import type { CommandLine, GlobalOptions } from '../command-line.ts';
import { nearPath, openRulesOf } from '../open-rules.ts';
import { openCluster, openTests } from '../test/open-tests.ts';
import { type PreviewCharts, previewCharts } from './preview-chart.ts';
import { previewOptions, slackAppOptions } from './preview-options.ts';

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
  readonly notes: readonly string[];
}

interface Wanted extends Pick<GlobalOptions, 'config' | 'color'> {
  readonly channel: string;
  readonly status: PreviewStatus;
  readonly test?: string;
  /** The cluster on which the tests are played; without it they are in memory. */
  readonly elasticsearch?: string;
  /** Whether it is looked at as a page, which shows its chart. */
  readonly asPage: boolean;
}

/** The message of a rule that its tests send, as a channel shows it. Nothing is sent; throws where no test sends such a message. */
export async function preview(rule: string, line: CommandLine, wanted: Wanted): Promise<Previewed> {
  const charts = previewCharts();
  const messages = await messagesOf(rule, line, wanted, charts);
  const { message, note } = chosen(messages, rule, wanted.status);
  const notes = note === undefined ? [] : [note];
  if (!wanted.asPage) return { ...previewOf(wanted.channel, message), notes };
  const charted = await charts.drawn(message, (text) => notes.push(text));
  if (wanted.channel === 'slack' && charted.chart !== undefined)
    notes.push('apps show the chart, webhooks do not: see "Slack apps" in docs/destinations.md');
  return { ...previewOf(wanted.channel, charted), notes };
}

/** A message as a channel shows it: its chart on the page alone. */
export function previewOf(channel: string, { chart, ...message }: Message): Omit<Previewed, 'notes'> {
  const payload = rendered(channel, message);
  const view = payloadView(channel === 'text' ? 'console' : channel, payload, firstLine(message));
  const printed = view.form === 'json' ? printJson(payload) : view.text;
  const page = chart === undefined ? view.page : chartedPage(channel, { ...message, chart });
  const html = page ?? plainPage(printed, message, showsCharts(channel) ? chart : undefined);
  return { text: printed, html, ...(view.builder !== undefined && { builder: view.builder }) };
}

/** The page of a channel whose messages have a look of their own. Webhooks of Slack show no chart, so it is one of an app. */
function chartedPage(channel: string, message: Message): string | undefined {
  const payload = channel === 'slack' ? slackChannel.render(message, undefined, slackAppOptions()) : rendered(channel, message);
  return payloadView(channel === 'text' ? 'console' : channel, payload, firstLine(message)).page;
}

/** Prints a preview, or writes it as a page. */
export async function printPreview(
  previewed: Omit<Previewed, 'notes'> & Partial<Previewed>,
  file: string | undefined,
  line: CommandLine,
): Promise<void> {
  const { text, builder, notes = [] } = previewed;
  if (file === undefined) line.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  else await writePage(file, previewed, line);
  if (builder !== undefined) line.stderr.write(`open it in Slack's Block Kit Builder: ${builder}\n`);
  for (const note of notes) line.stderr.write(`note: ${note}\n`);
}

async function writePage(file: string, { html }: Pick<Previewed, 'html'>, line: CommandLine): Promise<void> {
  const path = isAbsolute(file) ? file : join(line.folder, file);
  const written = await writeFileText(path, html, { replace: true });
  if (!written.ok) throw new TocsinError('cli/file', `${file}: ${written.message}`, { hint: written.hint });
  line.stderr.write(`written to ${file}\n`);
}

function rendered(name: string, message: Message): Payload {
  const channel = own(channels, name) ?? consoleChannel;
  return channel.render(message, undefined, previewOptions(channel));
}

function showsCharts(name: string): boolean {
  const channel = own(channels, name);
  return channel?.charts?.(previewOptions(channel)) === true;
}

function plainPage(text: string, message: Message, chart?: MessageChart): string {
  const { width = 0, text: alt = '' } = chart ?? {};
  const picture = chart && `<img src="${pictureUrl(chart)}" width="${width}" style="max-width:100%" alt="${escapeHtml(alt)}">`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(firstLine(message))}</title></head>
<body style="color-scheme:light dark;margin:16px"><pre style="white-space:pre-wrap">${escapeHtml(text)}</pre>${picture ?? ''}</body></html>
`;
}

/** What the tests of a rule, or those that are found by the rule's name, send about it, in order. */
async function messagesOf(rule: string, line: CommandLine, wanted: Wanted, { draw }: PreviewCharts): Promise<readonly Message[]> {
  const isFile = /\.ya?ml$/i.test(rule);
  const tests = await openTests(isFile ? [rule] : [], line, wanted);
  const found = await findTestFiles(tests.wanted.map((path) => nearPath(path, line.folder)));
  const [problem] = found.problems;
  if (isFile && problem !== undefined) throw new TocsinError(problem.code, formatProblem(problem));
  const cluster =
    wanted.elasticsearch === undefined ? undefined : await openCluster(wanted.elasticsearch, tests.config, line, wanted);
  const messages: Message[] = [];
  const failed: Played['failed'][number][] = [];
  const report = await runRuleTests(found.files, {
    ...(wanted.test === undefined ? {} : { filter: wanted.test }),
    ...tests.configured,
    ...(cluster !== undefined && { open: cluster.open, deadline: timeLimit }),
    ...(wanted.asPage && { charts: chartsDrawnBy(draw) }),
    within: found.folders,
    limits: DEFAULT_LIMITS,
    clock: line.clock,
    signal: line.signal,
    onPlayed: (played) => {
      messages.push(...played.observations.flatMap(({ notifications }) => notifications.map(({ message }) => message)));
      failed.push(...played.failed);
    },
  }).finally(() => cluster?.close());
  const about = isFile ? messages : messages.filter(({ alerts }) => alerts.some((alert) => alert.rule === rule));
  const unanswered = failed.find((one) => (isFile || one.rule === rule) && one.problem.startsWith('unsupported'))?.problem;
  if (unanswered !== undefined && about.every(isOfHealth))
    throw new TocsinError('message/none', `no test sends a message about ${rule}: ${unanswered}`, {
      hint: 'play the tests on a cluster: --elasticsearch URL',
    });
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

function isOfHealth({ alerts }: Message): boolean {
  return alerts.every(({ rule }) => rule === KNOWN_HEALTH_RULE.name);
}

/** A name that no rule has is another error than a rule without a test. */
async function checkName(name: string, paths: readonly string[], folder: string): Promise<void> {
  const { rules } = await openRulesOf([], paths, folder);
  const names = rules.map((rule) => rule.name).sort();
  if (names.includes(name)) return;
  const known = names.length === 0 ? `no rules found in ${paths.join(', ')}` : namesInstead(name, names);
  throw new TocsinError('message/none', `there is no rule named ${name}`, { hint: `${known}; or name a file` });
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
      note: 'no test runs until a reminder: this one is made from the first message, as of 4h later',
    };
  }
  throw new TocsinError('message/none', `no test of ${rule} sends a message with the status ${status}`, {
    hint: status === 'resolved' ? 'add documents, and a check after the alert has ended' : 'add documents that make it fire',
  });
}

/** The reminder that follows a first message if nothing changes. */
function remindedOf(message: Message): Message {
  const at = message.at + 4 * HOUR;
  const { chart: _before, ...rest } = message;
  const alerts = message.alerts.map(({ evidence: _evidence, ...alert }) => ({ ...alert, change: 'still' as const }));
  const marks = message.title.marks.map((mark) => (mark.status === 'firing' ? { ...mark, remarks: ['still' as const] } : mark));
  return { ...rest, reason: 'reminder', at, alerts, title: { ...message.title, marks } };
}
