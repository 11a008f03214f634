import { humanDuration } from '../core/duration.ts';
import { iso } from '../core/time.ts';
import type { NoiseOfWeeks, RuleNoise } from '../messages/noise-texts.ts';
import { printJson } from './json.ts';
import { type Look, paletteOf } from './look.ts';
import { type Column, table } from './table.ts';
import { counted } from './wording.ts';

const RULES: readonly Column[] = [
  { title: 'RULE', least: 16 },
  ...(['MESSAGES', 'WEEK BEFORE', 'EPISODES', '< 5M', 'NOT ACKED', 'IN ALERT'] as const).map(
    (title) => ({ title, align: 'right' }) as const,
  ),
];
const TEAMS: readonly Column[] = [
  { title: 'TEAM', least: 16 },
  ...(['IN ALERT', 'WEEK BEFORE', 'EPISODES'] as const).map((title) => ({ title, align: 'right' }) as const),
];

/** How much alerts disturbed in a week, for people. */
export function noiseText({ range, noise, before, more }: NoiseOfWeeks, look: Look): string {
  const { careful } = paletteOf(look);
  const sums = `${counted(noise.messages, 'message')} and ${counted(noise.episodes, 'episode')} from ${iso(range.from)} to ${iso(range.to)}; the week before: ${counted(before.messages, 'message')}, ${counted(before.episodes, 'episode')}.\n`;
  const bound = more ? `${careful('Only the newest 10,000 episodes and messages of each week are counted.')}\n` : '';
  const rules = noise.rules.map((rule) => [
    rule.rule,
    ...[rule.messages, messagesOf(rule, before), rule.episodes, rule.short, rule.unacknowledged].map((count) =>
      count.toLocaleString('en-US'),
    ),
    humanDuration(rule.inAlert),
  ]);
  const teams = noise.teams.map(({ team, inAlert, episodes }) => [
    team === '' ? '(no team)' : team,
    humanDuration(inAlert),
    humanDuration(before.teams.find((one) => one.team === team)?.inAlert ?? 0),
    episodes.toLocaleString('en-US'),
  ]);
  const shown = [
    ...(rules.length === 0 ? [] : [table(RULES, rules, look)]),
    ...(teams.length === 0 ? [] : [table(TEAMS, teams, look)]),
  ];
  return [...shown, `${bound}${sums}`].join('\n');
}

function messagesOf({ rule }: RuleNoise, before: NoiseOfWeeks['before']): number {
  return before.rules.find((one) => one.rule === rule)?.messages ?? 0;
}

/** As noiseText, for scripts. */
export function noiseJson({ range, noise, before, more }: NoiseOfWeeks): string {
  return printJson({ from: iso(range.from), to: iso(range.to), more, ...noiseData(noise), week_before: noiseData(before) });
}

function noiseData({ messages, episodes, rules, teams }: NoiseOfWeeks['noise']) {
  return {
    messages,
    episodes,
    rules: rules.map(({ inAlert, ...rule }) => ({ ...rule, in_alert_ms: inAlert })),
    teams: teams.map(({ inAlert, ...team }) => ({ ...team, in_alert_ms: inAlert })),
  };
}
