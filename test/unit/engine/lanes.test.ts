import { describe, expect, it } from 'vitest';
import { createLanes } from '../../../src/engine/lanes.ts';

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

describe('lanes', () => {
  it('let only so many in at once, the others in the order they came', async () => {
    const { begun, of, end } = work();
    const lanes = createLanes(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => lanes.enter('slack', of(name)));
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
    const lanes = createLanes(1);
    const [slack, mail] = [lanes.enter('slack', of('slack')), lanes.enter('mail', of('mail'))];
    await settled();
    expect(begun).toEqual(['slack', 'mail']);
    end('mail');
    expect(await mail).toBe('mail');
    end('slack');
    await slack;
  });

  it('go on after work that threw', async () => {
    const lanes = createLanes(1);
    const first = lanes.enter('slack', () => Promise.reject(new Error('broken')));
    const second = lanes.enter('slack', async () => 'fine');
    await expect(first).rejects.toThrow('broken');
    expect(await second).toBe('fine');
  });
});
