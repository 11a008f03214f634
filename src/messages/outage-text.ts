import { GROUPS_KEPT, type OutageFacts } from '../alerts/outage.ts';
import { formatDuration } from '../core/duration.ts';
import { groupValue } from '../core/printed.ts';
import { own } from '../core/record.ts';
import { truncate } from '../core/truncate.ts';
import type { Shown } from './shown.ts';
import { clockTime } from './wording.ts';

/** Groups that a message names; the others are counted. */
const NAMED = 20;
const NAME_LENGTH = 120;

/** One line about the systems: `5 hosts stopped reporting${total > 1 ? ' at once' : ''}: no document in metrics-system.* since 18:31 UTC`. */
export function outageTitle({ source, since, fields, total }: OutageFacts): string {
  const at = clockTime(since).slice(11, 16);
  return `${total} ${nounFor(fields, total)} stopped reporting at once: no document in ${source} since ${at} UTC`;
}

/** The groups by name, what the rule is about, and what happens to their own alerts. */
export function outageText(
  facts: OutageFacts,
  { status, reason, change, flapping, at }: Pick<Shown, 'status' | 'reason' | 'change' | 'flapping' | 'at'>,
  description?: string,
): string {
  // What the rule says of itself is about the problem.
  if (status !== 'firing') return endOf(facts, reason).join('\n');
  const about = description === undefined ? [] : [description];
  const { source, since, fields, total, held, until } = facts;
  // Those that are expected, or fired before, have messages of their own; those that are about to fire have none yet.
  const others = held.length < GROUPS_KEPT ? total - held.length : 0;
  const groups = held.map(({ group }) => group);
  const silent = `${named(groups, total - others)}${others > 0 ? `, and ${others} ${others === 1 ? 'other' : 'others'}` : ''}`;
  const comesAndGoes = change === 'steady' ? undefined : flapping;
  if (comesAndGoes !== undefined) {
    const { episodes, since: first, steady } = comesAndGoes;
    return [
      ...about,
      `Silent: ${silent}.`,
      `The source is intermittent: ${episodes} times since ${clockTime(first)} no document at all arrived in ${source}, the last time reported from ${clockTime(since)} on.`,
      `It is reported again once nothing has changed for ${formatDuration(steady)}; alerts of individual ${nounFor(fields, 2)} are held back while no documents arrive.`,
    ].join('\n');
  }
  return [
    ...about,
    `Silent: ${silent}.`,
    `No document at all has arrived in ${source} since ${clockTime(since)}, regardless of the rule's query.`,
    at < until
      ? `Alerts of individual ${nounFor(fields, 2)} are held back until ${clockTime(until)}, or until documents arrive again.`
      : `Alerts of individual ${nounFor(fields, 2)} have been sent since ${clockTime(until)}: no document has arrived in the meantime.`,
  ].join('\n');
}

function endOf({ source, missing = [], fields }: OutageFacts, reason: string): readonly string[] {
  const back = own(ENDS, reason)?.(source) ?? [];
  if (missing.length === 0) return back;
  return [...back, `Still silent: ${missing.length} ${nounFor(fields, missing.length)} (${named(missing, missing.length)}).`];
}

/** What ended a message about a silent source, where that is not said elsewhere. */
const ENDS: Readonly<Record<string, (source: string) => readonly string[]>> = {
  recovered: (source) => [`Documents arrive in ${source} again.`],
  no_data: (source) => [`No document has arrived in ${source} yet: the alerts ended because the rule sets \`no_data: resolve\`.`],
  expired: (source) => [`No document has arrived in ${source} yet: the rule forgets silent groups after \`forget_after\`.`],
};

/** `node-1, node-2 and 18 more`. */
function named(groups: readonly Readonly<Record<string, string | null>>[], total: number): string {
  const names = groups.slice(0, NAMED).map((group) => nameOf(group));
  const more = total - names.length;
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ');
}

function nameOf(group: Readonly<Record<string, string | null>>): string {
  const name = Object.values(group).map(groupValue).join('/');
  return truncate(name, NAME_LENGTH);
}

/** What the groups are, for people: `host` and `host.name` are hosts, `service.name` services; of several fields, and of other names, groups. */
function nounFor(fields: readonly string[], count: number): string {
  const [field = '', ...others] = fields;
  const word =
    field
      .replace(/\.(?:name|id|keyword)$/, '')
      .split('.')
      .at(-1) ?? '';
  const isName = /\.(?:name|id)$/.test(field) || !field.includes('.');
  const noun = others.length === 0 && isName && /^[a-z]+$/.test(word) ? word : 'group';
  return count === 1 ? noun : plural(noun);
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}
