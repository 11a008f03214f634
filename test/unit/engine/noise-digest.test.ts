import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../src/core/schedule.ts';
import type { Parts } from '../../../src/engine/assemble.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { heard, MINUTE, NOON, plainRouting, play, turnAt, type World, world } from '../../support/engine/world.ts';

const DAY = 24 * 60 * MINUTE;
const RULE = testRule({ name: 'boom', groupBy: ['service'], window: MINUTE, labels: { severity: 'critical', team: 'shop' } });
/** Thursdays at one in the afternoon: an hour after noon. */
const SCHEDULE = scheduleOf('0 13 * * 4');
const DUE = NOON + 60 * MINUTE;

function scheduleOf(pattern: string) {
  const parsed = parseCron(pattern, 'UTC');
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.schedule;
}

function digest(one: World, more: Partial<NonNullable<Parts['noise']>> = {}): Partial<Parts> {
  const noise = { receiver: 'other', schedule: SCHEDULE, history: one.backend.runHistory, ...more };
  return { routing: plainRouting({ groupWait: 30_000 }), noise };
}

/** A service that is down in the minutes of a span. */
function down({ add }: World, from: number, to: number): void {
  for (let minute = from; minute < to; minute++)
    add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE).toISOString(), service: 'a' });
}

const reports = (one: World) => one.channel.got.filter(({ message }) => message.title.text.includes('noise report'));
const texts = (one: World) => reports(one).map(({ message }) => message.alerts[0]?.text ?? message.text);

describe('the noise digest', () => {
  it('is sent to its receiver once, whichever replicas and restarts there are, with what disturbed and the week before', async () => {
    const one = world();
    down(one, 0, 2);
    down(one, 10, 30);
    await play(one.engine([RULE], digest(one)), NOON - MINUTE, DUE + 3 * MINUTE);
    expect(heard(one.channel).filter((text) => text.includes('noise'))).toEqual([
      expect.stringMatching(/^13:0[01] other .*Tocsin: noise report, 4 messages and 2 episodes$/),
    ]);
    expect(texts(one)).toEqual([
      [
        '4 messages and 2 episodes from 25 December 2025 to 1 January 2026. The week before: 0 messages, 0 episodes.',
        '',
        'Rules, noisiest first:',
        '- boom: 4 messages (0 the week before), 2 episodes, 1 shorter than 5 minutes, 2 never acknowledged, 22m in alert',
        '',
        'Teams, longest in alert first:',
        '- shop: 22m in alert (0s the week before), 2 episodes',
        '',
        'Alerts that resolve before anyone can look, or that no one acknowledges, may need a longer "for", a different threshold or "flapping".',
      ].join('\n'),
    ]);
    // Others that begin with nothing in memory.
    for (const minute of [4, 5, 600]) await turnAt(one.engine([RULE], digest(one)), DUE + minute * MINUTE);
    expect(reports(one)).toHaveLength(1);
  });

  it('is sent each week, does not count itself, and says that nothing happened', async () => {
    const one = world();
    for (const week of [0, 7 * DAY]) await play(one.engine([RULE], digest(one)), DUE + week, DUE + week + 3 * MINUTE);
    expect(reports(one).map(({ message }) => message.title.text)).toEqual([
      'Tocsin: noise report, nothing fired and nothing was sent',
      'Tocsin: noise report, nothing fired and nothing was sent',
    ]);
    expect(texts(one)[1]).toBe(
      'Nothing fired and nothing was sent from 1 January 2026 to 8 January 2026. The week before: 0 messages, 0 episodes.',
    );
  });

  it('shares no message with alerts, has no raw values beside its text, and links to the page of noise', async () => {
    const one = world();
    down(one, 55, 70);
    const parts = { ...digest(one, { receiver: 'team' }), externalUrl: 'https://tocsin.example.com' };
    await play(one.engine([RULE], parts), NOON, DUE + 5 * MINUTE);
    const [report] = reports(one);
    expect(report?.message.alerts).toHaveLength(1);
    expect(report?.message.alerts[0]?.facts).toEqual([]);
    expect(report?.message.alerts[0]?.links).toEqual([{ label: 'Noise', url: 'https://tocsin.example.com/noise' }]);
    expect(report?.message.groupLabels).toEqual({ alertname: 'TocsinNoise' });
  });

  it('is retried while its receiver fails, which has a health alert', async () => {
    const one = world();
    one.channel.answer = ({ receiver }) =>
      receiver === 'other' ? { kind: 'retry', reason: { kind: 'network', text: 'away' } } : { kind: 'delivered' };
    const ports = one.engine([RULE], { ...digest(one), meta: 'meta' });
    await play(ports, DUE - MINUTE, DUE + 180 * MINUTE);
    expect(reports(one)).toEqual([]);
    const failing = expect.stringContaining('notifications to other/test/0 are not delivered');
    expect(heard(one.channel)).toEqual([failing, failing]);
    one.channel.answer = () => ({ kind: 'delivered' });
    await play(ports, DUE + 180 * MINUTE, DUE + 240 * MINUTE);
    expect(reports(one)).toHaveLength(1);
  });

  it('is made a minute later where history could not be read', async () => {
    const one = world();
    let reads = 0;
    const { runHistory } = one.backend;
    const episodes: typeof runHistory.episodes = async (wanted) =>
      ++reads <= 2 ? { ok: false, message: 'no shard' } : runHistory.episodes(wanted);
    const ports = one.engine([RULE], digest(one, { history: { ...runHistory, episodes } }));
    const first = await turnAt(ports, DUE);
    expect(first.storeProblems).toEqual(['the noise report could not be created: no shard']);
    await turnAt(ports, DUE + 5_000);
    expect(reads).toBe(2);
    await play(ports, DUE + MINUTE, DUE + 3 * MINUTE);
    expect(reports(one)).toHaveLength(1);
  });

  it('that was missed is sent within a day, and not after it', async () => {
    const late = world();
    await play(late.engine([RULE], digest(late)), DUE + 5 * 60 * MINUTE, DUE + 5 * 60 * MINUTE + 3 * MINUTE);
    expect(reports(late)).toHaveLength(1);
    const tooLate = world();
    await play(tooLate.engine([RULE], digest(tooLate)), DUE + DAY, DUE + DAY + 3 * MINUTE);
    expect(reports(tooLate)).toEqual([]);
  });
});
