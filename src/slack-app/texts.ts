import { oneLine } from '../channels/clean-text.ts';
import { bold, codeBlock, inlineCode, joined, sentenceMrkdwn, slackMention, slackText, words } from '../channels/slack/mrkdwn.ts';
import type { Instant } from '../core/time.ts';
import type { ReportedAlert } from '../engine/alert-list/alert-list.ts';
import { formatMatcher } from '../routing/parse-matcher.ts';
import type { Matcher } from '../routing/route.ts';

const MOST_LISTED = 20;
const LONGEST: number = 3_000;

/** What the command does. */
export const HELP = [
  '`/tocsin firing` lists firing alerts.',
  '`/tocsin help` shows this help.',
  'Below each message about a firing alert:',
  '• *Acknowledge*: you are working on it. Reminders and escalation stop until it gets worse or ends.',
  '• *Silence*: no messages about these alerts for 1 hour, 4 hours, or until 8:00 in your time zone.',
  '• *Explain*: the query, the deciding condition, and who was notified. Only you see the reply.',
].join('\n');

/** The answer to a command that there is not. */
export function unknownCommand(given: string): string {
  return `There is no command ${inlineCode(given, 60)}.\n${HELP}`;
}

/** The alerts that fire, as a list. `problem`: they could not be read now, and the list may be old. */
export function firingText(alerts: readonly ReportedAlert[], now: Instant, problem: string | undefined): string {
  const warning =
    problem === undefined ? [] : [`:warning: The state could not be read, so this may be incomplete: ${words(problem, 300)}`];
  if (alerts.length === 0)
    return [...warning, problem === undefined ? 'No alerts are firing.' : 'No known alerts are firing.'].join('\n');
  const count = `${alerts.length} ${alerts.length === 1 ? 'alert fires' : 'alerts fire'}`;
  const lines = alerts.slice(0, MOST_LISTED).map((alert) => firingLine(alert, now));
  const shown = joined(lines, '\n', LONGEST - 600);
  const listed = shown === '' ? 0 : shown.split('\n').length;
  const more = alerts.length > listed ? [`… and ${alerts.length - listed} more: \`tocsin alerts\``] : [];
  return [...warning, bold(count), shown, ...more].join('\n');
}

function firingLine({ title, severity, since, acknowledged, suppressedBy }: ReportedAlert, now: Instant): string {
  const held = suppressedBy === undefined ? [] : [`held back: ${suppressedBy}`];
  const works =
    acknowledged === undefined || acknowledged.worse === true ? [] : [`acknowledged by ${words(acknowledged.by, 80)}`];
  return [`• ${bold(severity ?? 'warning')} ${words(title, 150)}`, `since ${slackTime(since, now)}`, ...held, ...works].join(
    ' · ',
  );
}

/** Who pressed a button, for the message and its thread. */
export function acknowledgedLine(user: string, at: Instant): string {
  return `Acknowledged by ${mention(user)} at ${slackTime(at, at)}`;
}

/** The same of a silence. */
export function silencedLine(user: string, until: Instant, at: Instant): string {
  return `Silenced by ${mention(user)} until ${slackTime(until, at)}`;
}

/** What a silence matches, in its thread. */
export function silencedText(line: string, matchers: readonly (readonly Matcher[])[]): string {
  const each = matchers.map((one) => inlineCode(one.map(formatMatcher).join(' '), 400));
  return joined([line, ...each], '\n', LONGEST);
}

/** A story, for one who asks for it. */
export function storyText(title: string, story: string): string {
  return `${bold(title)}\n${codeBlock(story, LONGEST - 400)}`;
}

/** What goes wrong, with the next step. */
export function refusalText(message: string, hint?: string): string {
  return [words(message, 500), ...(hint === undefined || hint === '' ? [] : [slackText(oneLine(hint, 300), 300)])].join('\n');
}

function mention(user: string): string {
  return slackMention(user) ?? 'someone';
}

function slackTime(at: Instant, now: Instant): string {
  return sentenceMrkdwn([{ at }], { at: now });
}
