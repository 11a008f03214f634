import { type SlackWebApi, slackReason } from '../channels/slack/web-api.ts';
import { hashId } from '../core/ids.ts';
import type { Clock, Instant } from '../core/time.ts';
import type { ReportedAlert } from '../engine/alert-list/alert-list.ts';
import type { Changed, SlackDesk, SlackOutcome } from './desk.ts';
import type { Press } from './interaction.ts';
import { hasLine, messageWithLine } from './pressed.ts';
import type { SlackProfile } from './profiles.ts';
import { knownTimezone, silenceEnd, silencesFor } from './silence-plan.ts';
import { acknowledgedLine, refusalText, silencedLine, silencedText, storyText } from './texts.ts';

/** What a button needs. */
export interface ButtonParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly desk: SlackDesk;
  readonly api: SlackWebApi;
  readonly profile: (user: string) => Promise<SlackProfile>;
  /** Shows a text to the one who pressed alone. */
  readonly whisper: (text: string) => Promise<void>;
  readonly failed: (problem: string) => void;
}

/** Episodes that are explained at once: each asks the cluster. */
const MOST_EXPLAINED = 3;
const MOST_SILENCES = 20;

/** Does what a button says, and shows who pressed it, in the message and in its thread; what goes wrong is shown to them alone. */
export async function pressButton(press: Press, parts: ButtonParts): Promise<SlackOutcome> {
  const found = await parts.desk.find(press.episodes);
  if (found.kind === 'refused') return refuse(found, parts);
  if (press.action === 'explain') return explainThem(found.alerts, parts);
  const { name, timezone } = await parts.profile(press.user);
  const by = `${name || press.name || press.user} (Slack ${press.user})`;
  return press.action === 'acknowledge'
    ? acknowledge(press, by, parts)
    : silence(press, found.alerts, { by, timezone: knownTimezone(timezone, parts.desk.timezoneOf(press.receiver)) }, parts);
}

async function acknowledge(press: Press, by: string, parts: ButtonParts): Promise<SlackOutcome> {
  const done = await parts.desk.acknowledge(press.episodes, by, 'acknowledged in Slack');
  if (done.kind === 'refused') return refuse(done, parts);
  const at = pressedAt(press, parts.clock.now());
  if (done.kind === 'repeated') {
    // Of this very press, which was delivered before.
    if (done.alerts.every(({ acknowledged }) => acknowledged !== undefined && acknowledged.at >= at)) return 'ignored';
    await parts.whisper('You have acknowledged this already.');
    return 'done';
  }
  const line = acknowledgedLine(press.user, at);
  return show(press, line, line, parts);
}

async function silence(
  press: Press,
  alerts: readonly ReportedAlert[],
  { by, timezone }: { readonly by: string; readonly timezone: string },
  parts: ButtonParts,
): Promise<SlackOutcome> {
  const at = pressedAt(press, parts.clock.now());
  const until = silenceEnd(press.action, at, timezone);
  const plan = silencesFor(alerts);
  if (until === undefined) return 'ignored';
  if (plan.length > MOST_SILENCES)
    return refuse({ kind: 'refused', message: 'these alerts have too little in common', hint: '`tocsin silence add`' }, parts);
  let isRepeat = true;
  for (const matchers of plan) {
    const id = uuidOf(press.ts, press.user, press.action, press.pressed, matchers);
    const made = await parts.desk.silence({ id, matchers, until, by, comment: 'silenced in Slack' });
    if (made.kind === 'refused') return refuse(made, parts);
    if (made.kind === 'done') isRepeat = false;
  }
  if (isRepeat) return 'ignored';
  const line = silencedLine(press.user, until, at);
  return show(press, line, silencedText(line, plan), parts);
}

async function explainThem(alerts: readonly ReportedAlert[], parts: ButtonParts): Promise<SlackOutcome> {
  for (const alert of alerts.slice(0, MOST_EXPLAINED))
    await parts.whisper(storyText(alert.title, await parts.desk.explain(alert)));
  const left = alerts.length - MOST_EXPLAINED;
  if (left > 0) await parts.whisper(`${left} more: \`tocsin explain\``);
  return 'done';
}

/** Shows who pressed in the message, then in its thread. The change is made by then: what cannot be shown undoes nothing. */
async function show(press: Press, line: string, inThread: string, { api, failed, whisper }: ButtonParts): Promise<SlackOutcome> {
  if (hasLine(press.message, line)) return 'ignored';
  const { channel, ts } = press;
  const changed = messageWithLine(press.message, line);
  const updated = changed === undefined ? undefined : await api.call('chat.update', { ...changed, channel, ts });
  const replied = await api.call('chat.postMessage', { channel, thread_ts: ts, text: inThread });
  for (const said of [updated, replied])
    if (said?.ok === false) failed(`the user who clicked a button could not be shown: ${slackReason(said.outcome).text}`);
  if (!replied.ok) await whisper(inThread);
  return 'done';
}

async function refuse({ message, hint }: Extract<Changed, { kind: 'refused' }>, { whisper }: ButtonParts): Promise<SlackOutcome> {
  await whisper(refusalText(message, hint));
  return 'refused';
}

/** Slack says when it was pressed: so all replicas come to the same end and the same words. Not believed where it is far off. */
function pressedAt({ pressed }: Press, now: Instant): Instant {
  const at = Math.round(Number(pressed) * 1_000);
  return Number.isFinite(at) && Math.abs(now - at) < 600_000 ? at : now;
}

/** An ID in the form of a UUID, as other silences have it, out of what makes the press the one it is. */
function uuidOf(...parts: readonly unknown[]): string {
  return hashId('slack', ...parts).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
