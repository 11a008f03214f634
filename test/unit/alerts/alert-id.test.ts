import { expect, test } from 'vitest';
import { alertId, episodeId } from '../../../src/alerts/alert-id.ts';
import { isNotifiable } from '../../../src/alerts/alert-state.ts';
import { START } from './story.ts';

test('an alert has one id for ever, whatever the order of its group', () => {
  const id = alertId('default', 'stub-5xx', { 'service.name': 'stub', 'url.path': '/todos/' });
  expect(alertId('default', 'stub-5xx', { 'url.path': '/todos/', 'service.name': 'stub' })).toBe(id);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
});

test.each([
  ['namespaces', alertId('a', 'r', {}), alertId('b', 'r', {})],
  ['rules', alertId('a', 'r', {}), alertId('a', 's', {})],
  ['values', alertId('a', 'r', { host: '1' }), alertId('a', 'r', { host: '2' })],
  ['a missing value and the word null', alertId('a', 'r', { host: null }), alertId('a', 'r', { host: 'null' })],
  ['fields', alertId('a', 'r', { host: '1' }), alertId('a', 'r', { node: '1' })],
  ['an alert and its episode', alertId('a', 'r', {}), episodeId('a', START)],
  ['episodes', episodeId('a', START), episodeId('a', START + 1)],
])('ids tell %s apart', (_name, one, other) => {
  expect(one).not.toBe(other);
});

test('receivers are notified of firing, worse, better and resolved', () => {
  const kinds = ['pending', 'dropped', 'firing', 'worse', 'better', 'recovering', 'refiring', 'resolved'] as const;
  const outbox = kinds.filter((kind) => isNotifiable({ kind, from: 'firing', to: 'firing', reason: 'breach', at: START }));
  expect(outbox).toEqual(['firing', 'worse', 'better', 'resolved']);
});
