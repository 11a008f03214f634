import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../../../src/explain/explanation.ts';
import { type CurlPlace, curlOf, wrappedJson } from '../../../../src/reports/explain/curl.ts';
import { explainJson } from '../../../../src/reports/explain/explain-json.ts';
import { explainText } from '../../../../src/reports/explain/explain-text.ts';
import { broken } from '../../../../src/reports/explain/labelled.ts';
import { textWidth } from '../../../../src/reports/text-width.ts';
import { explained } from '../../../support/engine/explaining.ts';
import { readOptions, testRule } from '../../../support/engine/test-rule.ts';
import { MINUTE, NOON, play, world } from '../../../support/engine/world.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PLACE: CurlPlace = { url: 'https://elasticsearch.example.com:9200', auth: 'apiKey', ignoreMissingIndex: false };
const golden = (name: string) => join(import.meta.dirname, 'golden', name);
const plain = (columns: number) => ({ color: false, columns });
const time = (minute: number) => ({ '@timestamp': new Date(NOON + minute * MINUTE).toISOString() });

/** A question as Elasticsearch gets it: the embedded backend has a form of its own. */
const SENT = {
  index: ['logs-*'],
  size: 0,
  track_total_hits: false,
  timeout: '30000ms',
  query: {
    bool: {
      filter: [
        { range: { '@timestamp': { gte: NOON, lt: NOON + MINUTE, format: 'epoch_millis' } } },
        { match: { service: "it's" } },
      ],
    },
  },
  aggs: { groups: { terms: { field: 'service', size: 1000 } } },
};

const asSent = (story: Explanation): Explanation => ({
  ...story,
  ...(story.recorded !== undefined && { recorded: { ...story.recorded, sent: [SENT] } }),
  asked: { ...story.asked, sent: [SENT] },
});

/** A service that fails for three minutes, notified to a receiver; played until it recovers. */
async function firing(): Promise<Explanation> {
  const rule = testRule({
    name: 'boom',
    groupBy: ['service'],
    kql: 'level: error',
    window: MINUTE,
    condition: 'count >= 2',
    recover: 'count < 1',
    labels: { severity: 'critical' },
    lifecycle: { for: MINUTE, keepFiringFor: 2 * MINUTE },
  });
  const scene = world();
  const error = (minute: number, service: string) => ({ ...time(minute), service, level: 'error', trace: { id: TRACE } });
  scene.add(
    'logs-app',
    ...[0, 1, 2].flatMap((minute) => [error(minute, 'checkout'), error(minute + 0.5, 'checkout')]),
    error(1, 'cart'),
    { ...time(1.2), trace: { id: TRACE }, 'log.level': 'warn', 'service.name': 'db', message: 'all 20 connections are in use' },
    { ...time(1.3), trace: { id: TRACE }, 'log.level': 'error', message: 'payment\u001b[31m failed', 'error.message': 'EOF' },
  );
  await play(scene.engine([rule]), NOON, NOON + 5 * MINUTE);
  scene.add('logs-app', error(1.7, 'checkout'));
  const kibana = { url: 'https://kibana.example.com' };
  return asSent(await explained(scene, rule, { moment: NOON + 2 * MINUTE, now: NOON + 5 * MINUTE }, { kibana }));
}

async function missing(): Promise<Explanation> {
  const options = readOptions('threshold', { metrics: { used: { max: 'used' }, limit: { max: 'limt' } } }, ['pod']);
  const levels = [
    { severity: 'critical', condition: 'used / limit > 0.95' },
    { severity: 'warning', condition: 'used / limit > 0.85' },
  ];
  const rule = testRule({ name: 'memory', type: 'threshold', options, groupBy: ['pod'], window: MINUTE, levels });
  const scene = world();
  scene.add('logs-app', { ...time(0), pod: 'stub-1', used: 96, limit: 100 }, { ...time(0), used: 1 });
  return asSent(await explained(scene, rule, { moment: NOON + MINUTE }));
}

describe('an explanation for people', () => {
  test.each([
    [120, 'firing-120.txt'],
    [80, 'firing-80.txt'],
  ])('fits %d columns', async (columns, file) => {
    const text = explainText({ explanation: await firing(), place: PLACE, showsQueries: true }, plain(columns));
    await expect(text).toMatchFileSnapshot(golden(file));
    const long = text.split('\n').filter((line) => textWidth(line) > columns && !line.includes('https://'));
    expect(long).toEqual([]);
  });

  test('warns of what is unknown and of fields that no document has', async () => {
    await expect(explainText({ explanation: await missing(), place: PLACE, showsQueries: true }, plain(100))).toMatchFileSnapshot(
      golden('unknown.txt'),
    );
  });

  test('names the groups there are when one is missing', async () => {
    const story = {
      ...(await missing()),
      groups: [],
      missing: { group: { pod: 'stub-2' }, living: [], came: [{ pod: 'stub-1' }] },
    };
    const text = explainText({ explanation: story, place: PLACE, showsQueries: true }, plain(100));
    expect(text).toContain(
      'No document of pod: stub-2 in this window, and no alert of it is pending or firing.\n  alerts    none of this rule\n  measured  pod: stub-1\n',
    );
  });

  test('says which run failed and why, and that nothing came now either', async () => {
    const story = await firing();
    const problem = { code: 'timeout', message: 'too slow', hint: 'wait' };
    const failed: Explanation = {
      ...story,
      ...(story.recorded !== undefined && { recorded: { ...story.recorded, outcome: 'failed', problem } }),
      asked: { kind: 'failed', problem, sent: [], cost: story.asked.cost },
    };
    const text = explainText({ explanation: failed, place: PLACE, showsQueries: true }, plain(100));
    expect(text).toContain('recorded: not evaluated: timeout: too slow (wait)');
    expect(text).toMatch(/searched again at \S+: failed: timeout: too slow \(wait\)/);
  });

  test('no document can paint the terminal or forge a line', async () => {
    const story = await firing();
    const [group] = story.groups;
    if (group === undefined) throw new Error('there is no group');
    const evil = { ...group, group: { service: '\u001B[2Jx\nforged' }, because: '\u202Eevil' };
    const text = explainText({ explanation: { ...story, groups: [evil] }, place: PLACE, showsQueries: true }, plain(100));
    for (const sign of ['\u001B', '\u202E', '\nforged']) expect(text).not.toContain(sign);
  });

  test('colours are there when they are wanted', async () => {
    expect(
      explainText({ explanation: await firing(), place: PLACE, showsQueries: true }, { color: true, columns: 100 }),
    ).toContain('\u001B[');
  });
});

describe('the commands of an explanation', () => {
  test('are shown where they are asked for; without them a line says how', async () => {
    const report = { explanation: asSent(await firing()), place: PLACE };
    const text = explainText(report, plain(100));
    expect(text).not.toContain('curl -sS');
    expect(text.split('\n').filter((line) => line.includes('--curl'))).toHaveLength(1);
    expect(explainText({ ...report, showsQueries: true }, plain(100))).toContain('curl -sS');
  });
});

describe('an explanation for scripts', () => {
  test('holds all of it', async () => {
    await expect(explainJson({ explanation: await firing(), place: PLACE })).toMatchFileSnapshot(golden('firing.json.golden'));
  });
});

describe('the command that asks it oneself', () => {
  const header = (auth: CurlPlace['auth']) => curlOf(SENT, { ...PLACE, auth }, 100)?.split('\n')[0];

  test.each([
    ['none', 'curl -sS'],
    ['apiKey', 'curl -sS -H "Authorization: ApiKey $ELASTICSEARCH_API_KEY"'],
    ['basic', 'curl -sS -u "$ELASTICSEARCH_USERNAME:$ELASTICSEARCH_PASSWORD"'],
    ['bearer', 'curl -sS -H "Authorization: Bearer $ELASTICSEARCH_TOKEN"'],
  ] as const)('has a placeholder for the credentials: %s', (auth, line) => expect(header(auth)).toBe(`${line} \\`));

  test('shows no credentials that stand in the address', () => {
    const command = curlOf(SENT, { ...PLACE, url: 'https://elastic:sesame@es.example.com:9200/' }, 100);
    expect(command).toContain("'https://es.example.com:9200/logs-*/_search?allow_partial_search_results=false'");
    expect(command).not.toContain('sesame');
  });

  test('quotes what a shell would take for its own', () => {
    expect(curlOf(SENT, PLACE, 100)).toContain(`{"match":{"service":"it'\\''s"}}`);
  });

  test('names clusters and indices as a path does, and allows missing ones where the rule does', () => {
    const command = curlOf({ ...SENT, index: ['west:logs-*', '<logs-{now/d}>'] }, { ...PLACE, ignoreMissingIndex: true }, 100);
    expect(command).toContain(
      '/west%3Alogs-*,%3Clogs-%7Bnow%2Fd%7D%3E/_search?allow_partial_search_results=false&ignore_unavailable=true',
    );
  });

  test('goes to ES|QL for what names no index', () => {
    expect(curlOf({ query: 'FROM logs-*' }, PLACE, 100)).toContain(":9200/_query'");
  });

  test.each([
    ['what was asked of documents in memory', { kind: 'groups' }],
    ['nothing', null],
  ])('is none for %s', (_name, sent) => expect(curlOf(sent, PLACE, 100)).toBeUndefined());

  test('its JSON is broken where it does not fit, and is the same JSON', () => {
    const text = wrappedJson(SENT, 60);
    expect(JSON.parse(text)).toEqual(SENT);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('lines', () => {
  test.each([
    ['words that fit', 'one two', 10, ['one two']],
    ['words that do not', 'one two three', 8, ['one two', 'three']],
    ['a word longer than a line', 'abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['wide characters', '日本語日本語', 4, ['日本', '語日', '本語']],
    ['nothing', '', 4, ['']],
  ])('%s', (_name, text, columns, lines) => expect(broken(text, columns)).toEqual(lines));
});
