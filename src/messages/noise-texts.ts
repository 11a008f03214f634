import { humanDuration } from '../core/duration.ts';
import type { TimeRange } from '../core/time.ts';
import { firstUnits } from '../core/truncate.ts';
import type { Template } from '../templates/template.ts';
import type { KnownRule } from './known-rule.ts';

/** How much one rule disturbs. */
export interface RuleNoise {
  readonly rule: string;
  readonly messages: number;
  readonly episodes: number;
  /** Episodes shorter than five minutes. */
  readonly short: number;
  /** Episodes that no one acknowledged. */
  readonly unacknowledged: number;
  /** Time in alert, ms: the sum over its episodes, within the range. */
  readonly inAlert: number;
}

/** What disturbed most in a range of time. */
export interface Noise {
  /** Messages that were sent, and episodes that fired. */
  readonly messages: number;
  readonly episodes: number;
  /** Noisiest first. */
  readonly rules: readonly RuleNoise[];
  /** Time in alert by the label `team`, ms, the longest first; the empty text: without a team. */
  readonly teams: readonly { readonly team: string; readonly episodes: number; readonly inAlert: number }[];
}

/** The noise of a week, and of the week before it. */
export interface NoiseOfWeeks {
  readonly range: TimeRange;
  readonly noise: Noise;
  readonly before: Noise;
  /** There was more than is counted. */
  readonly more: boolean;
}

/** The rule that noise digests are events of; it is evaluated nowhere. */
export const NOISE_RULE_ID = 'tocsin-noise';

const LISTED = 10;
const LONGEST_NAME = 80;

/** The report of a week in words: its message takes its title from the first sentence; lines that begin with `- ` are a list. */
export function noiseReport({ range, noise, before, more }: NoiseOfWeeks, timezone: string): string {
  const days = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, day: 'numeric', month: 'long', year: 'numeric' });
  const week = `from ${days.format(range.from)} to ${days.format(range.to)}`;
  const past = `The week before: ${counted(before.messages, 'message')}, ${counted(before.episodes, 'episode')}.`;
  if (noise.messages + noise.episodes === 0) return `Nothing fired and nothing was sent ${week}. ${past}`;
  const rules = noise.rules.map((rule) => ruleLine(rule, before));
  const teams = noise.teams.map(({ team, episodes, inAlert }) => {
    const was = before.teams.find((one) => one.team === team)?.inAlert ?? 0;
    return `- ${nameOf(team === '' ? 'no team' : team)}: ${humanDuration(inAlert)} in alert (${humanDuration(was)} the week before), ${counted(episodes, 'episode')}`;
  });
  return [
    `${counted(noise.messages, 'message')} and ${counted(noise.episodes, 'episode')} ${week}. ${past}`,
    ...(more ? ['Only the newest 10,000 episodes and messages of each week are counted.'] : []),
    ...['', 'Rules, noisiest first:', ...listed(rules, 'rule')],
    ...(teams.length === 0 ? [] : ['', 'Teams, longest in alert first:', ...listed(teams, 'team')]),
    ...[
      '',
      'Alerts that resolve before anyone can look, or that no one acknowledges, may need a longer "for", a different threshold or "flapping".',
    ],
  ].join('\n');
}

function ruleLine({ rule, messages, episodes, short, unacknowledged, inAlert }: RuleNoise, before: Noise): string {
  const was = before.rules.find((one) => one.rule === rule)?.messages ?? 0;
  const parts = [
    `${counted(messages, 'message')} (${was.toLocaleString('en-US')} the week before)`,
    counted(episodes, 'episode'),
    ...(short === 0 ? [] : [`${short} shorter than 5 minutes`]),
    ...(unacknowledged === 0 ? [] : [`${unacknowledged} never acknowledged`]),
    `${humanDuration(inAlert)} in alert`,
  ];
  return `- ${nameOf(rule)}: ${parts.join(', ')}`;
}

function listed(all: readonly string[], noun: string): readonly string[] {
  const more = all.length - LISTED;
  return [...all.slice(0, LISTED), ...(more > 0 ? [`- and ${counted(more, noun).replace(/^(\S+)/, '$1 more')}`] : [])];
}

/** A name on one line. */
function nameOf(name: string): string {
  return firstUnits(name.replace(/\s+/g, ' ').trim(), LONGEST_NAME);
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

const TITLE: Template = {
  source: '',
  render: (scope) => {
    const [, what = 'a week'] = /^(.+?) from \d/.exec(reportIn(scope)) ?? [];
    return { ok: true, text: `Tocsin: noise report, ${what.charAt(0).toLowerCase()}${what.slice(1)}` };
  },
};

/** Nothing in it is formatting but its lists: names of rules and teams are shown as they are. */
const TEXT: Template = {
  source: '',
  render: (scope) => ({ ok: true, text: reportIn(scope) }),
  renderMarkup: (scope) => {
    const text = reportIn(scope);
    const markup = text.split('\n').map((line) => ({ item: line.startsWith('- '), parts: [line.replace(/^- /, '')] }));
    return { ok: true, text, markup };
  },
};

function reportIn({ report }: Readonly<Record<string, unknown>>): string {
  return typeof report === 'string' ? report : '';
}

/** The rule of noise digests as messages know it. */
export const KNOWN_NOISE_RULE: KnownRule = {
  name: 'TocsinNoise',
  message: { title: TITLE, text: TEXT },
  source: { indices: [], timeField: '@timestamp' },
  query: { language: 'dsl', text: '' },
  page: { label: 'Noise', path: '/noise' },
};
