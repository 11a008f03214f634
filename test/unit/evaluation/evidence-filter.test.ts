import { describe, expect, it, test } from 'vitest';
import { consoleChannel } from '../../../src/channels/console/console.ts';
import { cpuTime } from '../../../src/core/time.ts';
import { evidenceFilter } from '../../../src/evaluation/evidence/evidence-filter.ts';
import { kqlToDsl } from '../../../src/kql/kql.ts';
import { MINUTE, NOON, play, world } from '../../support/engine/world.ts';
import { ruleOf } from '../rules/rule-files.ts';

const METRICS = `
  errors: { count: "outcome:failure" }
  good: { count: "outcome:success" }
  all: { count: "kind:transaction" }
  total: { count: "*" }
  slow: { p99: ms }
`;

function dsl(text: string) {
  const compiled = kqlToDsl(text);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.dsl;
}

const FAILURES = dsl('outcome:failure');
const ALL = dsl('kind:transaction');

function rule(condition: string, more = '') {
  return ruleOf(`name: ratio\ntype: threshold\nindex: traces-*\nmetrics:${METRICS}condition: "${condition}"\n${more}`);
}

const filterOf = (condition: string, values: Readonly<Record<string, number>>, more = '') =>
  evidenceFilter(rule(condition, more), {
    level: 'warning',
    reason: 'breach',
    values: { good: 40, all: 60, total: 60, slow: 900, errors: 17, ...values },
  });

describe('the documents behind a breach', () => {
  test.each([
    ['errors / total > 0.05', {}, FAILURES],
    ['total >= 50 && errors / total > 0.05', {}, FAILURES],
    ['all >= 50 && errors / all > 0.05', {}, FAILURES],
    ['errors > 0.05 * all', {}, FAILURES],
    ['1.0 - good / all > 0.05', {}, { bool: { filter: [ALL], must_not: [dsl('outcome:success')] } }],
    ['good / all < 0.9', {}, { bool: { filter: [ALL], must_not: [dsl('outcome:success')] } }],
    ['total >= 50 && (errors / total > 0.5 || slow > 800)', { errors: 0 }, undefined],
    ['good < 50', {}, { bool: { filter: [], must_not: [dsl('outcome:success')] } }],
    ['slow > 800', {}, undefined],
    ['all > 50', {}, ALL],
    ['total > 50 && total != 13', {}, undefined],
  ])('%s with %j', (condition, values, expected) => {
    expect(filterOf(condition, values)).toEqual(expected);
  });

  it('are those of the breached level', () => {
    const levels =
      'levels:\n  - { severity: critical, condition: "errors > 99" }\n  - { severity: warning, condition: "slow > 800" }\n';
    const leveled = ruleOf(`name: ratio\ntype: threshold\nindex: traces-*\nmetrics:${METRICS}${levels}`);
    const breach = { reason: 'breach', values: { errors: 100, slow: 900 } };
    expect(evidenceFilter(leveled, { ...breach, level: 'critical' })).toEqual(FAILURES);
    expect(evidenceFilter(leveled, { ...breach, level: 'warning' })).toBeUndefined();
  });

  it('are those that evidence.query says, whatever the condition', () => {
    const more = 'evidence: { query: "ms > 5", fields: [message] }\n';
    expect(filterOf('errors / total > 0.05', {}, more)).toEqual(dsl('ms > 5'));
    expect(filterOf('slow > 800', {}, more)).toEqual(dsl('ms > 5'));
  });
});

describe('the evidence of a ratio', () => {
  it('is found in a moment, whatever the names of fields and the patterns', async () => {
    const scene = world();
    const name = 'a'.repeat(2_000);
    for (let n = 0; n < 3; n++)
      scene.add('traces-app', { '@timestamp': new Date(NOON + n).toISOString(), outcome: 'failure', [name]: n });
    const found = rule('errors / total > 0.05', `delay: 0s\nwindow: 1m\nevidence: { fields: ["a*", "${'*a'.repeat(12)}*b"] }\n`);
    const began = cpuTime();
    await play(scene.engine([found]), NOON, NOON + MINUTE);
    expect(cpuTime() - began).toBeLessThan(5_000);
    expect(scene.channel.got).toHaveLength(1);
  });

  it('shows failures, all their fields where a pattern asks for them, and what they have in common', async () => {
    const scene = world();
    for (let n = 0; n < 10; n++) {
      scene.add('traces-app', {
        '@timestamp': new Date(NOON + n * 1_000).toISOString(),
        outcome: n % 5 === 0 ? 'failure' : 'success',
        url: { path: n % 5 === 0 ? '/pay' : '/' },
        ms: n,
      });
    }
    const found = rule('errors / total > 0.05', 'delay: 0s\nwindow: 1m\nevidence: { fields: ["*"], top: [url.path] }\n');
    await play(scene.engine([found]), NOON, NOON + MINUTE);
    const message = scene.channel.got[0]?.message;
    const [alert] = message?.alerts ?? [];
    expect(alert?.evidence?.documents.map(({ fields }) => fields)).toEqual([
      { '@timestamp': '2026-01-01T12:00:05.000Z', ms: '5', outcome: 'failure', 'url.path': '/pay' },
      { '@timestamp': '2026-01-01T12:00:00.000Z', ms: '0', outcome: 'failure', 'url.path': '/pay' },
    ]);
    expect(alert?.evidence?.top).toEqual([{ field: 'url.path', values: [{ value: '/pay', count: 2 }] }]);
    if (message === undefined) throw new Error('nothing was sent');
    const { lines } = consoleChannel.render(message, undefined, {});
    expect(lines).toContain('   top url.path: /pay (2)');
  });
});
