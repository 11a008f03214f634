import { describe, expect, it } from 'vitest';
import type { StoreAnswer } from '../../../src/core/stored.ts';
import { manualClock } from '../../../src/core/time.ts';
import { watchStore } from '../../../src/service/store-watch.ts';
import { heard, NOON, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;

/** A watch over a store that is there or away as a test says. */
function stage({ meta }: { readonly meta?: string } = { meta: 'meta' }) {
  const scene = world();
  const clock = manualClock(NOON);
  const { log, lines } = capturedLog();
  const store: { answer: StoreAnswer<string>; opened: number } = {
    answer: { ok: false, message: 'connection refused' },
    opened: 0,
  };
  const ports = scene.engine([], { meta, clock });
  const watch = watchStore({
    clock,
    log,
    open: async () => {
      store.opened++;
      return store.answer;
    },
    ports: () => ports,
    signal: new AbortController().signal,
  });
  const beatUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      watch.beat();
      await new Promise(setImmediate);
    }
  };
  return { watch, store, beatUntil, lines, heard: () => heard(scene.channel), channel: scene.channel };
}

const THERE: StoreAnswer<string> = { ok: true, value: 'Elasticsearch 8.19.0: state is in order' };

describe('a store that is away at the start', () => {
  it('is tried again, ever less often, until it is there', async () => {
    const { watch, store, beatUntil, lines, heard } = stage({});
    await beatUntil(NOON + 50 * SECOND);
    expect(watch.isOpen()).toBe(false);
    expect(store.opened).toBe(6);
    store.answer = THERE;
    await beatUntil(NOON + 65 * SECOND);
    expect([watch.isOpen(), watch.isUp(), watch.problem()]).toEqual([true, true, undefined]);
    expect(lines()).toEqual([
      'warn: the store does not answer: nothing is judged or told until it does',
      'error: the store stays away: no rule is judged and nobody is alerted',
      'warn: nobody was told of it: no meta_receiver is configured',
      expect.stringMatching(/^info: the store answers again after 1m/),
      'info: Elasticsearch 8.19.0: state is in order',
    ]);
    expect(heard()).toEqual([]);
  });

  it('is told to the meta receiver after a minute, once, and again when it is back', async () => {
    const { store, beatUntil, heard, channel } = stage();
    await beatUntil(NOON + 59 * SECOND);
    expect(heard()).toEqual([]);
    await beatUntil(NOON + 600 * SECOND);
    expect(heard()).toEqual(['12:01 meta [FIRING] Tocsin does not reach its store']);
    expect(channel.got[0]?.message.text).toContain('connection refused');
    store.answer = THERE;
    await beatUntil(NOON + 660 * SECOND);
    expect(heard().slice(1)).toEqual([expect.stringContaining('meta [RESOLVED] Tocsin reaches its store again')]);
    expect(channel.got[1]?.message.incident).toBe(channel.got[0]?.message.incident);
  });
});

describe('a store that goes away later', () => {
  async function opened() {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.beatUntil(NOON + 2 * SECOND);
    return scene;
  }

  it('is not up while turns do not reach it, and stays open', async () => {
    const { watch } = await opened();
    watch.saw(['no answer within 30 s']);
    expect([watch.isOpen(), watch.isUp(), watch.problem()]).toEqual([true, false, 'no answer within 30 s']);
    watch.saw([]);
    expect([watch.isUp(), watch.problem()]).toEqual([true, undefined]);
  });

  it('is not told of when it is back within a minute', async () => {
    const { watch, beatUntil, heard, lines } = await opened();
    watch.saw(['no answer']);
    await beatUntil(NOON + 50 * SECOND);
    watch.saw([]);
    await beatUntil(NOON + 300 * SECOND);
    expect(heard()).toEqual([]);
    expect(lines().at(-1)).toMatch(/^info: the store answers again after 48s/);
  });

  it('is told of once for each absence', async () => {
    const { watch, beatUntil, heard } = await opened();
    for (const minutes of [5, 10]) {
      watch.saw(['no answer']);
      await beatUntil(NOON + minutes * 60 * SECOND);
      watch.saw([]);
      await beatUntil(NOON + (minutes * 60 + 1) * SECOND);
    }
    expect(heard().map((line) => line.slice(6, 20))).toEqual([
      'meta [FIRING] ',
      'meta [RESOLVED',
      'meta [FIRING] ',
      'meta [RESOLVED',
    ]);
  });

  it('logs that nobody could be told where the receiver fails', async () => {
    const { watch, beatUntil, lines, channel } = await opened();
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'refused' } });
    watch.saw(['no answer']);
    await beatUntil(NOON + 300 * SECOND);
    expect(lines().filter((line) => line === 'error: the meta receiver could not be told')).toHaveLength(1);
  });
});
