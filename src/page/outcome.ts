import { alertEpisodes, timeInAlert } from '../backtest/alert-episodes.ts';
import type { RuleStory } from '../backtest/rule-story.ts';
import { type Thresholds, thresholdsOf } from '../conditions/thresholds.ts';
import { humanDuration } from '../core/duration.ts';
import { pageText as text } from '../core/html-text.ts';
import { iso, type TimeRange } from '../core/time.ts';
import type { ReadingSeries } from '../replay/readings.ts';
import { episodesOf, longestOf } from '../reports/dry-run/episodes.ts';
import { countsText, episodeCounts } from '../reports/pr/episode-counts.ts';
import { prChart } from '../reports/pr/pr-chart.ts';
import { counted, groupValues } from '../reports/wording.ts';
import type { DecidingKeys } from '../rules/deciding-keys.ts';

/** What a rule did, and what it measured meanwhile. */
export interface ShownStory {
  readonly story: RuleStory;
  readonly readings: readonly ReadingSeries[];
}

/** The deciding keys of both. */
interface ShownKeys {
  readonly asItIs: DecidingKeys;
  readonly edited: DecidingKeys;
}

const ROWS_SHOWN = 100;

/** What the edited rule does beside the rule as it is, as HTML in which every text is escaped. */
export function outcomeHtml(asItIs: ShownStory, edited: ShownStory, keys: ShownKeys, range: TimeRange): string {
  return [
    numbersTable(asItIs.story, edited.story, range),
    prChart(
      [
        { name: 'as it is', played: { ...asItIs, ...thresholdsIn(keys.asItIs) } },
        { name: 'edited', played: { ...edited, ...thresholdsIn(keys.edited) } },
      ],
      range,
    ),
    `<p>${text(countsText(episodeCounts(asItIs.story, edited.story, range)))}</p>`,
    episodesTable(edited.story, range),
    messagesTable(edited.story),
  ].join('');
}

function thresholdsIn({ levels, condition }: DecidingKeys): { readonly thresholds?: Thresholds } {
  const thresholds = thresholdsOf(levels?.map((level) => level.condition) ?? [condition ?? '']);
  return thresholds === undefined ? {} : { thresholds };
}

/** One sentence for screen readers. */
export function outcomeSentence(asItIs: RuleStory, edited: RuleStory, { to }: TimeRange): string {
  const numbers = (story: RuleStory) => [
    counted(episodesOf(story, to).length, 'episode'),
    counted(story.notifications.length, 'message'),
  ];
  return `Edited: ${numbers(edited).join(', ')}. Current: ${numbers(asItIs).join(', ')}.`;
}

function numbersTable(asItIs: RuleStory, edited: RuleStory, range: TimeRange): string {
  const row = (name: string, of: (story: RuleStory) => string) => {
    const [old, young] = [of(asItIs), of(edited)];
    return `<tr><th scope="row">${name}</th><td>${text(old)}</td><td>${old === young ? text(young) : `<strong>${text(young)}</strong>`}</td></tr>`;
  };
  const longest = (story: RuleStory) => {
    const found = longestOf(episodesOf(story, range.to));
    return found === undefined ? '–' : humanDuration(found.duration);
  };
  const rows = [
    row('Episodes', (story) => String(episodesOf(story, range.to).length)),
    row('Messages', (story) => String(story.notifications.length)),
    row('Time in alert', (story) => humanDuration(timeInAlert(episodesOf(story, range.to), range))),
    row('Longest', longest),
  ];
  return `<table class="numbers"><thead><tr><td></td><th scope="col">Current</th><th scope="col">Edited</th></tr></thead><tbody>${rows.join('')}</tbody></table><p class="faint">Only messages of this rule are counted.</p>`;
}

function episodesTable(story: RuleStory, { to }: TimeRange): string {
  const all = alertEpisodes(story, to);
  if (all.length === 0) return '<p>No episodes.</p>';
  const rows = all.slice(0, ROWS_SHOWN).map(({ group, from, to: end, open, severity }) => {
    const cells = [timeText(from), open ? 'still firing' : timeText(end), severity, groupValues(group)];
    return `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
  });
  return listed('Episodes', ['Fires', 'Resolved', 'Severity', 'Group'], rows, all.length);
}

function messagesTable({ notifications }: RuleStory): string {
  if (notifications.length === 0) return '<p>No messages.</p>';
  const rows = notifications.slice(0, ROWS_SHOWN).map(({ at, receiver, channel, reason, alerts }) => {
    const cells = [timeText(at), receiver, channel, reason, String(alerts)];
    return `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`;
  });
  return listed('Messages', ['Sent', 'Receiver', 'Channel', 'Reason', 'Alerts'], rows, notifications.length);
}

function listed(name: string, head: readonly string[], rows: readonly string[], all: number): string {
  const more = all > rows.length ? `<p class="faint">The first ${rows.length} of ${all.toLocaleString('en-US')}.</p>` : '';
  const cells = head.map((title) => `<th scope="col">${title}</th>`).join('');
  return `<details><summary>${name} of the edited rule: ${all.toLocaleString('en-US')}</summary><div class="wide" tabindex="0" role="region" aria-label="${name} of the edited rule"><table class="${name.toLowerCase()}"><thead><tr>${cells}</tr></thead><tbody>${rows.join('')}</tbody></table></div>${more}</details>`;
}

/** To the second, as ticks are: `2026-01-24 10:05:00Z`. */
function timeText(at: number): string {
  return iso(at).slice(0, 19).replace('T', ' ').concat('Z');
}
