import { humanDuration } from '../../core/duration.ts';
import type { TimeRange } from '../../core/time.ts';
import type { Noise } from '../../engine/history/noise.ts';
import type { RecordedMessage } from '../../engine/history/run-history.ts';
import type { Routing } from '../../routing/route.ts';
import { failingReceivers } from '../red.ts';
import type { PresentAlerts } from '../status.ts';
import { ROWS } from './alert-pages.ts';
import { html, many, type PageMarkup, rawMarkup, timeElement, withCode } from './html.ts';
import { pager, pathWith, tableOf } from './layout.ts';
import { messageLink, outcomeWord } from './message-pages.ts';

/** The most records that one page looks at. */
export const MOST_RECORDS = 10_000;

/** The ranges of time that lists of the past can show, and their names. */
export const PAST_DAYS = { '1': 'the last day', '7': 'the last week', '30': 'the last 30 days' } as const;

/** Messages of a range of time, newest first. */
export interface MessagesShown {
  readonly messages: readonly RecordedMessage[];
  readonly hasMore: boolean;
  readonly page: number;
  readonly days: keyof typeof PAST_DAYS;
  readonly receiver: string;
  readonly rule: string;
  readonly receivers: readonly string[];
  readonly problem: string | undefined;
}

/** The messages that were sent, or were to be. */
export function notificationsContent({
  messages,
  hasMore,
  page,
  days,
  receiver,
  rule,
  receivers,
  problem,
}: MessagesShown): PageMarkup {
  const options = receivers.map(
    (name) => html`<option${name === receiver ? rawMarkup(' selected') : undefined}>${name}</option>`,
  );
  const rows = messages.map(({ id, at, receiver: to, channel, outcome, reason, title, parts, rules, attempt, problem: why }) => [
    timeElement(at),
    html`${to} <span class="faint">${channel}</span>`,
    html`${messageLink({ id, title, ...(parts && { parts }) })}<br><span class="faint">${rules.slice(0, 5).join(', ')}${rules.length > 5 ? `, and ${rules.length - 5} more` : ''}</span>`,
    html`${outcomeWord(outcome)}${attempt > 1 ? html` <span class="faint">attempt ${attempt}</span>` : undefined}${why === undefined ? undefined : html`<br>${withCode(why)}`}`,
    html`${reason.replaceAll('_', ' ')}`,
  ]);
  const href = (to: number) =>
    pathWith('/notifications', { receiver, rule, days: days === '1' ? undefined : days, page: to === 1 ? undefined : to });
  return html`<h1>Notifications</h1><form class="search" action="/notifications"><label>Receiver <select name="receiver"><option value="">all</option>${options}</select></label>
<label>ID of a rule <input name="rule" value="${rule}" maxlength="500" spellcheck="false"></label>${daysField(days)}<button>Show</button></form>
<div data-live>${problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`}
${rows.length === 0 ? html`<p>No messages are recorded for ${PAST_DAYS[days]}.</p>` : tableOf('Notifications', ['When', 'Receiver', 'Message', 'Outcome', 'Why'], rows)}${pager(href, page, hasMore)}</div>`;
}

/** The choice of a range of the past. */
function daysField(days: keyof typeof PAST_DAYS): PageMarkup {
  const options = Object.entries(PAST_DAYS).map(
    ([value, name]) => html`<option value="${value}"${value === days ? rawMarkup(' selected') : undefined}>${name}</option>`,
  );
  return html`<label>Time <select name="days">${options}</select></label>`;
}

/** Which rules disturb most. `more`: there were more episodes or messages than were counted. */
export function noiseContent(
  noise: Noise,
  days: keyof typeof PAST_DAYS,
  more: boolean,
  ids: (name: string) => string | undefined,
  problem: string | undefined,
): PageMarkup {
  const rows = noise.rules.slice(0, ROWS).map(({ rule, messages, episodes, short, unacknowledged, inAlert }) => {
    const id = ids(rule);
    return [
      id === undefined ? html`${rule}` : html`<a href="/rules/${encodeURIComponent(id)}">${rule}</a>`,
      html`${messages}`,
      html`${episodes}`,
      html`${short}${short === 0 ? undefined : html` <span class="faint">${Math.round((100 * short) / episodes)} %</span>`}`,
      html`${unacknowledged}${unacknowledged === 0 ? undefined : html` <span class="faint">${Math.round((100 * unacknowledged) / episodes)} %</span>`}`,
      html`${humanDuration(inAlert)}`,
    ];
  });
  const teams = noise.teams
    .slice(0, ROWS)
    .map(({ team, episodes, inAlert }) => [
      html`${team === '' ? 'no team' : team}`,
      html`${episodes}`,
      html`${humanDuration(inAlert)}`,
    ]);
  return html`<h1>Noise</h1><p>Rules that send many messages, or whose episodes end before anyone could look or are never acknowledged, may need a longer <code>for</code>, another threshold or <code>flapping</code>.</p>
<form class="search" action="/noise">${daysField(days)}<button>Show</button></form>
${problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`}${more ? html`<p class="note">Only the newest 10,000 episodes and messages are counted.</p>` : undefined}
<h2>Rules</h2>${rows.length === 0 ? html`<p>Nothing fired in ${PAST_DAYS[days]}.</p>` : tableOf('Rules by noise', ['Rule', 'Messages', 'Episodes', 'Shorter than 5 minutes', 'Never acknowledged', 'Time in alert'], rows)}
<h2>Teams</h2>${teams.length === 0 ? html`<p>Nothing fired in ${PAST_DAYS[days]}.</p>` : tableOf('Time in alert by team', ['Team', 'Episodes', 'Time in alert'], teams)}`;
}

/** How a receiver is. */
interface ReceiverShown {
  readonly name: string;
  readonly destinations: readonly {
    readonly id: string;
    readonly channel: string;
    readonly problem: string | undefined;
    readonly waiting: number;
  }[];
}

/** The receivers with their destinations and whether these take messages. */
export function shownReceivers(routing: Routing, { report }: PresentAlerts): readonly ReceiverShown[] {
  const failing = new Map(failingReceivers(report).map((one) => [one.destination, one]));
  return Object.entries(routing.destinations).map(([name, destinations]) => ({
    name,
    destinations: destinations.map(({ id, channel }) => ({
      ...{ id, channel },
      problem: failing.get(id)?.reason,
      waiting: failing.get(id)?.alerts ?? 0,
    })),
  }));
}

/** The receivers, and what they were last sent. */
export function receiversContent(receivers: readonly ReceiverShown[]): PageMarkup {
  const rows = receivers.flatMap(({ name, destinations }) =>
    destinations.map(({ id, channel, problem, waiting }) => [
      html`${name}`,
      html`${channel} <span class="faint">${id}</span>`,
      problem === undefined
        ? html`<span class="good">no known failures</span>`
        : html`<span class="bad">${withCode(problem)}</span><br>${many(waiting, 'alert')} waiting. Next: <code>tocsin doctor --send-test</code>`,
      html`<a href="${pathWith('/notifications', { receiver: name })}">messages</a>`,
    ]),
  );
  return html`<h1>Receivers</h1><div data-live>${rows.length === 0 ? html`<p>No receiver is configured.</p>` : tableOf('Receivers', ['Receiver', 'Destination', 'State', 'Messages'], rows)}</div>`;
}

/** A range of so many days that ends now. */
export function pastDays(days: keyof typeof PAST_DAYS, now: number, day: number): TimeRange {
  return { from: now - Number(days) * day, to: now + 1 };
}
