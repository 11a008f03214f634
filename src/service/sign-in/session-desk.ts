import { asError } from '../../core/errors.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { type Clock, type Duration, SECOND } from '../../core/time.ts';
import { SIGN_INS_ID, type SignInStore, type SignIns } from '../../engine/sign-in-store.ts';
import type { SessionDesk } from '../../server/web/ports.ts';
import { within } from '../within.ts';
import {
  beginOf,
  endedAllSessions,
  endedSession,
  endedSessionsOf,
  isSessionOver,
  NO_SIGN_INS,
  type SignInChange,
  signedIn,
  tidied,
} from './people.ts';

/** What is known is used for so long before it is read again, ms. */
const FRESH: Duration = 3 * SECOND;
/** No request waits longer for the store, ms. */
const PATIENCE: Duration = SECOND;
const PATIENCE_OF_CHANGES: Duration = 3 * SECOND;
const TRIES = 5;
/** Changes that wait for the store. Of more, the sessions of everyone end. */
const MOST_WAITING = 1_000;

/** What the sessions of a service are kept by. */
export interface SessionDeskParts {
  readonly store: SignInStore;
  readonly clock: Clock;
  /** How long a session lasts at most, ms. */
  readonly longest: Duration;
  /** Without the secrets of the configuration. */
  readonly shown: (text: string) => string;
}

/** The desk, and what the service does with it. */
export interface KeptSessions extends SessionDesk {
  /** To be called every second: writes what could not be written. Never rejects. */
  poll(): void;
}

/**
 * Who has signed in and whose sessions were ended, as all replicas know it, read at most every few seconds and only while browsers ask. While the store does not
 * answer, what was known holds, with what was ended here: a session is signed, and ends by itself.
 */
export function sessionDesk({ store, clock, longest, shown }: SessionDeskParts): KeptSessions {
  let known: SignIns = NO_SIGN_INS;
  let waiting: readonly SignInChange[] = [];
  let readAt: number | undefined;
  let triedAt: number | undefined;
  let problem: string | undefined;
  let running: Promise<void> | undefined;

  const tried = async (work: () => Promise<string | undefined>) => {
    triedAt = clock.monotonic();
    try {
      problem = await work();
    } catch (thrown) {
      problem = asError(thrown).message;
    }
    if (problem === undefined) readAt = clock.monotonic();
  };
  const together = (work: () => Promise<void>): Promise<void> => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
  const look = () => tried(() => (waiting.length === 0 ? read() : write()));
  const read = async (): Promise<string | undefined> => {
    const loaded = await store.load();
    if (!loaded.ok) return loaded.message;
    known = withAll(loaded.value?.document ?? NO_SIGN_INS, waiting);
    return undefined;
  };
  const write = async (): Promise<string | undefined> => {
    let last = 'it was changed at the same time by another replica';
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const found = current(await store.load(), clock.now());
      if (!found.ok) return found.message;
      const made = waiting;
      const next = tidied(withAll(found.value.document, made), clock.now());
      const saved = await store.save(next, found.value.version);
      if (saved.kind === 'saved') {
        waiting = waiting.slice(made.length);
        known = withAll(next, waiting);
        return undefined;
      }
      if (saved.kind !== 'conflict') last = saved.message;
    }
    return last;
  };
  const isDue = (at: number | undefined) => at === undefined || clock.monotonic() - at >= FRESH;
  const change = async (one: SignInChange): Promise<boolean> => {
    waiting = waiting.length < MOST_WAITING ? [...waiting, one] : [endedAllSessions(clock.now())];
    known = one(known);
    // What runs may have begun before this change.
    await within(
      PATIENCE_OF_CHANGES,
      (running ?? Promise.resolve()).then(() => together(look)),
      clock,
    );
    return !waiting.includes(one);
  };
  return {
    current: async () => {
      if (!isDue(readAt) || (!isDue(triedAt) && running === undefined)) return;
      await within(PATIENCE, together(look), clock);
    },
    isOver: (session) => isSessionOver(known, session),
    begin: async ({ user, name }, length) => {
      const at = beginOf(known, user, clock.now());
      await change(signedIn({ user, name, at, until: at + length }));
      // Others may have ended sessions in the meantime.
      return beginOf(known, user, at);
    },
    end: (session, name) => change(endedSession(session, name, { now: clock.now(), longest })),
    endAllOf: ({ user, name }) => change(endedSessionsOf(user, name, { now: clock.now(), longest })),
    endAll: () => change(endedAllSessions(clock.now())),
    people: () =>
      known.people
        .filter(({ until, ended_before: before = 0, signed_in: last }) => until > clock.now() && last >= before)
        .map(({ user, name, signed_in, until }) => ({ user, name, signedIn: signed_in, until }))
        .sort((a, b) => b.signedIn - a.signedIn),
    problem: () => (problem === undefined ? undefined : shown(problem)),
    poll: () => {
      if (waiting.length > 0 && isDue(triedAt)) void together(look);
    },
  };
}

function withAll(signIns: SignIns, changes: readonly SignInChange[]): SignIns {
  return changes.reduce((so, change) => change(so), signIns);
}

/** What a change is made to. Instead of a damaged document there is one that ends all sessions: nothing is known of those that were ended. */
function current(loaded: Awaited<ReturnType<SignInStore['load']>>, now: number): StoreAnswer<Found> {
  if (loaded.ok) return { ok: true, value: { document: loaded.value?.document ?? NO_SIGN_INS, version: loaded.value?.version } };
  const damaged = loaded.replaceable?.get(SIGN_INS_ID);
  if (damaged === undefined) return { ok: false, message: loaded.message };
  const { seqNo, primaryTerm } = damaged;
  return { ok: true, value: { document: endedAllSessions(now)(NO_SIGN_INS), version: { seqNo, primaryTerm } } };
}

interface Found {
  readonly document: SignIns;
  readonly version: Parameters<SignInStore['save']>[1];
}
