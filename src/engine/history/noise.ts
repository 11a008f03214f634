import { groupedBy } from '../../core/grouped-by.ts';
import { own } from '../../core/record.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { DAY, type Instant, MINUTE, type TimeRange } from '../../core/time.ts';
import { NOISE_RULE_ID, type Noise, type NoiseOfWeeks, type RuleNoise } from '../../messages/noise-texts.ts';
import { ACKNOWLEDGED_FOR } from '../../notify/acknowledgements.ts';
import { RECEIVED_RULE } from '../../received/received-rule.ts';
import type { RecordedAcknowledgement, RecordedEpisode, RecordedMessage, RunHistory } from './run-history.ts';

/** An episode that ends within this time was hardly worth a message. */
const SHORT = 5 * MINUTE;

export type { Noise } from '../../messages/noise-texts.ts';

/** What was recorded in a range of time. */
interface NoiseRecords {
  readonly episodes: readonly RecordedEpisode[];
  readonly messages: readonly RecordedMessage[];
  readonly acknowledgements: readonly RecordedAcknowledgement[];
}

/** Counts messages and episodes by rule, and time in alert by team. */
export function noiseOf({ episodes, messages, acknowledgements }: NoiseRecords, range: TimeRange): Noise {
  const worked = groupedBy(acknowledgements, ({ alert }) => alert);
  const rules = new Map<string, { -readonly [K in keyof Omit<RuleNoise, 'rule'>]: number }>();
  const teams = new Map<string, { episodes: number; inAlert: number }>();
  const names = new Map(episodes.map((episode) => [episode.alert, countedName(episode)]));
  const ruleNamed = (name: string) => {
    const known = rules.get(name) ?? { messages: 0, episodes: 0, short: 0, unacknowledged: 0, inAlert: 0 };
    rules.set(name, known);
    return known;
  };
  for (const { alert, labels, start, end, ...episode } of episodes) {
    const inAlert = Math.max(0, Math.min(end ?? range.to, range.to) - Math.max(start, range.from));
    const of = ruleNamed(countedName({ ...episode, labels }));
    of.episodes += 1;
    of.inAlert += inAlert;
    if (end !== undefined && end - start < SHORT) of.short += 1;
    if (!(worked.get(alert) ?? []).some(({ at }) => at >= start && at <= (end ?? range.to))) of.unacknowledged += 1;
    const name = own(labels, 'team') ?? '';
    const team = teams.get(name) ?? { episodes: 0, inAlert: 0 };
    team.episodes += 1;
    team.inAlert += inAlert;
    teams.set(name, team);
  }
  // Its own reports disturb no one.
  const sent = messages.filter(({ rules: about }) => !about.includes(NOISE_RULE_ID));
  for (const one of sent) for (const name of namesIn(one, names)) ruleNamed(name).messages += 1;
  return {
    messages: sent.length,
    episodes: episodes.length,
    rules: [...rules]
      .map(([rule, of]) => ({ rule, ...of }))
      .sort((a, b) => b.messages - a.messages || b.short - a.short || b.episodes - a.episodes || (a.rule < b.rule ? -1 : 1)),
    teams: [...teams].map(([team, of]) => ({ team, ...of })).sort((a, b) => b.inAlert - a.inAlert || (a.team < b.team ? -1 : 1)),
  };
}

/** Alerts of other systems are counted by their names, as if each were a rule. */
export function countedName({ rule, labels }: Pick<RecordedEpisode, 'rule' | 'labels'>): string {
  return rule === RECEIVED_RULE.name ? (own(labels, 'alertname') ?? rule) : rule;
}

/** What a message is about; `names`: of the alerts whose episodes are known. */
function namesIn({ rules, about }: RecordedMessage, names: ReadonlyMap<string, string>): ReadonlySet<string> {
  if (!rules.includes(RECEIVED_RULE.name)) return new Set(rules);
  const known = about.flatMap((alert) => names.get(alert) ?? []);
  return new Set([...rules.filter((name) => name !== RECEIVED_RULE.name || known.length === 0), ...known]);
}

/** The most episodes, and the most messages, of a range that are counted. */
const MOST_COUNTED = 10_000;
const WEEK = 7 * DAY;

/** The noise of a range of time as history recorded it; `more`: there was more than is counted. `problems`: what could not be read counts nothing. */
export async function noiseIn(
  history: Pick<RunHistory, 'episodes' | 'messages' | 'acknowledgements'>,
  range: TimeRange,
): Promise<{ readonly noise: Noise; readonly more: boolean; readonly problems: readonly string[] }> {
  const [episodes, messages, worked] = await Promise.all([
    history.episodes({ range, limit: MOST_COUNTED }),
    history.messages({ range, limit: MOST_COUNTED }),
    history.acknowledgements({ range: { ...range, from: range.from - ACKNOWLEDGED_FOR }, limit: MOST_COUNTED }),
  ]);
  const [fired, sent, acknowledgements] = [recordsOf(episodes), recordsOf(messages), recordsOf(worked)];
  return {
    noise: noiseOf({ episodes: fired, messages: sent, acknowledgements }, range),
    more: fired.length === MOST_COUNTED || sent.length === MOST_COUNTED,
    problems: [episodes, messages, worked].flatMap((read) => (read.ok ? [] : [read.message])),
  };
}

function recordsOf<T>(read: StoreAnswer<readonly T[]>): readonly T[] {
  return read.ok ? read.value : [];
}

/** The noise of the week that ends at an instant, beside the week before. Whole or not at all. */
export async function noiseOfWeeks(
  history: Pick<RunHistory, 'episodes' | 'messages' | 'acknowledgements'>,
  at: Instant,
): Promise<StoreAnswer<NoiseOfWeeks>> {
  const range = { from: at - WEEK, to: at };
  const week = await noiseIn(history, range);
  const before = await noiseIn(history, { from: range.from - WEEK, to: range.from });
  const [problem] = [...week.problems, ...before.problems];
  if (problem !== undefined) return { ok: false, message: problem };
  return { ok: true, value: { range, noise: week.noise, before: before.noise, more: week.more || before.more } };
}
