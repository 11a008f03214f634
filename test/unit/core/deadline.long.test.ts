import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { deadline, timeLimit } from '../../../src/core/time.ts';

/** Collects garbage now. */
function collect(): void {
  setFlagsFromString('--expose_gc');
  runInNewContext('gc')();
}

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

describe('a deadline', () => {
  test('comes although nobody but its listeners holds it and garbage is collected meanwhile', async () => {
    const parent = new AbortController();
    // What an operation does: it listens, and keeps nothing.
    const reasons = Array.from({ length: 20 }, () => aborted(deadline(300, parent.signal)));
    const alone = aborted(deadline(300));
    const collecting = setInterval(collect, 20);
    try {
      for (const reason of await Promise.all([...reasons, alone])) expect(reason).toMatchObject({ name: 'TimeoutError' });
    } finally {
      clearInterval(collecting);
    }
  });

  test('is over when its parent is, for the reason of the parent', async () => {
    const parent = new AbortController();
    const signal = deadline(60_000, deadline(60_000, parent.signal));
    expect(signal.aborted).toBe(false);
    parent.abort(new Error('stopped'));
    expect(signal.reason).toMatchObject({ message: 'stopped' });
  });

  test('of a parent that is over is over at once', () => {
    expect(deadline(60_000, AbortSignal.abort(new Error('stopped'))).reason).toMatchObject({ message: 'stopped' });
  });

  test('that is over listens to its parent no more, and changes no more', async () => {
    const parent = new AbortController();
    const signal = deadline(0, parent.signal);
    await aborted(signal);
    parent.abort(new Error('stopped'));
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  test('of something that is done never comes, whatever becomes of its parent', () => {
    const parent = new AbortController();
    const limit = timeLimit(60_000, parent.signal);
    limit.end();
    parent.abort(new Error('stopped'));
    expect(limit.signal.aborted).toBe(false);
  });

  test('by the hundred thousand under one parent: one listener in all, none when the last is over', () => {
    const parent = new AbortController();
    const from = process.cpuUsage();
    const limits = Array.from({ length: 100_000 }, () => timeLimit(60_000, parent.signal));
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1);
    for (const { end } of limits) end();
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
    const { user, system } = process.cpuUsage(from);
    // One listener for each took quadratic time: minutes.
    expect((user + system) / 1_000).toBeLessThan(20_000);
  });

  test('that ends twice or late takes no other with it', () => {
    const parent = new AbortController();
    const [first, second] = [timeLimit(60_000, parent.signal), timeLimit(60_000, parent.signal)];
    first.end();
    first.end();
    parent.abort(new Error('stopped'));
    second.end();
    expect([first.signal.aborted, second.signal.reason]).toMatchObject([false, { message: 'stopped' }]);
    expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
  });

  test('that begins when the others are over ends with its parent too', () => {
    const parent = new AbortController();
    timeLimit(60_000, parent.signal).end();
    const late = timeLimit(60_000, parent.signal);
    parent.abort(new Error('stopped'));
    expect(late.signal.reason).toMatchObject({ message: 'stopped' });
  });

  test('that ends another of its parent while the parent aborts leaves that one as it was', () => {
    const parent = new AbortController();
    const first = timeLimit(60_000, parent.signal);
    const second = timeLimit(60_000, parent.signal);
    first.signal.addEventListener('abort', second.end);
    parent.abort();
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
  });
});
