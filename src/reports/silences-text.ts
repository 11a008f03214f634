import { humanDuration } from '../core/duration.ts';
import { shortId } from '../core/ids.ts';
import { iso, minuteText } from '../core/time.ts';
import { alertJson } from '../engine/alert-list/alert-json.ts';
import { countedName } from '../engine/history/noise.ts';
import type { RecordedEpisode } from '../engine/history/run-history.ts';
import type { ListedSilence, SilencePreview, SilencesReport } from '../engine/silence-list.ts';
import { printJson } from './json.ts';
import { type Look, type Paint, type Palette, paletteOf, severityPaint } from './look.ts';
import { plainLine } from './plain-text.ts';
import { type Column, table } from './table.ts';
import { counted, groupText } from './wording.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ID', least: 8 },
  { title: 'STATE' },
  { title: 'MATCHERS', least: 20 },
  { title: 'ENDS' },
  { title: 'ALERTS', align: 'right' },
  { title: 'BY', least: 8 },
  { title: 'COMMENT', least: 16 },
];

/** What was done to silences, with the alerts that each matches now. */
export interface ChangedSilences {
  readonly now: number;
  readonly done: 'added' | 'expired' | 'extended';
  readonly silences: readonly ListedSilence[];
  /** For a silence that matches nothing now: what may have been intended. */
  readonly hint?: string;
  /** An active or pending silence with the same matchers. */
  readonly same?: string;
}

/** The silences for people. */
export function silencesText({ silences, now, namespace, unreadable }: SilencesReport, look: Look): string {
  const palette = paletteOf(look);
  const invalid = unreadable.map((reason) => `${palette.bad('invalid')} ${plainLine(reason)}\n`).join('');
  if (silences.length === 0) {
    const next = 'tocsin silence add alertname=RULE --for 2h --comment REASON';
    return `${invalid}No silences in the namespace ${plainLine(namespace)}. Add one: ${next}\n`;
  }
  const rows = silences.map((silence) => [
    look.whole === true ? silence.id : shortId(silence.id),
    { text: silence.state, paint: statePaint(silence.state, palette) },
    silence.matchers.join(', '),
    whenText(silence, now),
    String(silence.alerts.length),
    silence.author,
    [silence.comment, silence.link, silence.origin].filter((part) => part !== undefined).join(' '),
  ]);
  const active = silences.filter(({ state }) => state === 'active');
  const held = new Set(active.flatMap(({ alerts }) => alerts.map(({ id }) => id)));
  const count = `${counted(active.length, 'active silence')}, suppressing ${counted(held.size, 'active alert')}`;
  return `${table(COLUMNS, rows, look)}${invalid}${count}.\n`;
}

/** The silences for scripts. */
export function silencesJson({ silences, now, namespace, unreadable }: SilencesReport): string {
  return printJson({ now: iso(now), namespace, silences: silences.map(silenceJson), unreadable });
}

/** What was done, for people. */
export function changedText({ done, silences, now, hint, same }: ChangedSilences, look: Look): string {
  const palette = paletteOf(look);
  const texts = silences.map(({ id, state, alerts, startsAt, endsAt }) => {
    const name = `Silence ${palette.strong(plainLine(id))}`;
    if (done === 'expired') return `${name} has expired. ${counted(alerts.length, 'active alert')} can notify again.\n`;
    const begins = state === 'pending' ? `from ${minuteText(startsAt)} ` : '';
    const until = `${begins}until ${minuteText(endsAt)} (${humanDuration(endsAt - now)} from now)`;
    const matched = state === 'pending' ? 'matches' : 'suppresses';
    return `${name} ${matched} ${counted(alerts.length, 'active alert')} ${until}.\n${alertLines(alerts, palette)}`;
  });
  const none = silences.some(({ alerts }) => alerts.length === 0) && done === 'added';
  const warning = none
    ? palette.careful(`No active alert matches now${hint === undefined ? '.' : `: ${plainLine(hint)}`}\n`)
    : '';
  const twice = same === undefined ? '' : palette.careful(`Silence ${plainLine(same)} has the same matchers.\n`);
  const [first] = silences;
  const undo = done === 'added' && first !== undefined ? `End it earlier: tocsin silence expire ${shortId(first.id)}\n` : '';
  return [...texts, warning, twice, undo].join('');
}

/** What was done, for scripts. */
export function changedJson({ done, silences, hint, same }: ChangedSilences): string {
  return printJson({
    done,
    silences: silences.map(silenceJson),
    ...(hint !== undefined && { hint }),
    ...(same !== undefined && { same_matchers: same }),
  });
}

/** What matchers match, for people. */
export function previewText(preview: SilencePreview, look: Look): string {
  const palette = paletteOf(look);
  const { alerts, hint, episodes, past, more } = preview;
  const now = `${palette.strong('Now')}: ${counted(alerts.length, 'active alert')} would be suppressed.\n`;
  const meant = hint === undefined ? '' : `${palette.careful(plainLine(hint))}\n`;
  const rules = [...byRule(episodes)].map(([rule, of]) => [rule, String(of.length), humanDuration(firingTime(of, past))]);
  const span = `${palette.strong(`${minuteText(past.from)} to ${minuteText(past.to)}`)}: ${counted(episodes.length, 'episode')}`;
  const limit = more ? ' among the 10,000 newest' : '';
  const found = rules.length === 0 ? '' : table(PAST_COLUMNS, rules, look);
  return `${now}${alertLines(alerts, palette)}${meant}${span}${limit} would have been suppressed.\n${found}`;
}

/** What matchers match, for scripts. */
export function previewJson({ now, namespace, matchers, alerts, hint, past, episodes, more }: SilencePreview): string {
  return printJson({
    now: iso(now),
    namespace,
    matchers,
    alerts: alerts.map(alertJson),
    ...(hint !== undefined && { hint }),
    past: {
      from: iso(past.from),
      to: iso(past.to),
      complete: !more,
      episodes: episodes.map(({ start, end, ...episode }) => ({
        ...episode,
        start: iso(start),
        end: end === undefined ? null : iso(end),
      })),
    },
  });
}

const PAST_COLUMNS: readonly Column[] = [
  { title: 'RULE', least: 16 },
  { title: 'EPISODES', align: 'right' },
  { title: 'FIRING', align: 'right' },
];
const ALERTS_SHOWN = 10;

function alertLines(alerts: ListedSilence['alerts'], palette: Palette): string {
  const lines = alerts.slice(0, ALERTS_SHOWN).map(({ status, severity = '', rule, group, title }) => {
    const mark = severity === '' ? status : severityPaint(severity, palette)(plainLine(`${status} ${severity}`));
    return `  ${mark}  ${plainLine(rule)}  ${plainLine(groupText(group) || title)}\n`;
  });
  const rest = alerts.length - lines.length;
  return [...lines, ...(rest > 0 ? [`  and ${rest.toLocaleString('en-US')} more\n`] : [])].join('');
}

function byRule(episodes: readonly RecordedEpisode[]): ReadonlyMap<string, readonly RecordedEpisode[]> {
  const found = new Map<string, RecordedEpisode[]>();
  for (const episode of episodes) {
    const name = countedName(episode);
    found.set(name, [...(found.get(name) ?? []), episode]);
  }
  return new Map([...found].sort(([, a], [, b]) => b.length - a.length));
}

/** Time within a range in which something fired; episodes of different groups count each. */
function firingTime(episodes: readonly RecordedEpisode[], { from, to }: SilencePreview['past']): number {
  return episodes.reduce((sum, { start, end = to }) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)), 0);
}

function silenceJson({ startsAt, endsAt, createdAt, updatedAt, link, origin, author, alerts, ...silence }: ListedSilence) {
  return {
    id: silence.id,
    state: silence.state,
    matchers: silence.matchers,
    starts_at: iso(startsAt),
    ends_at: iso(endsAt),
    created_by: author,
    comment: silence.comment,
    ...(link !== undefined && { link }),
    ...(origin !== undefined && { origin }),
    ...(createdAt !== undefined && { created_at: iso(createdAt) }),
    ...(updatedAt !== undefined && { updated_at: iso(updatedAt) }),
    alerts: alerts.map(({ rule, group, status, severity }) => ({ rule, group, status, severity: severity ?? null })),
  };
}

function whenText({ startsAt, endsAt, state }: ListedSilence, now: number): string {
  if (state === 'pending') return `${minuteText(endsAt)}, starts in ${humanDuration(startsAt - now)}`;
  const ago = state === 'expired' ? `${humanDuration(now - endsAt)} ago` : `in ${humanDuration(endsAt - now)}`;
  return `${minuteText(endsAt)}, ${ago}`;
}

function statePaint(state: ListedSilence['state'], palette: Palette): Paint {
  return state === 'active' ? palette.careful : state === 'pending' ? palette.calm : palette.faint;
}
