import { describe, expect, test } from 'vitest';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { silencePreview, silencesReport } from '../../../src/engine/silence-list.ts';
import type { Silence } from '../../../src/notify/silences.ts';
import { alertsText } from '../../../src/reports/alerts-text.ts';
import { changedText, previewText, silencesText } from '../../../src/reports/silences-text.ts';
import type { Matcher } from '../../../src/routing/route.ts';
import { alertsSection } from '../../../src/server/web/alerts-section.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';

const HOUR = 60 * MINUTE;
const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical' } });
const boom = (minute: number, service: string) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service });
const of = (service: string): readonly Matcher[] => [{ label: 'service', op: '=', value: service }];
const look = { color: false, columns: 160 };
const now = NOON + 3 * MINUTE;
const wanted = { namespace: 'default', now, rules: [RULE] };

function silence(id: string, service: string, more: Partial<Silence> = {}): Silence {
  const times = { starts_at: NOON - HOUR, ends_at: NOON + HOUR };
  return { v: 1, id, matchers: of(service), ...times, created_by: 'kim', comment: 'upgrade', ...more };
}

/** Services a and b fire, b for the second time; a is silenced. */
async function played() {
  const { engine, add, backend } = world();
  await backend.silences.put(silence('one', 'a'));
  add('logs-app', boom(-30, 'b'), ...[0, 1, 2].flatMap((minute) => [boom(minute, 'a'), boom(minute, 'b')]));
  await play(engine([RULE]), NOON - 40 * MINUTE, now);
  return backend;
}

describe('silences', () => {
  test('are listed with the active alerts that each matches: active ones first, then those to come', async () => {
    const backend = await played();
    await backend.silences.put(silence('to-come', 'b', { starts_at: now + HOUR, ends_at: now + 2 * HOUR }));
    await backend.silences.put(silence('over', 'b', { ends_at: NOON - 1 }));
    const report = await silencesReport(backend, { ...wanted, expired: false });
    expect(report.silences.map(({ id, state, alerts }) => [id, state, alerts.map(({ group }) => group['service'])])).toEqual([
      ['one', 'active', ['a']],
      ['to-come', 'pending', ['b']],
    ]);
    const all = await silencesReport(backend, { ...wanted, expired: true });
    expect(all.silences.map(({ id }) => id)).toEqual(['one', 'to-come', 'over']);
    const text = silencesText(all, look);
    expect(text).toMatch(/^one +active +service="a" +2026-01-01 13:00 UTC, in 57m +1 +kim +upgrade$/m);
    expect(text).toContain('1 active silence, suppressing 1 active alert.');
  });

  test('name themselves beside the alert that they hold back, with author, end and reason', async () => {
    const { alerts } = await alertsReport(await played(), { ...wanted, all: false });
    const notes = Object.fromEntries(alerts.map(({ group, notified }) => [group['service'], notified[0]?.note]));
    expect(notes).toEqual({ a: 'silence one by kim until 2026-01-01 13:00 UTC: upgrade', b: undefined });
  });

  test('name themselves beside an alert that was notified before they began, on the command line and on the page', async () => {
    const backend = await played();
    await backend.silences.put(silence('later', 'b', { starts_at: now - 1 }));
    await backend.silences.put(silence('to-come', 'b', { starts_at: now + HOUR }));
    const report = await alertsReport(backend, { ...wanted, all: false });
    const [notified] = report.alerts.find(({ group }) => group['service'] === 'b')?.notified ?? [];
    expect(notified).toMatchObject({ state: 'notified', note: 'silence later by kim until 2026-01-01 13:00 UTC: upgrade' });
    expect(alertsText(report, look)).toMatch(/ ago \(silence later by kim/);
    expect(alertsSection({ report }, now)).toContain(
      ' ago, suppressed now: silence later by kim until 2026-01-01 13:00 UTC: upgrade',
    );
  });

  test('that are invalid are named, with what is wrong', async () => {
    const backend = await played();
    await backend.silences.put(silence('bad', 'a', { ends_at: NOON + HOUR, starts_at: NOON + 2 * HOUR }));
    const report = await silencesReport(backend, { ...wanted, expired: false });
    expect(report.unreadable).toEqual([expect.stringContaining('it ends before it starts')]);
    expect(silencesText(report, look)).toContain('invalid silence bad is invalid: it ends before it starts');
  });

  test('a comment cannot break a line or paint one', async () => {
    const backend = await played();
    await backend.silences.put(silence('one', 'a', { comment: 'x\n\u001B[31mred' }));
    const text = silencesText(await silencesReport(backend, { ...wanted, expired: false }), look);
    expect(text).not.toContain('\u001B');
    expect(text.trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('a preview', () => {
  test('shows the active alerts, and the episodes of a time that has passed by rule', async () => {
    const backend = await played();
    const preview = await silencePreview(backend, { ...wanted, matchers: of('b'), past: { from: NOON - HOUR, to: now } });
    expect(preview.alerts.map(({ group }) => group)).toEqual([{ service: 'b' }]);
    expect(preview.episodes.map(({ rule, end }) => [rule, end === undefined])).toEqual([
      ['boom', true],
      ['boom', false],
    ]);
    const text = previewText(preview, look);
    expect(text).toContain('Now: 1 active alert would be suppressed.');
    expect(text).toMatch(/2 episodes would have been suppressed\.\nRULE +EPISODES +FIRING\nboom +2 +\d+m/);
    const late = await silencePreview(backend, { ...wanted, matchers: of('b'), past: { from: NOON, to: now } });
    expect(late.episodes).toHaveLength(1);
  });

  test('of matchers that match nothing says what may have been meant', async () => {
    const backend = await played();
    const preview = await silencePreview(backend, { ...wanted, matchers: of('bb'), past: { from: NOON - HOUR, to: now } });
    expect(preview).toMatchObject({ alerts: [], episodes: [], hint: expect.stringContaining('no alert matches service="bb"') });
  });

  test('says that the history cannot be read, and does not blame the silences', async () => {
    const backend = await played();
    const runHistory = { ...backend.runHistory, episodes: async () => ({ ok: false, message: 'no node answered' }) as const };
    const preview = silencePreview({ ...backend, runHistory }, { ...wanted, matchers: of('b'), past: { from: NOON, to: now } });
    await expect(preview).rejects.toThrow('the history cannot be read: no node answered');
  });

  test('what was added says what it suppresses, until when, and how to undo it', async () => {
    const backend = await played();
    const [listed] = (await silencesReport(backend, { ...wanted, expired: false })).silences;
    if (listed === undefined) throw new Error('one silence is listed');
    const text = changedText({ now, done: 'added', silences: [listed], same: 'other' }, look);
    expect(text).toBe(
      [
        'Silence one suppresses 1 active alert until 2026-01-01 13:00 UTC (57m from now).',
        '  firing critical  boom  service: a',
        'Silence other has the same matchers.',
        'End it earlier: tocsin silence expire one',
        '',
      ].join('\n'),
    );
    const none = changedText({ now, done: 'added', silences: [{ ...listed, alerts: [] }], hint: 'did you mean b?' }, look);
    expect(none).toContain('No active alert matches now: did you mean b?');
  });
});
