import { describe, expect, it } from 'vitest';
import { MOST_POSTED, type PostedAlerts, readPosted } from '../../../src/received/read-posted.ts';
import { receivedId } from '../../../src/received/received-alerts.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const BY = { now: NOW, source: 'prometheus', resolveTimeout: 300_000 };

function read(...alerts: readonly unknown[]): PostedAlerts {
  const posted = readPosted(alerts, BY);
  if (typeof posted === 'string') throw new Error(posted);
  return posted;
}

describe('a posted alert', () => {
  it('is read as Prometheus sends it: its empty labels are left out, its times are those that were sent', () => {
    // As Prometheus 3 marshals notifier.Alert; labels of a target may be empty.
    const sent = {
      annotations: { description: 'a has been down for 5 minutes', summary: 'Instance a down', empty: '' },
      endsAt: '2026-03-01T12:04:00.123456789Z',
      startsAt: '2026-03-01T11:50:00Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
      labels: { severity: 'page', alertname: 'InstanceDown', instance: 'a', region: '' },
    };
    const labels = { alertname: 'InstanceDown', instance: 'a', severity: 'page' };
    expect(read(sent)).toEqual({
      problems: [],
      alerts: [
        {
          ...{ v: 1, id: receivedId(labels), labels },
          annotations: { description: 'a has been down for 5 minutes', summary: 'Instance a down' },
          generator_url: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
          starts_at: Date.parse('2026-03-01T11:50:00Z'),
          ends_at: Date.parse('2026-03-01T12:04:00.123Z'),
          ...{ received_at: NOW, source: 'prometheus' },
        },
      ],
    });
  });

  it.each([
    ['no time', {}, NOW, NOW + 300_000, true],
    [
      'times that Go does not know',
      { startsAt: '0001-01-01T00:00:00Z', endsAt: '0001-01-01T00:00:00Z' },
      NOW,
      NOW + 300_000,
      true,
    ],
    ['empty times', { startsAt: '', endsAt: null }, NOW, NOW + 300_000, true],
    ['an end that has passed, and no start', { endsAt: '2026-03-01T11:00:00Z' }, NOW - 3_600_000, NOW - 3_600_000, undefined],
    ['an end to come, and no start', { endsAt: '2026-03-01T14:00:00+01:00' }, NOW, NOW + 3_600_000, undefined],
    ['a start, and no end', { startsAt: '2026-03-01T11:00:00Z' }, NOW - 3_600_000, NOW + 300_000, true],
  ])('with %s gets the times that Alertmanager gives it', (_what, times, starts_at, ends_at, timeout) => {
    const [alert] = read({ labels: { alertname: 'x' }, ...times }).alerts;
    expect(alert).toMatchObject({ starts_at, ends_at });
    expect(alert?.timeout).toBe(timeout);
  });

  it.each<[what: string, alert: unknown, problem: RegExp]>([
    ['null', null, /expected an object/],
    ['a list', [], /expected an object/],
    ['no labels', {}, /labels are missing/],
    ['only empty labels', { labels: { a: '', b: '' } }, /at least one label/],
    ['a label without a name', { labels: { '': 'x' } }, /"" is not a valid label name/],
    ['a label that is a number', { labels: { a: 7 } }, /the label "a" is not a string/],
    ['half of a character in a label', { labels: { a: '\ud800' } }, /not valid Unicode/],
    ['half of a character in a name', { labels: { 'a\udc00': 'x' } }, /is not a valid label name/],
    ['a null character', { labels: { a: 'x\0y' } }, /not valid Unicode/],
    ['labels that are too long', { labels: { a: 'x'.repeat(9_000) } }, /longer than 4096/],
    [
      'too many labels',
      { labels: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`l${n}`, 'x'])) },
      /at most 100 labels/,
    ],
    ['an annotation that is an object', { labels: { a: 'x' }, annotations: { b: {} } }, /the annotation "b" is not a string/],
    ['annotations that are a text', { labels: { a: 'x' }, annotations: 'b' }, /annotations are not/],
    ['a start that is no time', { labels: { a: 'x' }, startsAt: 'yesterday' }, /startsAt is not a time: "yesterday"/],
    ['a time without a zone', { labels: { a: 'x' }, endsAt: '2026-03-01T12:00:00' }, /endsAt is not a time/],
    ['a day that there is not', { labels: { a: 'x' }, endsAt: '2026-13-41T12:00:00Z' }, /endsAt is not a time/],
    [
      'an end before its start',
      { labels: { a: 'x' }, startsAt: '2026-03-01T12:00:00Z', endsAt: '2026-03-01T11:00:00Z' },
      /after endsAt/,
    ],
    ['a link that is a number', { labels: { a: 'x' }, generatorURL: 1 }, /generatorURL/],
  ])('with %s is refused with its place, and the others are taken', (_what, alert, problem) => {
    const { alerts, problems } = read({ labels: { alertname: 'fine' } }, alert);
    expect(alerts.map(({ labels }) => labels)).toEqual([{ alertname: 'fine' }]);
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0]).toMatch(/^alert 2: /);
  });

  it('is not refused because what people read of it is long: annotations are cut, and a link that is too long is left out', () => {
    const annotations = { summary: 'x'.repeat(20_000), odd: 'a\ud800b' };
    const [alert] = read({ labels: { alertname: 'x' }, annotations, generatorURL: `http://p/${'x'.repeat(9_000)}` }).alerts;
    expect(alert?.annotations['summary']).toHaveLength(8_193);
    expect(alert?.annotations['odd']).toBe('a\uFFFDb');
    expect(alert).not.toHaveProperty('generator_url');
  });

  it('has the same id whatever the order of its labels', () => {
    const [a, b, c] = read(
      { labels: { x: '1', y: '2' } },
      { labels: { y: '2', x: '1', z: '' } },
      { labels: { x: '2', y: '1' } },
    ).alerts;
    expect(a?.id).toBe(b?.id);
    expect(a?.id).not.toBe(c?.id);
  });
});

describe('a body', () => {
  it.each<[what: string, body: unknown, problem: RegExp]>([
    ['nothing', undefined, /expected a list/],
    ['one alert', { labels: { a: 'x' } }, /expected a list/],
    ['more alerts than a request may have', Array(MOST_POSTED + 1).fill({}), /at most 5000 alerts/],
  ])('that is %s is refused whole', (_what, body, problem) => {
    expect(readPosted(body, BY)).toMatch(problem);
  });

  it('without an alert is fine', () => {
    expect(read()).toEqual({ alerts: [], problems: [] });
  });
});
