import { httpUrl } from '../core/http-url.ts';
import { DAY, type Instant } from '../core/time.ts';
import { formatMatcher } from '../routing/parse-matcher.ts';
import { type Silence, silenceProblem } from './silences.ts';

/** What a new silence is to be. */
export type SilenceAsked = Pick<Silence, 'matchers' | 'starts_at' | 'ends_at' | 'created_by' | 'comment' | 'link' | 'notify'>;

/** A silence after a change, or why it cannot be changed so, with the next step. */
export type SilenceChange =
  | { readonly ok: true; readonly silence: Silence }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Where a silence is in its life; Alertmanager's words. */
export type SilenceState = 'active' | 'pending' | 'expired';

const LONGEST = 366 * DAY;
const MOST_MATCHERS = 100;
const LONGEST_TEXT = 2_000;

/** Says whether a silence suppresses alerts at `now`. */
export function silenceState({ starts_at, ends_at }: Silence, now: Instant): SilenceState {
  if (ends_at <= now) return 'expired';
  return starts_at <= now ? 'active' : 'pending';
}

/** Makes a silence of what was asked for. */
export function newSilence(id: string, asked: SilenceAsked, now: Instant): SilenceChange {
  const silence: Silence = { v: 1, id, ...asked, created_at: now };
  const missing = missingOf(asked);
  if (missing !== undefined) return missing;
  const problem = silenceProblem(silence);
  if (problem !== undefined) return refused(`the silence ${problem}`, 'name the alerts by their labels, such as team=shop');
  return lasting(silence, now);
}

/** Ends a silence now. One that has not begun never will. */
export function expireSilence(silence: Silence, now: Instant): SilenceChange {
  if (silenceState(silence, now) === 'expired') return refused('it has expired already', 'no action is needed');
  const starts_at = Math.min(silence.starts_at, now - 1);
  return { ok: true, silence: { ...silence, starts_at, ends_at: now, updated_at: now } };
}

/** Moves the end of a silence, either way, to a time to come. One that has expired stays so: alerts were notified since. */
export function extendSilence(silence: Silence, until: Instant, now: Instant): SilenceChange {
  if (silenceState(silence, now) === 'expired')
    return refused('it has expired, and an expired silence cannot be reactivated', 'add a new one with the same matchers');
  const changed = { ...silence, ends_at: until, updated_at: now };
  const problem = silenceProblem(changed);
  return problem === undefined ? lasting(changed, now) : refused(`the silence ${problem}`, 'choose a later end');
}

/**
 * Changes texts and times of a silence in place. Undefined where it has to be replaced by another one: it has expired, or the matchers are other ones,
 * so that what it suppressed until now would look as if it had never been. An active silence keeps its start.
 */
export function changeSilence(silence: Silence, asked: SilenceAsked, now: Instant): SilenceChange | undefined {
  const state = silenceState(silence, now);
  if (state === 'expired' || !sameMatchers(silence, asked)) return undefined;
  const starts_at = state === 'active' ? silence.starts_at : asked.starts_at;
  const { id, created_at } = silence;
  const made = newSilence(id, { ...asked, starts_at }, now);
  return made.ok ? { ok: true, silence: { ...withCreation(made.silence, created_at), updated_at: now } } : made;
}

/** Says whether two silences have the same matchers, in whatever order. */
export function sameMatchers(a: Pick<Silence, 'matchers'>, b: Pick<Silence, 'matchers'>): boolean {
  const texts = ({ matchers }: Pick<Silence, 'matchers'>) => matchers.map(formatMatcher).sort().join();
  return texts(a) === texts(b);
}

function withCreation({ created_at: _now, ...silence }: Silence, created_at: Instant | undefined): Silence {
  return created_at === undefined ? silence : { ...silence, created_at };
}

function lasting(silence: Silence, now: Instant): SilenceChange {
  if (silence.ends_at <= now) return refused('the silence would end in the past', 'choose an end in the future');
  if (silence.ends_at - Math.max(now, silence.starts_at) > LONGEST)
    return refused('the silence would last longer than a year', 'pause the rule with `enabled: false`, or change its route');
  return { ok: true, silence };
}

function missingOf({ matchers, created_by: author, comment, link }: SilenceAsked): SilenceChange | undefined {
  if (matchers.length === 0) return refused('a silence needs at least one matcher', 'such as alertname=pods-near-memory-limit');
  if (matchers.length > MOST_MATCHERS)
    return refused(`a silence may have at most ${MOST_MATCHERS} matchers`, 'create several silences');
  if (author.trim() === '') return refused('a silence needs an author', 'set --author');
  if (comment.trim() === '') return refused('a silence needs a reason', 'set --comment');
  const long = [author, comment, link ?? ''].some((text) => text.length > LONGEST_TEXT);
  if (long) return refused(`a text of a silence may have at most ${LONGEST_TEXT} characters`, 'shorten it, and link to the rest');
  return link === undefined || httpUrl(link) !== undefined
    ? undefined
    : refused(`invalid link ${JSON.stringify(link)}`, 'use an address that begins with https:// or http://');
}

function refused(message: string, hint: string): SilenceChange {
  return { ok: false, message, hint };
}
