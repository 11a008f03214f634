import type { ChartContent, ChartLine } from '../charts/chart-content.ts';
import { CHART_SIZE, chartText, isWorthDrawing, messageChart } from '../charts/message-chart.ts';
import type { Limit } from '../conditions/thresholds.ts';
import { own } from '../core/record.ts';
import { newestTick, usualInterval } from '../core/schedule.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import { DAY } from '../core/time.ts';
import { ruleSeries, type Series } from '../evaluation/rule-series.ts';
import { tickReadings } from '../evaluation/tick-readings.ts';
import { type ChartedNumbers, chartedNumbers } from '../messages/charted.ts';
import type { MessageChart } from '../messages/message.ts';
import type { ChartedAlert, ChartSubject } from '../notify/chart-subject.ts';
import type { Rule } from '../rules/rule.ts';
import { NO_RANGES } from '../search/range/range-query.ts';
import type { DrawPng } from './chart-memory.ts';
import { withKnownUnits } from './field-units.ts';
import type { TurnPorts } from './turn-ports.ts';

/** Longest time that a message waits for its chart, ms. */
const PATIENCE: Duration = 3_000;
/** Longest time that a rule is asked tick by tick: there is time to draw what was found. */
const ASKING: Duration = 2_000;
/** Charts that are searched for and drawn at once; messages beyond them go without. */
const AT_ONCE = 4;
/** Charts that are remembered: the other destinations of an alert show the same one, and so does another attempt. */
const REMEMBERED = 20;
/** Answers of all groups that are remembered: each may be of thousands. */
const TICKS_REMEMBERED = 2;
/** A chart shows at least so many ticks before the alert fired, and at least so long; and no more than so long altogether. */
const TICKS_BEFORE = 30;
const LEAST: Duration = 30 * 60_000;
const MOST: Duration = 7 * DAY;

/** The charts of messages, drawn so. */
export function chartsDrawnBy(drawPng: DrawPng): NonNullable<TurnPorts['charts']> {
  return (subject, ports, signal) => chartOf(subject, ports, drawPng, signal);
}

/**
 * The chart of a message: undefined where its rule has no series, nothing was found in time, or it cannot be drawn. Never rejects, and ends within three
 * seconds: a message is more than its chart.
 */
async function chartOf(
  subject: ChartSubject,
  ports: Pick<TurnPorts, 'rules' | 'ranges' | 'search' | 'typeNamed' | 'deadline' | 'session'>,
  drawPng: DrawPng,
  parent: AbortSignal,
): Promise<MessageChart | undefined> {
  const { rules, ranges = NO_RANGES } = ports;
  const loaded = rules.get(subject.rule);
  const rule = loaded && withKnownUnits(loaded, ports.session);
  if (rule === undefined || rule.message.chart === false) return undefined;
  const range = rangeOf(rule, subject);
  const type = ports.typeNamed(rule.type);
  if (range === undefined || type === undefined) return undefined;
  const { drawn, underway } = ports.session.charts;
  const key = JSON.stringify([rule.id, rule.definition, range, subject.alerts, subject.reader]);
  const known = drawn.get(key);
  if (known !== undefined) return known;
  if (underway.size >= AT_ONCE) return undefined;
  const limit = ports.deadline(PATIENCE, parent);
  const work = async () => {
    const ticks = () => readTicks({ rule, type }, range, ports, limit.signal);
    const series = await Promise.all(
      subject.alerts.map(({ group }) => ruleSeries({ rule, type, group }, range, { ranges, ticks }, limit.signal)),
    );
    const content = contentOf(subject, rule, series, range);
    if (limit.signal.aborted || content === undefined || !isWorthDrawing(content)) return undefined;
    const png = await drawPng((missing) => messageChart(content, missing), CHART_SIZE.width * 2);
    return png === undefined ? undefined : { png: Buffer.from(png).toString('base64'), text: chartText(content), ...CHART_SIZE };
  };
  const chart = Promise.race([work().catch(() => undefined), ended(limit.signal)]).finally(() => limit.end());
  drawn.set(key, chart);
  underway.add(chart);
  for (const oldest of [...drawn.keys()].slice(0, -REMEMBERED)) drawn.delete(oldest);
  const found = await chart;
  underway.delete(chart);
  // Another attempt may find what this one did not.
  if (found === undefined) drawn.delete(key);
  return found;
}

/** Asked once for all groups of a rule, and for all of its alert groups that fired at the same time. */
function readTicks(
  of: Parameters<typeof tickReadings>[0],
  range: TimeRange,
  { search, session, deadline }: Pick<TurnPorts, 'search' | 'session' | 'deadline'>,
  parent: AbortSignal,
): ReturnType<typeof tickReadings> {
  const { ticks } = session.charts;
  const key = JSON.stringify([of.rule.id, of.rule.definition, range]);
  const known = ticks.get(key);
  if (known !== undefined) return known;
  const limit = deadline(ASKING, parent);
  const asked = tickReadings(of, range, search, limit.signal).finally(() => limit.end());
  ticks.set(key, asked);
  for (const oldest of [...ticks.keys()].slice(0, -TICKS_REMEMBERED)) ticks.delete(oldest);
  return asked;
}

function ended(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}

/** From some time before the first of the alerts fired until the message: the time before is what shows that it is not as usual. */
function rangeOf(rule: Rule, { alerts, at }: ChartSubject): TimeRange | undefined {
  const to = newestTick(rule.schedule, at);
  if (to === undefined) return undefined;
  const began = Math.min(to, ...alerts.map(({ startedAt }) => startedAt));
  const before = Math.max(LEAST, TICKS_BEFORE * usualInterval(rule.schedule, to), 3 * rule.window, (to - began) / 2);
  return { from: Math.max(began - before, to - MOST), to };
}

function contentOf(
  { alerts, at, reader }: ChartSubject,
  rule: Rule,
  series: readonly (Series | undefined)[],
  range: TimeRange,
): ChartContent | undefined {
  const found = alerts.flatMap((alert, place): readonly Charted[] => {
    const one = series[place];
    return one === undefined ? [] : [{ alert, series: one }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const measures = rule.measures ?? {};
  const numbers = chartedNumbers(first.alert.condition, first.alert.decided, measures);
  const decided = numbers === undefined ? undefined : decidedLines(found, numbers);
  const shown = decided ?? plainLines(found);
  const measure = own(measures, first.series.value);
  const ends = alerts.map(({ endedAt }) => endedAt ?? at);
  return {
    label:
      decided === undefined
        ? (measure?.label ?? (first.series.value === 'count' ? 'documents' : first.series.value))
        : (numbers?.label ?? ''),
    unit: decided === undefined ? measure?.unit : numbers?.unit,
    bad: numbers?.bad ?? first.series.thresholds?.bad ?? 'above',
    range,
    ...shown,
    firing: { from: Math.min(...alerts.map(({ startedAt }) => startedAt)), to: Math.max(...ends) },
    isOver: alerts.every(({ endedAt }) => endedAt !== undefined),
    reader,
  };
}

interface Charted {
  readonly alert: ChartedAlert;
  readonly series: Series;
}

/** What the condition compares, computed of what was measured at each time; undefined where that is nothing, as of rules that look at events. */
function decidedLines(found: readonly Charted[], numbers: ChartedNumbers): Pick<ChartContent, 'lines' | 'limit'> | undefined {
  const lines = found.map(
    ({ alert, series }): ChartLine => ({
      name: found.length > 1 ? alert.name : '',
      points: pointsOf(series, (place) => valueAt(series, place, numbers.value)),
    }),
  );
  if (!isWorthDrawing({ lines })) return undefined;
  const [first] = found;
  const limits = first === undefined ? [] : pointsOf(first.series, (place) => valueAt(first.series, place, numbers.limit));
  return { lines, limit: numbers.isFixed ? everywhere(limits) : limits };
}

/** A limit that does not depend on what was measured is known also where nothing was. */
function everywhere(points: ChartLine['points']): ChartLine['points'] {
  const known = points.find(({ value }) => value !== null)?.value ?? null;
  return points.map(({ at }) => ({ at, value: known }));
}

function plainLines(found: readonly Charted[]): Pick<ChartContent, 'lines' | 'limit'> {
  const [limit]: readonly (Limit | undefined)[] = found[0]?.series.thresholds?.limits ?? [];
  return {
    lines: found.map(({ alert, series }) => ({
      name: found.length > 1 ? alert.name : '',
      points: pointsOf(series, (place) => series.values[place] ?? null),
    })),
    limit: limit === undefined || found[0] === undefined ? [] : pointsOf(found[0].series, () => limit.number),
  };
}

function pointsOf({ times }: Series, numberAt: (place: number) => number | null): ChartLine['points'] {
  return times.map((at: Instant, place) => ({ at, value: numberAt(place) }));
}

function valueAt({ readings }: Series, place: number, of: ChartedNumbers['value']): number | null {
  const values = readings[place];
  return values === undefined ? null : (of(values) ?? null);
}
