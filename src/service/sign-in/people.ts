import { type Duration, type Instant, MINUTE, SECOND } from '../../core/time.ts';
import type { SignIns } from '../../engine/sign-in-store.ts';
import type { LoginSession } from '../../server/api/access.ts';

/** The clocks of replicas differ: a session that another one has just begun is older than its time says. */
const CLOCKS_APART: Duration = 10 * SECOND;
/** Beyond these the rest is put together, to the safe side: rather too many sessions end than too few. */
const MOST_PEOPLE = 1_000;
const MOST_ENDED = 50;

type Person = SignIns['people'][number];

/** A change of who has signed in and whose sessions have ended. Done twice it is the same as done once. */
export type SignInChange = (signIns: SignIns) => SignIns;

export const NO_SIGN_INS: SignIns = { v: 1, people: [] };

/** Says whether a session was ended before its time. */
export function isSessionOver({ people, all_before = 0 }: SignIns, { user, at, id }: LoginSession): boolean {
  if (at < all_before) return true;
  const person = people.find((one) => one.user === user);
  return person !== undefined && (at < (person.ended_before ?? 0) || person.ended?.includes(id) === true);
}

/** When a session of this user may begin, so that none of what was ended before is about it. */
export function beginOf({ people, all_before = 0 }: SignIns, user: string, now: Instant): Instant {
  const person = people.find((one) => one.user === user);
  return Math.max(now, all_before, person?.ended_before ?? 0);
}

/** Notes a session that begins. */
export function signedIn({
  user,
  name,
  at,
  until,
}: Pick<Person, 'user' | 'name' | 'until'> & { readonly at: Instant }): SignInChange {
  return (signIns) =>
    withPerson(signIns, user, (known) => ({
      ...known,
      ...{ user, name, signed_in: Math.max(at, known?.signed_in ?? 0), until: Math.max(until, known?.until ?? 0) },
    }));
}

/** When something happens, and how long a session lasts at most, ms: one that is not noted may have begun just now. */
export interface Ending {
  readonly now: Instant;
  readonly longest: Duration;
}

/** Ends one session. */
export function endedSession({ user, id, until }: LoginSession, name: string, ending: Ending): SignInChange {
  return (signIns) => {
    const ended = signIns.people.find((one) => one.user === user)?.ended ?? [];
    if (ended.includes(id)) return signIns;
    if (ended.length >= MOST_ENDED) return endedSessionsOf(user, name, ending)(signIns);
    return withPerson(signIns, user, (known) => ({
      ...{ name, signed_in: ending.now, ...known, user },
      until: Math.max(until, known?.until ?? 0),
      ended: [...ended, id],
    }));
  };
}

/** Ends all sessions of a user that have begun until now. */
export function endedSessionsOf(user: string, name: string, { now, longest }: Ending): SignInChange {
  const until = now + longest + CLOCKS_APART;
  return (signIns) =>
    withPerson(signIns, user, (known) => {
      const { ended: _covered, ...rest } = known ?? { name, signed_in: now, user, until };
      return {
        ...rest,
        until: Math.max(until, rest.until),
        ended_before: Math.max(now + CLOCKS_APART, rest.ended_before ?? 0),
      };
    });
}

/** Ends the sessions of everyone. */
export function endedAllSessions(now: Instant): SignInChange {
  return ({ all_before = 0 }) => ({ v: 1, people: [], all_before: Math.max(all_before, now + CLOCKS_APART) });
}

/** Without what has ended by itself, and with a bounded number of people: of more, those who signed in longest ago. */
export function tidied(signIns: SignIns, now: Instant): SignIns {
  const living = signIns.people.filter(({ until }) => until > now - MINUTE);
  if (living.length <= MOST_PEOPLE) return { ...signIns, people: living };
  const byAge = [...living].sort((a, b) => endOf(a) - endOf(b) || a.signed_in - b.signed_in);
  const gone = byAge.slice(0, living.length - MOST_PEOPLE);
  const before = Math.max(signIns.all_before ?? 0, ...gone.map(endOf));
  return { ...signIns, people: byAge.slice(gone.length), ...(before > 0 && { all_before: before }) };
}

/** Sessions that began before this count as ended if everything known about the person is forgotten; 0: none was ended. */
function endOf({ ended_before = 0, ended = [], signed_in }: Person): Instant {
  return Math.max(ended_before, ended.length === 0 ? 0 : signed_in + 1);
}

function withPerson(signIns: SignIns, user: string, change: (known: Person | undefined) => Person): SignIns {
  const known = signIns.people.find((one) => one.user === user);
  return { ...signIns, people: [...signIns.people.filter((one) => one !== known), change(known)] };
}
