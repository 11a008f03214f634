import { describe, expect, it } from 'vitest';
import { embeddedRanges } from '../../../src/backends/embedded/ranges.ts';
import type { Parts } from '../../../src/engine/assemble.ts';
import type { DrawPng } from '../../../src/engine/chart-memory.ts';
import { chartsDrawnBy } from '../../../src/engine/charts.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import type { RangeSearch } from '../../../src/search/range/range-query.ts';
import { readOptions, testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, play, type World, world } from '../../support/engine/world.ts';

const MEMORY = testRule({
  name: 'memory',
  type: 'threshold',
  groupBy: ['pod'],
  window: MINUTE,
  options: readOptions('threshold', { metrics: { used: { max: 'used' }, most: { max: 'most' } } }),
  condition: 'used / most > 0.95',
});

/** Two pods whose memory fills up until noon, and is free again ten minutes later. */
function pods(): World {
  const made = world();
  for (let minute = -60; minute < 20; minute++)
    for (const [index, pod] of ['api', 'cart'].entries()) {
      const used = minute < 0 ? 60 + index : minute < 10 ? 98 - index : 50;
      made.add('logs-app', { '@timestamp': new Date(NOON + minute * MINUTE - 1).toISOString(), pod, used, most: 100 });
    }
  return made;
}

interface Played {
  readonly svgs: readonly string[];
  /** By the message: its reason, and whether it has a chart. */
  readonly told: readonly string[];
  readonly charts: readonly unknown[];
  readonly searches: number;
  readonly stored: string;
}

const draws: DrawPng = async (svgWithout) => Buffer.from(svgWithout(new Set()));

async function told(
  given: Partial<Parts> & { readonly rule?: Rule; readonly shows?: boolean; readonly drawPng?: DrawPng } = {},
): Promise<Played> {
  const { rule = MEMORY, shows = true, drawPng = draws, ...parts } = given;
  const { engine, channel, backend } = pods();
  const svgs: string[] = [];
  let searches = 0;
  const embedded = embeddedRanges(backend.documents, backend.search);
  const ranges: RangeSearch = {
    ...embedded,
    ask: (questions, signal) => {
      searches += 1;
      return embedded.ask(questions, signal);
    },
  };
  const shown = { ...channel.channel, charts: () => shows };
  const saved: unknown[] = [];
  const alertGroups: typeof backend.alertGroups = {
    ...backend.alertGroups,
    save: (writes) => {
      saved.push(...writes);
      return backend.alertGroups.save(writes);
    },
  };
  const ports = engine([rule], {
    backend: { ...backend, ranges, alertGroups },
    destination: (id) => ({ channel: shown, options: { id } }),
    charts: chartsDrawnBy(async (svgWithout, width) => {
      svgs.push(svgWithout(new Set()));
      return drawPng(svgWithout, width);
    }),
    ...parts,
  });
  await play(ports, NOON - 10 * MINUTE, NOON + 18 * MINUTE);
  return {
    svgs,
    told: channel.got.map(({ message }) => `${message.reason}${message.chart === undefined ? '' : ' with a chart'}`),
    charts: channel.got.map(({ message }) => message.chart),
    searches,
    stored: JSON.stringify(saved),
  };
}

describe('the chart of a message', () => {
  it('shows what the condition compares, of the groups of the message, around the incident', async () => {
    const { told: messages, svgs, charts } = await told();
    expect(messages).toEqual(['first with a chart', 'resolved with a chart']);
    expect(svgs[0]).toContain('limit 95 %');
    expect(svgs[0]).toMatch(/>api<.*>cart</);
    expect(svgs[0]).toContain('>fires<');
    expect(svgs[1]).toContain('>fired<');
    const text = expect.stringMatching(/^Chart: used of most, .*: 60 % to 98 %, limit 95 %$/);
    expect(charts[0]).toMatchObject({ png: Buffer.from(svgs[0] ?? '').toString('base64'), text, width: 480 });
  });

  it('is drawn only for destinations that show it, and stored nowhere', async () => {
    const plain = await told({ shows: false });
    expect([plain.told, plain.svgs]).toEqual([['first', 'resolved'], []]);
    const shown = await told();
    expect(shown.stored).toContain('memory');
    expect(shown.stored).not.toContain('png');
  });

  it('is left out where the rule says so, and where nothing can draw', async () => {
    const off = await told({ rule: { ...MEMORY, message: { chart: false } } });
    expect([off.told, off.svgs]).toEqual([['first', 'resolved'], []]);
    expect((await told({ drawPng: async () => undefined })).told).toEqual(['first', 'resolved']);
  });

  it('is drawn once for all destinations of an incident', async () => {
    const both = plainRouting();
    const routing = { ...both, destinations: { ...both.destinations, team: [...(both.destinations['team'] ?? []), second] } };
    const { told: messages, svgs } = await told({ routing });
    expect(messages).toHaveLength(4);
    expect(svgs).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof told>[0]]>([
    ['that cannot be drawn', { drawPng: () => Promise.reject(new Error('no memory')) }],
    ['whose drawing throws', { drawPng: () => expect.unreachable() as never }],
    [
      'whose search takes too long',
      { deadline: (ms, signal) => ({ signal: ms === 3_000 ? AbortSignal.abort() : signal, end: () => undefined }) },
    ],
  ])('%s leaves the message as it is', async (_name, parts) => {
    expect((await told(parts)).told).toEqual(['first', 'resolved']);
  });

  it('does not keep a message waiting', async () => {
    const never: DrawPng = () => new Promise(() => undefined);
    const waited: number[] = [];
    const { told: messages } = await told({
      drawPng: never,
      deadline: (ms, parent) => {
        if (ms !== 3_000) return { signal: parent, end: () => undefined };
        waited.push(ms);
        return { signal: AbortSignal.timeout(20), end: () => undefined };
      },
    });
    expect(messages).toEqual(['first', 'resolved']);
    expect(waited).toEqual([3_000, 3_000]);
  });

  it('costs a search for each group, and none where nothing shows it', async () => {
    const plain = await told({ shows: false });
    expect((await told()).searches - plain.searches).toBe(4);
  });

  it('shows the number of documents of a rule that compares nothing', async () => {
    const options = readOptions('change', { field: 'used' });
    const change = testRule({ name: 'changes', type: 'change', groupBy: ['pod'], window: MINUTE, options, condition: 'changed' });
    const { told: messages, charts } = await told({ rule: change });
    expect(messages[0]).toMatch(/with a chart/);
    expect(charts[0]).toMatchObject({ text: expect.stringMatching(/^Chart: documents/) });
  });

  it('is none of events', async () => {
    const { told: messages, svgs } = await told({
      rule: testRule({ name: 'seen', type: 'match', window: MINUTE, condition: 'true' }),
    });
    expect([messages.includes('event'), svgs]).toEqual([true, []]);
  });
});

it('four charts are drawn at once: further messages go without, and nothing is searched for them', async () => {
  const { engine, backend } = pods();
  const waiting: (() => void)[] = [];
  const ports = engine([MEMORY], {
    backend: { ...backend, ranges: embeddedRanges(backend.documents, backend.search) },
  });
  const chartOf = chartsDrawnBy((svgWithout) => new Promise((done) => waiting.push(() => done(draws(svgWithout, 0)))));
  const { signal } = new AbortController();
  const alert = {
    name: 'api',
    group: { pod: 'api' },
    endedAt: undefined,
    condition: 'used / most > 0.95',
    decided: { used: 98, most: 100 },
  };
  const charts = Array.from({ length: 6 }, (_, minute) => {
    const at = NOON + minute * MINUTE;
    return chartOf({ rule: 'memory', alerts: [{ ...alert, startedAt: NOON }], at, reader: {} }, ports, signal);
  });
  expect(await Promise.all(charts.slice(4))).toEqual([undefined, undefined]);
  await expect.poll(() => waiting.length).toBe(4);
  for (const draw of waiting) draw();
  expect((await Promise.all(charts)).map((chart) => chart !== undefined)).toEqual([true, true, true, true, false, false]);
  // Once they are drawn, the next one is.
  const next = chartOf(
    { rule: 'memory', alerts: [{ ...alert, startedAt: NOON }], at: NOON + 9 * MINUTE, reader: {} },
    ports,
    signal,
  );
  await expect.poll(() => waiting.length).toBe(5);
  waiting.at(-1)?.();
  expect(await next).toBeDefined();
});

const second = { id: 'team/test/1', receiver: 'team', channel: 'test' };
