import { own } from '../core/record.ts';
import { MINUTE, type TimeRange } from '../core/time.ts';
import type { RecordedAcknowledgement, RecordedEpisode, RecordedMessage } from '../engine/history/run-history.ts';

/** An episode that ends within this time was hardly worth a message. */
const SHORT = 5 * MINUTE;

/** How much one rule disturbs. */
interface RuleNoise {
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
  /** The noisiest first. */
  readonly rules: readonly RuleNoise[];
  /** Time in alert by the label `team`, ms, the longest first; the empty text: without a team. */
  readonly teams: readonly { readonly team: string; readonly episodes: number; readonly inAlert: number }[];
}

/** What was recorded in a range of time. */
interface NoiseRecords {
  readonly episodes: readonly RecordedEpisode[];
  readonly messages: readonly RecordedMessage[];
  readonly acknowledgements: readonly RecordedAcknowledgement[];
}

/** Counts messages and episodes by rule, and time in alert by team. */
export function noiseOf({ episodes, messages, acknowledgements }: NoiseRecords, range: TimeRange): Noise {
  const worked = new Map<string, number[]>();
  for (const { alert, at } of acknowledgements) worked.set(alert, [...(worked.get(alert) ?? []), at]);
  const rules = new Map<string, { -readonly [K in keyof Omit<RuleNoise, 'rule'>]: number }>();
  const teams = new Map<string, { episodes: number; inAlert: number }>();
  const ruleNamed = (name: string) => {
    const known = rules.get(name) ?? { messages: 0, episodes: 0, short: 0, unacknowledged: 0, inAlert: 0 };
    rules.set(name, known);
    return known;
  };
  for (const { rule, alert, labels, start, end } of episodes) {
    const inAlert = Math.max(0, Math.min(end ?? range.to, range.to) - Math.max(start, range.from));
    const of = ruleNamed(rule);
    of.episodes += 1;
    of.inAlert += inAlert;
    if (end !== undefined && end - start < SHORT) of.short += 1;
    if (!(worked.get(alert) ?? []).some((at) => at >= start && at <= (end ?? range.to))) of.unacknowledged += 1;
    const name = own(labels, 'team') ?? '';
    const team = teams.get(name) ?? { episodes: 0, inAlert: 0 };
    team.episodes += 1;
    team.inAlert += inAlert;
    teams.set(name, team);
  }
  for (const { rules: about } of messages) for (const name of new Set(about)) ruleNamed(name).messages += 1;
  return {
    rules: [...rules]
      .map(([rule, of]) => ({ rule, ...of }))
      .sort((a, b) => b.messages - a.messages || b.short - a.short || b.episodes - a.episodes || (a.rule < b.rule ? -1 : 1)),
    teams: [...teams].map(([team, of]) => ({ team, ...of })).sort((a, b) => b.inAlert - a.inAlert || (a.team < b.team ? -1 : 1)),
  };
}
