import { expect, it } from 'vitest';
import { RECEIVED_RULE } from '../../../src/received/received-rule.ts';

const { title } = RECEIVED_RULE.message;

function titleOf(labels: Readonly<Record<string, string>>, summary?: string): unknown {
  return title?.render({ values: summary === undefined ? {} : { summary }, labels });
}

it.each([
  [
    'name and place, where the summary says neither',
    { alertname: 'KubePodCrashLooping', severity: 'warning', namespace: 'shop', pod: 'checkout-x2k', instance: '10.0.0.9:8080' },
    'Pod is crash looping.',
    'KubePodCrashLooping: Pod is crash looping (shop, checkout-x2k)',
  ],
  [
    'the summary alone, where it says both',
    { alertname: 'NodeDown', instance: 'node-1:9100' },
    'NodeDown: node-1:9100 does not answer.',
    'NodeDown: node-1:9100 does not answer.',
  ],
  [
    'at most three places',
    { alertname: 'A', namespace: 'n', deployment: 'd', statefulset: 's', node: 'host-1' },
    'x',
    'A: x (n, d, s)',
  ],
  ['the labels, without a summary', { alertname: 'A', severity: 'warning', job: 'j', host: 'h' }, undefined, 'A: j, h'],
  ['the name, without anything else', { alertname: 'Watchdog', severity: 'none' }, undefined, 'Watchdog'],
])('is %s', (_what, labels, summary, text) => {
  expect(titleOf(labels, summary)).toEqual({ ok: true, text });
});
