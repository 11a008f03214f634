import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { matchesAll } from '../../../src/routing/matches.ts';
import { formatMatcher } from '../../../src/routing/parse-matcher.ts';
import { knownTimezone, silenceEnd, silencesFor } from '../../../src/slack-app/silence-plan.ts';

const at = (text: string) => Date.parse(text);
const texts = (alerts: Parameters<typeof silencesFor>[0]) => silencesFor(alerts).map((one) => one.map(formatMatcher).sort());

describe('when a silence ends', () => {
  test.each([
    ['silence_1h', '2026-03-01T12:00Z', 'UTC', '2026-03-01T13:00Z'],
    ['silence_4h', '2026-03-01T12:00Z', 'UTC', '2026-03-01T16:00Z'],
    ['silence_morning', '2026-03-01T22:30Z', 'UTC', '2026-03-02T08:00Z'],
    ['silence_morning', '2026-03-02T03:00Z', 'UTC', '2026-03-02T08:00Z'],
    // Less than an hour away: the next one.
    ['silence_morning', '2026-03-02T07:30Z', 'UTC', '2026-03-03T08:00Z'],
    ['silence_morning', '2026-03-02T12:00Z', 'America/New_York', '2026-03-02T13:00Z'],
    // The night in which clocks go forward.
    ['silence_morning', '2026-03-28T22:00Z', 'Europe/Berlin', '2026-03-29T06:00Z'],
  ] as const)('%s at %s in %s', (action, now, zone, end) => {
    expect(silenceEnd(action, at(now), zone)).toBe(at(end));
  });

  it('is none for other buttons', () => {
    expect(silenceEnd('explain', 0, 'UTC')).toBeUndefined();
  });

  test.each([
    [['Asia/Tokyo', 'Europe/Berlin'], 'Asia/Tokyo'],
    [['', 'Europe/Berlin'], 'Europe/Berlin'],
    [['Not/A_Zone', 'Europe/Berlin'], 'Europe/Berlin'],
    [[undefined, 7], 'UTC'],
  ])('the zone of %j is %s', (candidates, zone) => {
    expect(knownTimezone(...candidates)).toBe(zone);
  });
});

describe('what a silence matches', () => {
  const labels = (pod: string, more = {}) => ({ labels: { alertname: 'boom', severity: 'warning', pod, ...more } });

  it('is an alert by its labels, without the severity', () => {
    expect(texts([labels('a')])).toEqual([['alertname="boom"', 'pod="a"']]);
  });

  it('is several that differ in one label by one silence', () => {
    expect(texts([labels('a.1'), labels('b')])).toEqual([['alertname="boom"', 'pod=~"a\\\\.1|b"']]);
  });

  it('is one each where they differ in more', () => {
    expect(texts([labels('a', { zone: 'x' }), labels('b', { zone: 'y' })])).toEqual([
      ['alertname="boom"', 'pod="a"', 'zone="x"'],
      ['alertname="boom"', 'pod="b"', 'zone="y"'],
    ]);
  });

  it('matches each of the alerts, and no other alert with values of theirs or of their neighbors', () => {
    const value = fc.constantFrom('a', 'b', 'a|b', '.*', 'a.1', 'a+', '', '(', '\\');
    const alert = fc.record({ alertname: fc.constantFrom('one', 'two'), pod: value, zone: value });
    fc.assert(
      fc.property(fc.array(alert, { minLength: 1, maxLength: 6 }), fc.array(alert, { maxLength: 10 }), (alerts, others) => {
        const plan = silencesFor(alerts.map((one) => ({ labels: one })));
        const isSilenced = (one: Readonly<Record<string, string>>) => plan.some((matchers) => matchesAll(matchers, one));
        const known = new Set(alerts.map((one) => JSON.stringify([one.alertname, one.pod, one.zone])));
        for (const one of alerts) expect(isSilenced(one)).toBe(true);
        for (const one of others) expect(isSilenced(one)).toBe(known.has(JSON.stringify([one.alertname, one.pod, one.zone])));
      }),
    );
  });
});
