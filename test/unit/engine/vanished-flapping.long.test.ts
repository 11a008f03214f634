import { describe, expect, it } from 'vitest';
import { child, hear, hosts, onCall, silent, TITLE } from '../../support/engine/silent-hosts.ts';
import { heard, MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const FLAPPING = { episodes: 4, within: 60 * MINUTE, steady: 20 * MINUTE };
const RULE = silent({ flapping: FLAPPING });

/** Without documents for the last five of every ten minutes, until `end`, and from `gone` on. */
const comesAndGoes =
  (end: number, gone = Number.POSITIVE_INFINITY) =>
  (_host: number, minute: number) =>
    minute >= gone || (minute % 10 >= 5 && minute < end);

const clock = (minute: number) => new Date(NOON + minute * MINUTE).toISOString().slice(11, 16);
const title = (count: number, since: string) => TITLE(count, 'hosts', since);

describe('a source that comes and goes', () => {
  it('is reported each time, then as flapping, and again once it has documents for long enough', async () => {
    const { notified, messages } = await hear(hosts(3, comesAndGoes(120), 180), [RULE], undefined, 178);
    expect(notified).toEqual([
      ...[0, 10, 20].flatMap((minute) => [
        `${clock(minute + 7)} other [FIRING] ${title(3, clock(minute + 5))}`,
        `${clock(minute + 11)} other [RESOLVED] ${title(3, clock(minute + 5))}`,
      ]),
      `12:37 other [FIRING, flapping] ${title(3, '12:35')}`,
      `14:21 other [RESOLVED] ${title(3, '13:55')}`,
    ]);
    expect(messages[6]?.reason).toBe('flapping');
    expect(messages[6]?.alerts[0]?.text?.split('\n').slice(1)).toEqual([
      'Silent: node-0, node-1, node-2.',
      'The source is intermittent: 4 times since 2026-01-01 12:07:00 UTC no document at all arrived in metrics-*, the last time reported from 2026-01-01 12:35:00 UTC on.',
      'It is reported again once nothing has changed for 20m; alerts of individual hosts are held back while no documents arrive.',
    ]);
    expect(messages[7]?.alerts[0]?.flapping?.episodes).toBe(12);
    expect(messages[7]?.alerts[0]?.text).toContain('Documents arrive in metrics-* again.');
  });

  it('is reported as firing on once it is silent for long enough, and its end at once from then on', async () => {
    const { notified } = await hear(
      hosts(3, (host, minute) => comesAndGoes(60)(host, minute) || (minute >= 60 && minute < 95), 150),
      [RULE],
      undefined,
      148,
    );
    expect(notified.slice(6)).toEqual([
      `12:37 other [FIRING, flapping] ${title(3, '12:35')}`,
      `13:17 other [FIRING] ${title(3, '12:55')}`,
      `13:36 other [RESOLVED] ${title(3, '12:55')}`,
    ]);
  });

  it('hides no host that stays away', async () => {
    const { notified } = await hear(
      hosts(3, (host, minute) => comesAndGoes(60)(host, minute) || (host === 1 && minute >= 55), 90),
      [RULE],
      undefined,
      88,
    );
    expect(notified).toContain('13:02 other [FIRING] A host has stopped sending metrics: node-1');
  });

  it('is reported at once to a receiver that was never notified of it', async () => {
    const routes = [child('other', 'host.name', '=~', 'node-[01]'), child('meta', 'host.name', '=~', 'node-[23]')];
    const away = (host: number, minute: number) => comesAndGoes(60)(host, minute) || (host >= 2 && minute < 52);
    const { notified } = await hear(hosts(4, away, 90), [RULE], onCall(routes), 60);
    expect(notified.slice(6)).toEqual([
      `12:37 other [FIRING, flapping] ${title(2, '12:35')}`,
      `12:57 meta [FIRING] ${title(2, '12:55')}`,
    ]);
  });

  it('survives a restart between two outages', async () => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, comesAndGoes(90), 130));
    for (let minute = 0; minute < 128; minute += 4) {
      await play(scene.engine([RULE], { routing: onCall() }), NOON + minute * MINUTE, NOON + (minute + 4) * MINUTE);
    }
    expect(heard(scene.channel).slice(6)).toEqual([
      `12:37 other [FIRING, flapping] ${title(3, '12:35')}`,
      `13:51 other [RESOLVED] ${title(3, '13:25')}`,
    ]);
  });

  it('is resolved at once where its rule stops looking for flapping', async () => {
    const scene = world();
    scene.add('metrics-system', ...hosts(3, comesAndGoes(60), 90));
    await play(scene.engine([RULE], { routing: onCall() }), NOON, NOON + 62 * MINUTE);
    await play(scene.engine([silent({ flapping: undefined })], { routing: onCall() }), NOON + 62 * MINUTE, NOON + 64 * MINUTE);
    expect(heard(scene.channel).at(-1)).toBe(`13:03 other [RESOLVED] ${title(3, '12:55')}`);
  });
});
