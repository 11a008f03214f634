import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/core/time.ts';
import type { TurnLog } from '../../src/engine/turn-log.ts';
import { checkpoint } from '../../src/evaluation/evaluate-batch.ts';
import { newGaps } from '../../src/service/journal.ts';
import { openTheatre, playOn, type Theatre } from '../support/e2e/stage.ts';
import { hasEsql } from '../support/elasticsearch/has-esql.ts';
import { elasticsearchUrl } from '../support/elasticsearch/urls.ts';

const START = Date.parse('2026-01-01T10:00:00.000Z');
const MINUTE = 60_000;
const minute = (count: number) => START + count * MINUTE;
const doc = (at: number, fields: object = {}) => ({ '@timestamp': iso(minute(at)), ...fields });
const keyword = { type: 'keyword' };
const MAPPING = {
  properties: {
    '@timestamp': { type: 'date' },
    service: keyword,
    host: keyword,
    phase: keyword,
    error: keyword,
    user: keyword,
    took: { type: 'long' },
  },
};

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre[Symbol.asyncDispose]());

/** Ticks that were evaluated, in the order in which they were, in minutes. */
const evaluated = (reports: readonly TurnLog[], rule: string) =>
  reports.flatMap(({ runs }) =>
    runs.filter((run) => run.rule === rule && run.outcome === 'evaluated').map((run) => (run.at - START) / MINUTE),
  );
const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const problems = (reports: readonly TurnLog[]) => [
  ...reports.flatMap(({ storeProblems }) => storeProblems),
  ...reports.flatMap(({ runs }) => runs.flatMap(({ problem }) => problem ?? [])),
];

const RULE = (more = '') => `
name: boom
type: frequency
index: PREFIXlogs
group_by: [service]
every: 1m
window: 1m
delay: 0s
condition: count >= 1
evidence: { samples: 0 }
${more}
`;

describe('Tocsin is stopped for twenty windows and started again, on Elasticsearch', () => {
  it('evaluates each of them once, in order and with its own time, and tells what happened meanwhile once, as late', async () => {
    await using stage = await theatre.open();
    await stage.index('logs', MAPPING, [
      ...count(1, 6).map((at) => doc(at, { service: 'ends-meanwhile' })),
      ...count(9, 11).map((at) => doc(at, { service: 'meanwhile' })),
      ...count(20, 28).map((at) => doc(at, { service: 'goes-on' })),
    ]);
    const before = stage.start(RULE());
    const first = await playOn(before, { from: START, to: minute(5) });
    expect(await checkpoint(before)).toBeLessThanOrEqual(1);
    expect(stage.notified().map(({ title }) => title)).toEqual(['[FIRING] boom: ends-meanwhile']);

    const after = stage.start(RULE());
    const caught = await playOn(after, { from: minute(26), to: minute(26), restart: true });
    expect(problems([...first, ...caught])).toEqual([]);
    expect(evaluated([...first, ...caught], 'boom')).toEqual(count(1, 26));
    const runs = caught.flatMap((report) => report.runs);
    for (const { at, window } of runs) expect(window).toEqual({ from: at - MINUTE, to: at });
    expect(runs.map(({ purpose }) => purpose)).toEqual([...count(6, 25).map(() => 'catch-up'), 'live']);

    const [, ...later] = stage.notified();
    expect(later).toHaveLength(1);
    const alerts = later[0]?.alerts.map(({ group, status, started_at, ended_at, late }) => [
      group['service'],
      status,
      (Date.parse(started_at) - START) / MINUTE,
      ended_at === null ? null : (Date.parse(ended_at) - START) / MINUTE,
      late,
    ]);
    expect(alerts).toEqual([
      ['goes-on', 'firing', 21, null, true],
      ['meanwhile', 'ended', 10, 13, true],
      ['ends-meanwhile', 'resolved', 2, 8, true],
    ]);
    expect(later[0]?.notes.join()).toContain('3 alerts were evaluated late, while catching up on windows that were missed');

    await playOn(after, { from: minute(26), to: minute(32) });
    expect(stage.notified().map(({ title }) => title)).toEqual([
      '[FIRING] boom: ends-meanwhile',
      '[FIRING:1, RESOLVED:2] boom',
      '[RESOLVED] boom: goes-on',
    ]);
  });

  it('records windows beyond catch_up as one gap, for metrics and log once, and tells it once', async () => {
    await using stage = await theatre.open();
    await stage.index(
      'logs',
      MAPPING,
      [doc(1), doc(8), doc(22)].map((one) => ({ ...one, service: 'a' })),
    );
    const rule = RULE('catch_up: 5m');
    const before = stage.start(rule);
    await playOn(before, { from: START, to: minute(4) });
    await checkpoint(before);
    const after = stage.start(rule);
    const reports = await playOn(after, { from: minute(25), to: minute(27), restart: true });
    expect(evaluated(reports, 'boom')).toEqual(count(20, 27));
    const documents = await after.states.load(['boom'], new Map());
    const gaps = documents.ok ? documents.value.get('boom')?.document.health.gaps : undefined;
    expect(gaps).toEqual([{ from: minute(4), to: minute(19) }]);
    expect(reports.flatMap((report) => newGaps(report, after))).toEqual([{ rule: 'boom', from: minute(4), to: minute(19) }]);
    const about = (rule: string) => stage.notified().filter(({ alerts }) => alerts[0]?.rule === rule);
    expect(about('TocsinHealth').map(({ status }) => status)).toEqual(['firing', 'resolved']);
    expect(JSON.stringify(about('TocsinHealth')[0])).toContain(
      `the windows of ${iso(minute(4))} to ${iso(minute(19))} were not evaluated: they are older than catch_up`,
    );
    // What happened in the gap, nobody knows; what happened before and after it is notified.
    expect(about('boom').map(({ title, at }) => [title, (Date.parse(at) - START) / MINUTE])).toEqual([
      ['[FIRING] boom: a', 2],
      ['[RESOLVED] boom: a', 3],
      ['[ENDED] boom: a', 25],
    ]);
  });
});

describe('a source with a thousand groups vanishes, on Elasticsearch', () => {
  it('is one message in place of a thousand, and over when it is back; nothing of the groups is notified', async () => {
    await using stage = await theatre.open();
    const hosts = Array.from({ length: 1_000 }, (_, host) => ({ host: `node-${host}` }));
    await stage.index('metrics', MAPPING, []);
    for (const at of [...count(-1, 3), ...count(9, 13)])
      await stage.add(
        'metrics',
        hosts.map((host) => doc(at, host)),
      );
    const rule = `
name: host-silent
type: flatline
index: PREFIXmetrics
group_by: [host]
window: 2m
delay: 0s
condition: count < 1
evidence: { samples: 0 }
`;
    const reports = await playOn(stage.start(rule), { from: START - 1, to: minute(14) });
    expect(problems(reports)).toEqual([]);
    const changes = reports.flatMap(({ runs }) => runs.flatMap((run) => run.changes));
    expect(changes.filter(({ transition }) => transition.kind === 'firing')).toHaveLength(1_000);
    expect(changes.filter(({ transition }) => transition.kind === 'resolved')).toHaveLength(1_000);
    const since = new Date(minute(4)).toISOString().slice(11, 16);
    const title = `1000 hosts stopped reporting at once: no document in ${stage.prefix}metrics since ${since} UTC`;
    expect(stage.notified().map((one) => [one.title, (Date.parse(one.at) - START) / MINUTE])).toEqual([
      [`[FIRING] ${title}`, 6],
      [`[RESOLVED] ${title}`, 10],
    ]);
    expect(JSON.stringify(stage.notified()[0])).toContain('and 980 more');
  });
});

describe('documents that arrive after their window was evaluated, on Elasticsearch', () => {
  /** Plays twelve minutes in which a document of minute 3 arrives `late` minutes after it. */
  async function arriving(late: number, more: string) {
    await using stage = await theatre.open();
    await stage.index('logs', MAPPING, [doc(1, { service: 'in-time' })]);
    let arrived = false;
    const rule = RULE(more).replace(more.startsWith('delay') ? 'delay: 0s\n' : '', '');
    const reports = await playOn(stage.start(rule), { from: START, to: minute(12) }, async (now) => {
      if (arrived || now < minute(3 + late)) return;
      arrived = true;
      await stage.add('logs', [doc(3, { service: 'late' })]);
    });
    expect(problems(reports)).toEqual([]);
    return stage
      .notified()
      .filter(({ alerts }) => alerts[0]?.group['service'] === 'late')
      .map(({ title, at, alerts, notes }) => ({ title, at: (Date.parse(at) - START) / MINUTE, late: alerts[0]?.late, notes }));
  }

  it('are notified by a second look, once, with what they are; and their end', async () => {
    const note = 'One alert was found late, in documents that arrived after their window was evaluated.';
    expect(await arriving(4, 'revisit: 6m')).toEqual([
      { title: '[FIRING] boom: late', at: 10, late: true, notes: [note] },
      { title: '[RESOLVED] boom: late', at: 11, late: false, notes: [] },
    ]);
  });

  it('are in time with a delay that is long enough', async () => {
    expect(await arriving(4, 'delay: 5m')).toEqual([
      { title: '[FIRING] boom: late', at: 9, late: false, notes: [] },
      { title: '[RESOLVED] boom: late', at: 10, late: false, notes: [] },
    ]);
  });

  it('are not seen when they come later than the second look', async () => {
    expect(await arriving(8, 'revisit: 6m')).toEqual([]);
  });
});

describe('each type goes the whole way from documents in Elasticsearch to a receiver', () => {
  const HEAD = 'every: 1m\nwindow: 1m\ndelay: 0s\n';
  const RULES = (esql: boolean) =>
    [
      `name: phase\ntype: change\nindex: PREFIXpods\nfield: phase\ngroup_by: [host]\nlabels: { to: slack }\n${HEAD}message: { text: "{{ previous }} to {{ current }}" }`,
      `name: new-error\ntype: new_term\nindex: PREFIXerrors\nfield: error\ngroup_by: [service, error]\nlookback: 1h\nkeep_firing_for: 2m\nlabels: { to: mail }\n${HEAD}`,
      `name: login\ntype: match\nindex: PREFIXlogins\nquery: user:*\nlate: 10m\nevidence: { fields: [user] }\n${HEAD}`,
      ...(esql
        ? [
            `name: slow\ntype: esql\nindex: PREFIXspans\nesql: "| STATS took = MAX(took) BY service"\nvariables: { took: number }\ngroup_by: [service]\ncondition: took > 500\n${HEAD}message: { text: "{{ took }} ms" }`,
          ]
        : []),
    ].join('\n---\n');

  it('once, a late match included, though Tocsin is stopped and started meanwhile', async () => {
    await using stage = await theatre.open();
    const esql = await hasEsql(elasticsearchUrl());
    await stage.index('pods', MAPPING, [
      ...count(0, 9).map((at) => doc(at, { host: 'pod-1', phase: at < 3 ? 'running' : 'failed' })),
      ...count(0, 9).map((at) => doc(at, { host: 'pod-2', phase: 'running' })),
    ]);
    await stage.index('errors', MAPPING, [
      ...count(-20, 9).map((at) => doc(at, { service: 'shop', error: 'Timeout' })),
      ...count(3, 9).map((at) => doc(at, { service: 'shop', error: 'OutOfMemory' })),
    ]);
    await stage.index('logins', MAPPING, [doc(-3, { user: 'old' }), doc(1.5, { user: 'ann' }), doc(4.2, { user: 'bob' })]);
    await stage.index('spans', MAPPING, [
      ...count(0, 9).map((at) => doc(at, { service: 'shop', took: at >= 2 && at <= 6 ? 900 : 10 })),
      ...count(0, 9).map((at) => doc(at, { service: 'cart', took: 10 })),
    ]);
    const first = await playOn(stage.start(RULES(esql)), { from: START, to: minute(5) });
    // It happened before, and was not there when its window was evaluated.
    await stage.add('logins', [doc(2.5, { user: 'eve' })]);
    const second = await playOn(stage.start(RULES(esql)), { from: minute(8), to: minute(10), restart: true });
    expect(problems([...first, ...second])).toEqual([]);

    const notified = (rule: string) => stage.notified().filter(({ alerts }) => alerts[0]?.rule === rule);
    expect(stage.slack.requests.map(({ body }) => JSON.parse(body).text)).toEqual([
      expect.stringMatching(/Warning: phase: pod-1/),
      expect.stringMatching(/Resolved after 1m: phase: pod-1/),
    ]);
    expect(stage.slack.requests[0]?.body).toContain('running to failed');
    // A new term does not recover: its end is not sent.
    expect(stage.mail.mails.map(({ subject }) => subject)).toEqual(['Warning: new-error: shop, OutOfMemory']);
    expect(
      notified('login').map(({ title, alerts }) => [
        title,
        JSON.stringify(alerts[0]?.evidence?.documents).match(/ann|bob|eve|old/g),
      ]),
    ).toEqual([
      ['[EVENT] login', ['ann']],
      ['[EVENT] login', ['bob']],
      ['[EVENT] login', ['eve']],
    ]);
    expect(notified('slow').map(({ title, alerts }) => [title, alerts[0]?.text, alerts[0]?.started_at])).toEqual(
      esql
        ? [
            ['[FIRING] slow: shop', '900 ms', iso(minute(3))],
            ['[RESOLVED] slow: shop', null, iso(minute(3))],
          ]
        : [],
    );
  });
});
