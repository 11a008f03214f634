import type { MetricExpectation } from './table.ts';

/** What the service shows at one moment, as someone outside sees it. */
export interface Look {
  readonly ready: number;
  readonly healthy: number;
  readonly page: string;
  /** Samples of the metrics, each as Prometheus writes it: name and labels, and its value. */
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Asks all endpoints of the service at `address`. */
export async function look(address: string): Promise<Look> {
  const ask = (path: string) => fetch(`${address}${path}`, { signal: AbortSignal.timeout(10_000) });
  const [ready, healthy, page, metrics] = await Promise.all(['/-/ready', '/-/healthy', '/', '/metrics'].map(ask));
  const [pageText = '', metricsText = ''] = await Promise.all([page?.text(), metrics?.text()]);
  return {
    ready: ready?.status ?? 0,
    healthy: healthy?.status ?? 0,
    page: plain(pageText),
    samples: metricsText.split('\n').flatMap((line) => sampleOf(line) ?? []),
  };
}

/** The words of a page without its markup. */
function plain(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/gs, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');
}

function sampleOf(line: string): Sample | undefined {
  const [, name, labels = '', value] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
  return name === undefined ? undefined : { name, labels: labelsIn(labels), value: Number(value) };
}

function labelsIn(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => [name, value]));
}

/** The sum of the samples of a series selector such as `name{label="value"}`; 0 when there is none. */
function sumOf({ samples }: Look, series: string): number {
  const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const wanted = [...labelsIn(labels)];
  const fits = samples.filter((one) => one.name === name && wanted.every(([label, value]) => one.labels.get(label) === value));
  return fits.reduce((sum, { value }) => sum + value, 0);
}

/** Says why a metric does not show a problem; undefined when it does. */
export function notShown(expected: MetricExpectation, before: Look, now: Look): string | undefined {
  const value = sumOf(now, expected.series);
  if (expected.kind === 'rises') {
    return value > sumOf(before, expected.series) ? undefined : `${expected.series} has not risen (${value})`;
  }
  const holds = expected.operator === '>' ? value > expected.value : value === expected.value;
  return holds ? undefined : `${expected.series} is ${value}, expected ${expected.operator} ${expected.value}`;
}
