import uPlot from 'uplot';
import style from 'uplot/dist/uPlot.min.css';

interface Series {
  readonly value: string;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly thresholds: readonly { readonly op: string; readonly number: number }[];
}

interface Episode {
  readonly alert: string;
  readonly group: Readonly<Record<string, string | null>>;
  readonly start: string;
  readonly end: string | null;
}

const HEIGHT = 260;

/** Draws the chart of each element with `data-chart`: the series of a rule and a group, its thresholds, and its episodes. */
export function drawCharts(): void {
  const places = [...document.querySelectorAll<HTMLElement>('[data-chart]')];
  if (places.length === 0) return;
  // The policy of the page permits no style elements, but style sheets that a program adopts.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  for (const place of places) void drawChart(place);
}

async function drawChart(place: HTMLElement): Promise<void> {
  const rule = encodeURIComponent(place.dataset['rule'] ?? '');
  const group = place.dataset['group'] ?? '{}';
  const from = place.dataset['from'] ?? '';
  const about = new URLSearchParams({ from, ...(group !== '{}' && { group }) });
  const [series, found] = await Promise.all([
    read<Series>(`/api/v1/rules/${rule}/series?${about}`),
    read<{ readonly items: readonly Episode[] }>(
      `/api/v1/episodes?${new URLSearchParams({ rule: place.dataset['rule'] ?? '', from, limit: '200' })}`,
    ),
  ]);
  if (typeof series === 'string') {
    place.textContent = `No chart: ${series}`;
    place.classList.add('faint');
    return;
  }
  const episodes = typeof found === 'string' ? [] : found.items.filter((episode) => isOf(episode, place.dataset['alert'], group));
  place.setAttribute('role', 'img');
  place.setAttribute('aria-label', descriptionOf(series, episodes.length));
  show(place, series, episodes);
}

function isOf(episode: Episode, alert: string | undefined, group: string): boolean {
  if (alert !== undefined) return episode.alert === alert;
  const wanted = JSON.parse(group) as Episode['group'];
  return Object.entries(wanted).every(([field, value]) => episode.group[field] === value);
}

function descriptionOf({ value, values, thresholds }: Series, episodes: number): string {
  const numbers = values.filter((one) => one !== null);
  const range =
    numbers.length === 0
      ? 'nothing was measured'
      : `from ${Math.min(...numbers)} to ${Math.max(...numbers)}, last ${numbers.at(-1)}`;
  const limits = thresholds.map(({ op, number }) => `${op} ${number}`).join(', ');
  return `Chart of ${value}: ${range}${limits === '' ? '' : `; condition ${limits}`}; ${episodes} episodes`;
}

function show(place: HTMLElement, { value, times, values, thresholds }: Series, episodes: readonly Episode[]): void {
  const colours = coloursOf(place);
  const lines = thresholds.map(({ number }) => times.map(() => number));
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT,
    axes: [true, false].map((isTime) => ({
      ...(isTime && { values: (_chart: uPlot, splits: number[]) => splits.map(timeLabel) }),
      stroke: colours.faint,
      grid: { stroke: colours.line, width: 1 },
      ticks: { stroke: colours.line, width: 1 },
    })),
    series: [
      { value: (_chart, at) => (at === null ? '--' : WHOLE.format(at * 1_000)) },
      { label: value, stroke: colours.link, width: 2, points: { show: times.length < 60 } },
      ...thresholds.map(({ op, number }) => ({
        label: `${op} ${number}`,
        stroke: colours.bad,
        dash: [6, 4],
        points: { show: false },
      })),
    ],
    hooks: { drawClear: [(chart) => drawEpisodes(chart, episodes, colours.bad)] },
  };
  const chart = new uPlot(options, [[...times], [...values], ...lines] as uPlot.AlignedData, place);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener(
    'change',
    () => {
      chart.destroy();
      show(place, { value, times, values, thresholds }, episodes);
    },
    { once: true },
  );
}

const DAY_LABEL = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const TIME_LABEL = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The time of day as the reader writes it; at midnight the day. */
function timeLabel(seconds: number): string {
  const at = new Date(seconds * 1_000);
  return at.getHours() === 0 && at.getMinutes() === 0 ? DAY_LABEL.format(at) : TIME_LABEL.format(at);
}

/** Bands behind the line: when the alert fired. */
function drawEpisodes(chart: uPlot, episodes: readonly Episode[], colour: string): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.15;
  for (const { start, end } of episodes) {
    const from = Math.max(bbox.left, chart.valToPos(Date.parse(start) / 1_000, 'x', true));
    const to = Math.min(
      bbox.left + bbox.width,
      end === null ? Number.POSITIVE_INFINITY : chart.valToPos(Date.parse(end) / 1_000, 'x', true),
    );
    if (to > from) ctx.fillRect(from, bbox.top, Math.max(1, to - from), bbox.height);
  }
  ctx.restore();
}

function coloursOf(place: Element) {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return { faint: colour('faint'), line: colour('line'), link: colour('link'), bad: colour('bad') };
}

/** The answer, or the reason why it is missing. */
async function read<T>(path: string): Promise<T | string> {
  try {
    const answer = await fetch(path);
    const body: unknown = await answer.json();
    if (answer.ok) return body as T;
    const { detail = 'the server does not answer', next = '' } = body as { readonly detail?: string; readonly next?: string };
    return next === '' ? detail : `${detail}; ${next}`;
  } catch {
    return 'the server does not answer';
  }
}
