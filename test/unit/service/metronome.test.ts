import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/time.ts';
import { startMetronome } from '../../../src/service/metronome.ts';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

describe('the metronome', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOON }));
  afterEach(() => void vi.useRealTimers());

  function start() {
    const beats: number[] = [];
    const metronome = startMetronome(() => void beats.push(Date.now() - NOON), systemClock);
    return { beats, metronome };
  }

  it('beats every second until it is stopped', async () => {
    const { beats, metronome } = start();
    await vi.advanceTimersByTimeAsync(10_500);
    expect(beats).toHaveLength(10);
    metronome.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(beats).toHaveLength(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when the clock is set back by an hour', async () => {
    const { beats, metronome } = start();
    await vi.advanceTimersByTimeAsync(3_500);
    vi.setSystemTime(NOON - 3_600_000);
    const before = beats.length;
    await vi.advanceTimersByTimeAsync(20_000);
    metronome.stop();
    expect(beats.length - before).toBeGreaterThan(15);
  });

  it('goes on when the clock jumps ahead, without making up for the seconds between', async () => {
    const { beats, metronome } = start();
    await vi.advanceTimersByTimeAsync(3_500);
    vi.setSystemTime(NOON + 3_600_000);
    const before = beats.length;
    await vi.advanceTimersByTimeAsync(10_000);
    metronome.stop();
    expect(beats.length - before).toBeGreaterThan(7);
    expect(beats.length - before).toBeLessThan(13);
  });

  it('knows how long it has been silent', async () => {
    const { metronome } = start();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(metronome.silentFor()).toBeLessThan(1_000);
    metronome.stop();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(metronome.silentFor()).toBeGreaterThanOrEqual(30_000);
  });
});
