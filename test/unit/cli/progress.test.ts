import { describe, expect, test } from 'vitest';
import { progressOn } from '../../../src/cli/progress.ts';
import { manualClock } from '../../../src/core/time.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';

function bar(terminal: boolean) {
  const { line, written } = fakeCommandLine({ terminal });
  const clock = manualClock(0);
  return { progress: progressOn({ ...line, clock }, false), clock, stderr: () => written().stderr };
}

describe('a progress bar', () => {
  test('says nothing where there is no terminal', () => {
    const { progress, clock, stderr } = bar(false);
    clock.set(10_000);
    progress.show(0.5, 'half');
    progress.clear();
    expect(stderr()).toBe('');
  });

  test('says nothing of what ends soon', () => {
    const { progress, clock, stderr } = bar(true);
    clock.set(200);
    progress.show(0.5, 'half');
    progress.clear();
    expect(stderr()).toBe('');
  });

  test('shows how far it is and how long it may take, and clears away', () => {
    const { progress, clock, stderr } = bar(true);
    clock.set(10_000);
    progress.show(0.5, 'half');
    expect(stderr()).toBe(`\r\u001B[2K${'━'.repeat(30)}  50%  half, 10s left`);
    progress.clear();
    expect(stderr().endsWith('\r\u001B[2K')).toBe(true);
  });

  test('does not draw more often than people can see', () => {
    const { progress, clock, stderr } = bar(true);
    for (let ms = 1_000; ms < 2_000; ms += 10) {
      clock.set(ms);
      progress.show(ms / 2_000, 'on its way');
    }
    expect(stderr().split('\r').length - 1).toBe(10);
  });
});
