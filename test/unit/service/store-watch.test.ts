import { describe, expect, it } from 'vitest';
import type { StoreAnswer, StoreProbe } from '../../../src/core/stored.ts';
import { manualClock } from '../../../src/core/time.ts';
import { watchStore } from '../../../src/service/health/store-watch.ts';
import { ruleDocument } from '../../contract/support/stored-documents.ts';
import { heard, NOON, world } from '../../support/engine/world.ts';
import { capturedLog } from '../../support/service/captured-log.ts';

const SECOND = 1_000;
const WELL: StoreProbe = { state: new Map([['tocsin-rules', undefined]]), history: new Map() };

/** A watch over a store that is there or away as a test says. */
function stage({ meta }: { readonly meta?: string } = { meta: 'meta' }) {
  const scene = world();
  const clock = manualClock(NOON);
  const { log, lines } = capturedLog();
  const store: { answer: StoreAnswer<string>; opened: number; probe: StoreProbe | undefined; probed: number; slow: number } = {
    answer: { ok: false, message: 'connection refused' },
    opened: 0,
    probe: WELL,
    probed: 0,
    slow: 0,
  };
  const ports = scene.engine([], { meta, clock });
  const watch = watchStore({
    clock,
    log,
    open: async () => {
      store.opened++;
      return store.answer;
    },
    probe: async () => {
      store.probed++;
      clock.set(clock.now() + store.slow);
      if (store.probe === undefined) throw new Error('the probe failed');
      return store.probe;
    },
    ports: () => ports,
    signal: new AbortController().signal,
  });
  const pollUntil = async (to: number) => {
    while (clock.now() < to) {
      clock.set(clock.now() + SECOND);
      watch.poll();
      await new Promise(setImmediate);
    }
  };
  return { watch, store, pollUntil, lines, heard: () => heard(scene.channel), channel: scene.channel };
}

const THERE: StoreAnswer<string> = { ok: true, value: 'Elasticsearch 8.19.0: state is in order' };

describe('a store that is away at the start', () => {
  it('is tried again, ever less often, until it is there', async () => {
    const { watch, store, pollUntil, lines, heard } = stage({});
    await pollUntil(NOON + 50 * SECOND);
    expect(watch.isOpen()).toBe(false);
    expect(store.opened).toBe(6);
    store.answer = THERE;
    await pollUntil(NOON + 65 * SECOND);
    expect([watch.isOpen(), watch.isUp(), watch.problem()]).toEqual([true, true, undefined]);
    expect(lines()).toEqual([
      'warn: the store does not answer: nothing is evaluated or notified',
      'error: the store is still unavailable: rules are not evaluated and alerts are not sent',
      'warn: no notification of the outage: meta_receiver is not configured',
      expect.stringMatching(/^info: the store answers again after 1m/),
      'info: Elasticsearch 8.19.0: state is in order',
    ]);
    expect(heard()).toEqual([]);
  });

  it('is notified to the meta receiver after a minute, once, and again when it is back', async () => {
    const { store, pollUntil, heard, channel } = stage();
    await pollUntil(NOON + 59 * SECOND);
    expect(heard()).toEqual([]);
    await pollUntil(NOON + 600 * SECOND);
    expect(heard()).toEqual(['12:01 meta [FIRING] Tocsin cannot reach its store']);
    expect(channel.got[0]?.message.text).toContain('connection refused');
    store.answer = THERE;
    await pollUntil(NOON + 660 * SECOND);
    expect(heard().slice(1)).toEqual([expect.stringContaining('meta [RESOLVED] Tocsin can reach its store again')]);
    expect(channel.got[1]?.message.incident).toBe(channel.got[0]?.message.incident);
  });
});

describe('a store that goes away later', () => {
  async function opened() {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 2 * SECOND);
    return scene;
  }

  it('is not up while its answers take too long for alerts to be in time, and that is notified', async () => {
    const { watch, store, pollUntil, heard, lines } = await opened();
    store.slow = 12 * SECOND;
    await pollUntil(NOON + 24 * SECOND);
    expect(watch.isUp()).toBe(true);
    await pollUntil(NOON + 60 * SECOND);
    expect([watch.isUp(), watch.problem()]).toEqual([false, 'a probe of the state indices took 12 s']);
    await pollUntil(NOON + 180 * SECOND);
    expect(heard()).toEqual([expect.stringContaining('meta [FIRING] Tocsin’s store is slow')]);
    store.slow = 0;
    await pollUntil(NOON + 240 * SECOND);
    expect(watch.isUp()).toBe(true);
    expect(heard().at(-1)).toContain('meta [RESOLVED] Tocsin’s store responds normally again');
    expect(lines().filter((line) => line.includes('slow'))).toHaveLength(2);
  });

  it('is not up while turns do not reach it, and stays open', async () => {
    const { watch } = await opened();
    watch.saw(['no answer within 30 s']);
    expect([watch.isOpen(), watch.isUp(), watch.problem()]).toEqual([true, false, 'no answer within 30 s']);
    watch.saw([]);
    expect([watch.isUp(), watch.problem()]).toEqual([true, undefined]);
  });

  it('is not notified of when it is back within a minute', async () => {
    const { watch, pollUntil, heard, lines } = await opened();
    watch.saw(['no answer']);
    await pollUntil(NOON + 50 * SECOND);
    watch.saw([]);
    await pollUntil(NOON + 300 * SECOND);
    expect(heard()).toEqual([]);
    expect(lines().at(-1)).toMatch(/^info: the store answers again after 49s/);
  });

  it('is notified of once for each absence', async () => {
    const { watch, pollUntil, heard } = await opened();
    for (const minutes of [5, 10]) {
      watch.saw(['no answer']);
      await pollUntil(NOON + minutes * 60 * SECOND);
      watch.saw([]);
      await pollUntil(NOON + (minutes * 60 + 1) * SECOND);
    }
    expect(heard().map((line) => line.slice(6, 20))).toEqual([
      'meta [FIRING] ',
      'meta [RESOLVED',
      'meta [FIRING] ',
      'meta [RESOLVED',
    ]);
  });

  it('logs that nobody could be notified where the receiver fails', async () => {
    const { watch, pollUntil, lines, channel } = await opened();
    channel.answer = () => ({ kind: 'retry', reason: { kind: 'network', text: 'refused' } });
    watch.saw(['no answer']);
    await pollUntil(NOON + 300 * SECOND);
    expect(
      lines().filter((line) => line === 'error: the meta receiver could not be notified; retrying at growing intervals'),
    ).toHaveLength(1);
  });
});

const BLOCKED = 'index [tocsin-rules] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark]';
const unwritable = (message = BLOCKED): StoreProbe => ({
  state: new Map([
    ['tocsin-rules', { kind: 'unwritable', message }],
    ['tocsin-leases', { kind: 'unwritable', message }],
  ]),
  history: new Map(),
});

describe('a store that cannot be written', () => {
  it('is away within seconds though no turn meets it, and its end is seen by itself', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 60 * SECOND);
    expect(scene.watch.isUp()).toBe(true);
    scene.store.probe = unwritable();
    await scene.pollUntil(NOON + 71 * SECOND);
    expect([scene.watch.isOpen(), scene.watch.isUp(), scene.watch.problem()]).toEqual([
      true,
      false,
      `tocsin-rules: ${BLOCKED} (and tocsin-leases)`,
    ]);
    // Turns go on without meeting it: what they say of the store is not all of the truth.
    scene.watch.saw([]);
    expect(scene.watch.isUp()).toBe(false);
    scene.store.probe = WELL;
    await scene.pollUntil(NOON + 77 * SECOND);
    expect([scene.watch.isUp(), scene.watch.problem()]).toEqual([true, undefined]);
  });

  it('is reported to the meta receiver within a minute of its beginning, once, and again when it is over', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 60 * SECOND);
    scene.store.probe = unwritable();
    await scene.pollUntil(NOON + 121 * SECOND);
    expect(scene.heard().map((line) => line.slice(6))).toEqual(['meta [FIRING] Tocsin cannot write its store']);
    expect(scene.channel.got[0]?.message.text).toContain(BLOCKED);
    await scene.pollUntil(NOON + 600 * SECOND);
    scene.store.probe = WELL;
    await scene.pollUntil(NOON + 610 * SECOND);
    expect(scene.heard().map((line) => line.slice(6))).toEqual([
      'meta [FIRING] Tocsin cannot write its store',
      'meta [RESOLVED] Tocsin can write its store again',
    ]);
  });

  it('is one line of the log when it begins, one when it lasts and one when it ends, in whatever words turns meet it', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 10 * SECOND);
    const before = scene.lines().length;
    scene.watch.saw(['tocsin-alert-groups: blocked']);
    scene.store.probe = unwritable();
    for (let at = 11; at < 200; at++) {
      scene.watch.saw([`POST /tocsin-rules/_bulk: refused (${at})`]);
      await scene.pollUntil(NOON + at * SECOND);
    }
    scene.store.probe = WELL;
    scene.watch.saw([]);
    await scene.pollUntil(NOON + 210 * SECOND);
    const loud = scene
      .lines()
      .slice(before)
      .filter((line) => !line.startsWith('debug'));
    expect(loud).toEqual([
      'warn: the store cannot be written: alerts are not saved or sent',
      'error: the store still cannot be written: alerts are not saved or sent',
      'info: meta receiver notified from memory',
      expect.stringMatching(/^info: the store can be written again after 3m/),
      'info: meta receiver notified from memory',
    ]);
  });

  it('is not up before the first probe has passed, though its indices are there', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    scene.store.probe = unwritable();
    await scene.pollUntil(NOON + 20 * SECOND);
    expect([scene.watch.isOpen(), scene.watch.isUp()]).toEqual([true, false]);
  });

  it('stays away while one document is refused for the sake of its index, which the probe is not', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 10 * SECOND);
    const message = 'Limit of total fields [1000] has been exceeded';
    const refused = { rule: 'boom', why: 'refused', message, of: 'index' } as const;
    scene.watch.wrote({ saved: [], unsaved: [refused] });
    await scene.pollUntil(NOON + 100 * SECOND);
    expect([scene.watch.isUp(), scene.watch.problem()]).toEqual([false, message]);
    expect(scene.heard()).toHaveLength(1);
    scene.watch.wrote({ saved: [ruleDocument('boom', {})], unsaved: [] });
    await scene.pollUntil(NOON + 110 * SECOND);
    expect(scene.watch.isUp()).toBe(true);
  });

  it('is no outage where one document is refused for its own sake', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 10 * SECOND);
    scene.watch.wrote({ saved: [], unsaved: [{ rule: 'large', why: 'refused', message: 'too large' }] });
    await scene.pollUntil(NOON + 200 * SECOND);
    expect(scene.watch.isUp()).toBe(true);
  });

  it('forgets a refusal that nobody repeats: the rule may be gone', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 10 * SECOND);
    scene.watch.wrote({ saved: [], unsaved: [{ rule: 'gone', why: 'refused', message: 'strict', of: 'index' }] });
    await scene.pollUntil(NOON + 320 * SECOND);
    expect(scene.watch.isUp()).toBe(true);
  });

  it('is away when a probe throws', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    await scene.pollUntil(NOON + 10 * SECOND);
    scene.store.probe = undefined;
    await scene.pollUntil(NOON + 25 * SECOND);
    expect(scene.watch.isUp()).toBe(false);
  });
});

describe('the history', () => {
  it('is part of an outage of the state, and no problem of its own when that is over', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    scene.store.probe = { ...unwritable(), history: broken.history };
    await scene.pollUntil(NOON + 60 * SECOND);
    expect(scene.watch.findings()).toEqual([]);
    scene.store.probe = whole;
    await scene.pollUntil(NOON + 80 * SECOND);
    expect(scene.watch.findings()).toEqual([]);
    expect(scene.lines().filter((line) => line.includes('history index'))).toEqual([]);
  });

  const broken: StoreProbe = {
    state: WELL.state,
    history: new Map([['tocsin-alerts', { kind: 'unwritable', message: BLOCKED }]]),
  };
  const whole: StoreProbe = { state: WELL.state, history: new Map([['tocsin-alerts', undefined]]) };

  it('that cannot be written is a finding for health and no outage, and is over after a while', async () => {
    const scene = stage();
    scene.store.answer = THERE;
    scene.store.probe = whole;
    await scene.pollUntil(NOON + 60 * SECOND);
    scene.store.probe = broken;
    await scene.pollUntil(NOON + 85 * SECOND);
    expect([scene.watch.isUp(), [...scene.watch.history()]]).toEqual([true, [['tocsin-alerts', BLOCKED]]]);
    expect(scene.watch.findings()).toEqual([
      { kind: 'index', subject: 'tocsin-alerts', problem: expect.stringContaining(BLOCKED) },
    ]);
    scene.store.probe = whole;
    await scene.pollUntil(NOON + 100 * SECOND);
    // Another replica may still see it: until all have had the time to look, nothing is said.
    expect(scene.watch.findings()).toEqual([]);
    await scene.pollUntil(NOON + 140 * SECOND);
    expect(scene.watch.findings()).toEqual([{ kind: 'index', subject: 'tocsin-alerts', problem: undefined }]);
    expect(scene.lines().filter((line) => line.includes('history index'))).toHaveLength(2);
  });
});
