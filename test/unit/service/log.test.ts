import { describe, expect, it } from 'vitest';
import { secret } from '../../../src/core/secret.ts';
import { createLog } from '../../../src/service/log.ts';

function logWith(format: 'json' | 'pretty', level = 'info', secrets: readonly string[] = []) {
  const lines: string[] = [];
  const log = createLog(
    { level, format },
    () => secrets.map(secret),
    (line) => void lines.push(line),
  );
  return { log, lines };
}

describe('the log', () => {
  it('is one JSON object a line, with the level as a word and the time in ISO 8601', () => {
    const { log, lines } = logWith('json');
    log.warn({ rule: 'a', at: '2026-01-01T12:00:00.000Z' }, 'look');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      rule: 'a',
      at: '2026-01-01T12:00:00.000Z',
      msg: 'look',
    });
  });

  it('is a readable line where people look', () => {
    const { log, lines } = logWith('pretty');
    log.info({ rule: 'a' }, 'firing');
    expect(lines.join('')).toMatch(/INFO: firing \{"rule":"a"\}\n$/);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = logWith('json', 'error');
    log.warn('no');
    expect(lines).toEqual([]);
  });

  it.each(['json', 'pretty'] as const)('prints no secret as %s, wherever it stands', (format) => {
    const password = 'pa"ss\\wörd 1';
    const { log, lines } = logWith(format, 'info', [password]);
    log.info(
      { problem: `user:${password} was refused`, url: `https://x/?p=${encodeURIComponent(password)}` },
      `text ${password}`,
    );
    log.error({ err: new Error(`login with ${password}`) }, 'failed');
    log.info({ token: secret('never-known') }, 'a secret by its type');
    const all = lines.join('');
    for (const spelling of [password, JSON.stringify(password).slice(1, -1), encodeURIComponent(password), 'never-known']) {
      expect(all).not.toContain(spelling);
    }
    expect(all).toContain('[redacted]');
  });
});
