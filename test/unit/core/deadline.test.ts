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
});
