import { describe, expect, it } from 'vitest';
import { createSendLimits } from '../../../src/engine/send-limits.ts';

/** Work that ends when it is let go. */
function work() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const of = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => void ends.set(name, () => resolve(name)));
  };
  return { begun, of, end: (name: string) => ends.get(name)?.() };
}

const settled = () => new Promise(setImmediate);

describe('limits', () => {
  it('let only so many in at once, the others in the order they came', async () => {
    const { begun, of, end } = work();
    const limits = createSendLimits(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => limits.enter('slack', of(name)));
    await settled();
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
    for (const name of ['a', 'c']) end(name);
    await settled();
    end('d');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('do not wait for one another', async () => {
    const { begun, of, end } = work();
    const limits = createSendLimits(1);
    const [slack, mail] = [limits.enter('slack', of('slack')), limits.enter('mail', of('mail'))];
    await settled();
    expect(begun).toEqual(['slack', 'mail']);
    end('mail');
    expect(await mail).toBe('mail');
    end('slack');
    await slack;
  });

  it('go on after work that threw', async () => {
    const limits = createSendLimits(1);
    const first = limits.enter('slack', () => Promise.reject(new Error('broken')));
    const second = limits.enter('slack', async () => 'fine');
    await expect(first).rejects.toThrow('broken');
    expect(await second).toBe('fine');
  });
});
