import { describe, expect, it } from 'vitest';
import type { KnownRule } from '../../../src/messages/known-rule.ts';
import { messageOf } from '../../../src/messages/message-of.ts';
import { sentence } from '../../../src/messages/sentence.ts';
import { written } from '../../../src/messages/when.ts';
import { appearance, overallStatus, whySent } from '../../../src/messages/wording.ts';
import type { Facts, NotifiedAlert, QueuedEntry } from '../../../src/notify/alert-group.ts';
import { alertGroup, inflightOf, notifiedAs, queuedEntry } from '../../support/engine/notified.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const BOOM: KnownRule = {
  name: 'boom',
  message: {},
  source: { indices: ['logs-*'], timeField: '@timestamp' },
  query: { language: 'kql', text: 'a:1' },
};
const FACTS: Facts = { reminder: false, entries: [], also: {}, incident: 'i' };
const host = (name: string) => ({ group: { 'host.name': name }, labels: { alertname: 'boom', 'host.name': name } });
const fired = queuedEntry(1);
const ended = queuedEntry(2, { kind: 'resolved', at: NOON + 12 * MINUTE, values: { count: 0 } });
const other = queuedEntry(3, host('h2'));

function of(entries: readonly QueuedEntry[], notified: readonly QueuedEntry[] = []) {
  const alerts: Readonly<Record<string, NotifiedAlert>> = Object.fromEntries(notified.map((one) => [one.alert, notifiedAs(one)]));
  const inflight = inflightOf(entries, { since: NOON + 60 * MINUTE, facts: { ...FACTS, entries } });
  return messageOf('c', alertGroup({ alerts }), inflight, { ruleOf: () => BOOM, kibana: undefined });
}

describe('the values and the mark of an alert that is over, or still fires', () => {
  it('labels what says that it is over as the recover expression, where that is another than the condition', () => {
    const labels = (condition: string) =>
      of([{ ...ended, condition }], [fired]).alerts[0]?.details?.filter(({ label }) => ['condition', 'recover'].includes(label));
    expect(labels('count < 2')).toEqual([{ label: 'recover', value: 'count < 2' }]);
    expect(labels(fired.condition)).toEqual([{ label: 'condition', value: fired.condition }]);
  });

  it('says of values that they are those of the last message, where nothing newer or older is known', () => {
    const { fired: _fired, ...unknown } = notifiedAs(fired);
    const message = (entries: readonly QueuedEntry[], facts: Partial<Facts>) =>
      messageOf(
        'c',
        alertGroup({ alerts: { [fired.alert]: unknown } }),
        inflightOf(entries, { facts: { ...FACTS, entries, ...facts } }),
        {
          ruleOf: () => BOOM,
          kibana: undefined,
        },
      );
    expect(message([ended], {}).alerts[0]?.details?.[0]?.value).toBe('0 (7 in the last message)');
    const reminder = message([], { reminder: true, also: { [fired.alert]: unknown } });
    expect(reminder.alerts[0]?.measured?.value).toBe('count 7 when last notified');
    const present = message([], { reminder: true, also: { [fired.alert]: { ...unknown, values: { count: 9 }, present: true } } });
    expect(present.alerts[0]?.measured?.value).toBe('count 9');
  });

  it.each([
    ['rule_removed', 'RULE REMOVED', 'the rule was removed'],
    ['rule_changed', 'RULE CHANGED', 'the rule was changed'],
    ['state_lost', 'STATE LOST', 'its stored state was lost'],
  ])('about an end for %s is no recovery: it has a mark of its own, no window, and no present values', (reason, mark, why) => {
    const end = queuedEntry(2, { kind: 'resolved', reason, at: NOON + 12 * MINUTE, values: {}, condition: '' });
    const message = of([end], [fired]);
    expect(titleText(message.title)).toBe(`[${mark}] boom: h1`);
    expect(whySent(message)).toBe(`Ended after 12m: ${why}; not known to have recovered`);
    expect(written(sentence(message.alerts[0] as never, message), message)).toBe(
      `${why}; not known to have recovered · count 7 in the last message · limit 5 · 12:00 UTC – 12:12 UTC, 12m`,
    );
    expect(appearance(overallStatus(message), message.severity)).toEqual(appearance('no_data', 'warning'));
    const details = message.alerts[0]?.details?.map(({ label, value }) => `${label}: ${value}`);
    expect(details?.slice(0, 2)).toEqual([
      'count: 7 (in the last message)',
      'last recorded window: until 2026-01-01 12:00:00 UTC',
    ]);
    const two = of([end, { ...ended, ...host('h2'), n: 4, alert: other.alert, episode: other.episode }], [fired, other]);
    expect(titleText(two.title)).toBe(`[RESOLVED:1, ${mark}:1] boom`);
    const unsent = of([fired, end]);
    expect([titleText(unsent.title), whySent(unsent)]).toEqual([
      '[ENDED] boom: h1',
      'Fired and ended before a notification was sent',
    ]);
  });
});

it('a message about several alerts whose rule names their parts has them in its title, and counts the others', () => {
  const known: KnownRule = { ...BOOM, part: ({ 'host.name': name }) => `host ${name}` };
  const title = (count: number) => {
    const entries = Array.from({ length: count }, (_, i) => queuedEntry(i + 1, host(`h${String(i).padStart(2, '0')}`)));
    return titleText(messageOf('c', alertGroup(), inflightOf(entries), { ruleOf: () => known, kibana: undefined }).title);
  };
  expect(title(2)).toBe('[FIRING:2] boom: host h00, host h01');
  expect(title(30)).toBe('[FIRING:30] boom: host h00, host h01, host h02 and 27 more');
  expect(title(1)).toBe('[FIRING] boom: h00');
});
