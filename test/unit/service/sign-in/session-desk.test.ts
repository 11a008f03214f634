import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemory } from '../../../../src/backends/embedded/memory-stores.ts';
import { HOUR, manualClock, SECOND } from '../../../../src/core/time.ts';
import { SIGN_INS_ID, type SignInStore, type SignIns } from '../../../../src/engine/sign-in-store.ts';
import {
  beginOf,
  endedSession,
  endedSessionsOf,
  isSessionOver,
  NO_SIGN_INS,
  signedIn,
  tidied,
} from '../../../../src/service/sign-in/people.ts';
import { sessionDesk } from '../../../../src/service/sign-in/session-desk.ts';
import { SIGN_INS } from '../../../../src/state/sign-ins.ts';

const NOW = 1_772_366_220_000;
const KIM = { user: 'token kim', name: 'kim' };
const session = (id: string, at = NOW) => ({ user: KIM.user, at, until: at + 12 * HOUR, id });

/** Two replicas over one store, which can be down. */
function replicas() {
  const stored = createMemory().stores('default').signIns;
  const state = { down: false, loads: 0 };
  const store: SignInStore = {
    load: async () => {
      state.loads += 1;
      return state.down ? { ok: false, message: 'no answer from https://u:s3cret@es.example.com' } : stored.load();
    },
    save: async (document, version) => (state.down ? { kind: 'unclear', message: 'no answer' } : stored.save(document, version)),
  };
  const clock = manualClock(NOW);
  const desk = () => sessionDesk({ store, clock, longest: 12 * HOUR, shown: (text) => text.replace('s3cret', '[redacted]') });
  const later = (seconds: number) => clock.set(clock.now() + seconds * SECOND);
  return { state, clock, stored, later, here: desk(), there: desk() };
}

describe('a session that was ended', () => {
  it('is over here at once, and on other replicas within three seconds', async () => {
    const { here, there, later } = replicas();
    await there.current();
    expect(await here.end(session('a'), 'kim')).toBe(true);
    await there.current();
    expect([here.isOver(session('a')), here.isOver(session('b')), there.isOver(session('a'))]).toEqual([true, false, false]);
    later(3);
    await there.current();
    expect([there.isOver(session('a')), there.isOver(session('b'))]).toEqual([true, false]);
  });

  it('is asked for once in three seconds, however many requests come', async () => {
    const { here, state, later } = replicas();
    for (let request = 0; request < 50; request += 1) await Promise.all([here.current(), here.current()]);
    expect(state.loads).toBe(1);
    later(3);
    await Promise.all([here.current(), here.current()]);
    expect(state.loads).toBe(2);
  });

  it('with all of the same user, is so on a replica whose clock is ahead', async () => {
    const { here } = replicas();
    await here.endAllOf(KIM);
    expect(here.isOver(session('begun elsewhere', NOW + 5 * SECOND))).toBe(true);
    // And one that begins afterwards is not.
    const at = await here.begin(KIM, HOUR);
    expect([at, here.isOver(session('new', at))]).toEqual([NOW + 10 * SECOND, false]);
  });

  it('with all of the same user, stays so for as long as one that began unnoticed can last', async () => {
    const { here, state, later, stored } = replicas();
    state.down = true;
    const at = await here.begin(KIM, 12 * HOUR);
    state.down = false;
    later(60);
    expect(await here.endAllOf(KIM)).toBe(true);
    later(11 * 3_600);
    await here.begin({ user: 'token sam', name: 'sam' }, HOUR);
    expect([here.isOver(session('unnoticed', at)), (await stored.load()).ok]).toEqual([true, true]);
  });

  it('with those of everyone, is so too', async () => {
    const { here, there } = replicas();
    await here.begin(KIM, HOUR);
    await here.endAll();
    await there.current();
    expect([there.isOver(session('a')), there.people()]).toEqual([true, []]);
  });
});

describe('without the store', () => {
  it('signed sessions hold, what is ended here is over here, and is written once it answers', async () => {
    const { here, there, state, later } = replicas();
    await here.current();
    state.down = true;
    later(3);
    await here.current();
    expect([here.isOver(session('a')), here.problem()]).toEqual([false, 'no answer from https://u:[redacted]@es.example.com']);
    expect([await here.end(session('a'), 'kim'), here.isOver(session('a'))]).toEqual([false, true]);
    state.down = false;
    later(3);
    here.poll();
    await here.current();
    await there.current();
    expect([there.isOver(session('a')), here.problem()]).toEqual([true, undefined]);
  });

  it('it is asked once in three seconds, too', async () => {
    const { here, state } = replicas();
    state.down = true;
    for (let request = 0; request < 50; request += 1) await here.current();
    expect(state.loads).toBe(1);
  });

  it('one may sign in', async () => {
    const { here, state } = replicas();
    state.down = true;
    expect(await here.begin(KIM, HOUR)).toBe(NOW);
  });
});

describe('the document', () => {
  it('keeps the changes of replicas that change it at the same time', async () => {
    const { here, there, stored } = replicas();
    await Promise.all(['a', 'b', 'c'].flatMap((id) => [here.end(session(`${id}1`), 'kim'), there.end(session(`${id}2`), 'kim')]));
    const loaded = await stored.load();
    const ended = loaded.ok ? loaded.value?.document.people[0]?.ended : [];
    expect([...(ended ?? [])].sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  });

  it('that is damaged is replaced by one that ends all sessions', async () => {
    const { here, stored } = replicas();
    await stored.save({ v: 1, people: 7 } as never, undefined);
    await here.current();
    expect(here.problem()).toContain('is invalid at people');
    await here.end(session('a'), 'kim');
    expect([here.isOver(session('any')), here.problem()]).toEqual([true, undefined]);
  });

  it('of a newer Tocsin stays as it is, and what is ended here is over here', async () => {
    const { here, stored } = replicas();
    await stored.save({ v: 2, people: [] } as never, undefined);
    expect([await here.end(session('a'), 'kim'), here.isOver(session('a'))]).toEqual([false, true]);
    expect(await stored.load()).toMatchObject({
      ok: false,
      message: expect.stringContaining('newer Tocsin'),
      unreadable: new Map([[SIGN_INS_ID, expect.any(String)]]),
    });
  });

  it('loses what has ended by itself, and lists people by when they signed in', async () => {
    const { here, later, stored } = replicas();
    await here.begin(KIM, HOUR);
    later(1);
    await here.begin({ user: 'token sam', name: 'sam' }, 2 * HOUR);
    expect(here.people().map(({ name }) => name)).toEqual(['sam', 'kim']);
    later(3_700);
    await here.begin({ user: 'token robin', name: 'robin' }, HOUR);
    const loaded = await stored.load();
    expect(loaded.ok && loaded.value?.document.people.map(({ name }) => name)).toEqual(['sam', 'robin']);
  });
});

type Step = { readonly user: number; readonly kind: 'sign in' | 'end one' | 'end all' };

describe('however many people and sessions there are', () => {
  it('no session that was ended is valid again, and the document stays small', () => {
    const step = fc.record({
      user: fc.integer({ min: 0, max: 3 }),
      kind: fc.constantFrom<Step['kind']>('sign in', 'end one', 'end all'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        let signIns: SignIns = NO_SIGN_INS;
        const living = new Map<string, ReturnType<typeof session>>();
        const over: ReturnType<typeof session>[] = [];
        for (const [index, { user: number, kind }] of steps.entries()) {
          const now = NOW + index * 20 * SECOND;
          const user = `user ${number}`;
          const one = living.get(user);
          if (kind === 'sign in') {
            const at = beginOf(signIns, user, now);
            living.set(user, { user, at, until: at + HOUR, id: String(index) });
            signIns = signedIn({ user, name: user, at, until: at + HOUR })(signIns);
          } else if (one !== undefined) {
            over.push(one);
            living.delete(user);
            signIns = (
              kind === 'end one'
                ? endedSession(one, user, { now, longest: HOUR })
                : endedSessionsOf(user, user, { now, longest: HOUR })
            )(signIns);
          }
          signIns = tidied(signIns, now);
          expect(over.filter(({ until }) => until > now).every((ended) => isSessionOver(signIns, ended))).toBe(true);
          expect([...living.values()].filter(({ until }) => until > now).some((of) => isSessionOver(signIns, of))).toBe(false);
        }
      }),
    );
  });

  it('of more than a thousand people those of the oldest end, and of more than fifty ended sessions all of that user', () => {
    let signIns: SignIns = NO_SIGN_INS;
    for (let index = 0; index < 1_100; index += 1) {
      const one = { user: `user ${index}`, at: NOW + index, until: NOW + HOUR, id: 'x' };
      signIns = endedSession(one, 'x', { now: NOW + index, longest: HOUR })(signedIn({ ...one, name: 'x' })(signIns));
    }
    const small = tidied(signIns, NOW);
    expect(small.people).toHaveLength(1_000);
    for (const index of [0, 99, 100, 1_099]) {
      const user = `user ${index}`;
      expect(isSessionOver(small, { user, at: NOW + index, until: NOW + HOUR, id: 'x' })).toBe(true);
    }
    for (let id = 0; id < 60; id += 1) signIns = endedSession(session(String(id)), 'kim', { now: NOW, longest: HOUR })(signIns);
    const kim = signIns.people.find(({ user }) => user === KIM.user);
    expect([
      (kim?.ended?.length ?? 0) <= 50,
      isSessionOver(signIns, session('3')),
      isSessionOver(signIns, session('other')),
    ]).toEqual([true, true, true]);
    expect(SIGN_INS.read(tidied(signIns, NOW))).toMatchObject({ ok: true });
    expect(JSON.stringify(tidied(signIns, NOW)).length).toBeLessThan(300_000);
  });
});
