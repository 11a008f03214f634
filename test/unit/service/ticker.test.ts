import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/time.ts';
import { startTicker } from '../../../src/service/scheduler/ticker.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

describe('the ticker', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOON }));
  afterEach(() => void vi.useRealTimers());

  function start() {
    const polls: number[] = [];
    const ticker = startTicker(() => void polls.push(Date.now() - NOON), systemClock);
    return { polls, ticker };
  }

  it('polls every second until it is stopped', async () => {
    const { polls, ticker } = start();
    await vi.advanceTimersByTimeAsync(10_500);
    expect(polls).toHaveLength(10);
    ticker.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(polls).toHaveLength(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when the clock is set back by an hour', async () => {
    const { polls, ticker } = start();
    await vi.advanceTimersByTimeAsync(3_500);
    vi.setSystemTime(NOON - 3_600_000);
    const before = polls.length;
    await vi.advanceTimersByTimeAsync(20_000);
    ticker.stop();
    expect(polls.length - before).toBeGreaterThan(15);
  });

  it('goes on when the clock jumps ahead, without making up for the seconds between', async () => {
    const { polls, ticker } = start();
    await vi.advanceTimersByTimeAsync(3_500);
    vi.setSystemTime(NOON + 3_600_000);
    const before = polls.length;
    await vi.advanceTimersByTimeAsync(10_000);
    ticker.stop();
    expect(polls.length - before).toBeGreaterThan(7);
    expect(polls.length - before).toBeLessThan(13);
  });

  it('knows how long it has been silent', async () => {
    const { ticker } = start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ticker.silentFor()).toBeLessThan(1_000);
    ticker.stop();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ticker.silentFor()).toBeGreaterThanOrEqual(30_000);
  });
});
