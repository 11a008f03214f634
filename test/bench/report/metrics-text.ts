/** One sample of a text in Prometheus' format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads a text in Prometheus' format; comments and what is no sample are left out. */
export function readMetrics(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line): Sample[] => {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (found === null) return [];
    const labels = [...(found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]);
    const number = found[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(found[3]);
    return [{ name: found[1] ?? '', labels: Object.fromEntries(labels) as Record<string, string>, value: number }];
  });
}

/** The sum of a counter over all its labels, or over those that fit. */
export function total(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const fits = (sample: Sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
  return samples.reduce((sum, sample) => (sample.name === name && fits(sample) ? sum + sample.value : sum), 0);
}

/**
 * The quantile of what a histogram observed between two texts: the upper end of the bucket in which it lies, so never less than it was.
 * NaN when it observed nothing.
 */
export function histogramQuantile(before: readonly Sample[], after: readonly Sample[], name: string, q: number): number {
  const old = new Map(bucketsOf(before, name));
  const grown = bucketsOf(after, name).map(([end, seen]) => [end, seen - (old.get(end) ?? 0)] as const);
  const all = grown.at(-1)?.[1] ?? 0;
  if (all === 0) return Number.NaN;
  return grown.find(([, seen]) => seen >= q * all)?.[0] ?? Number.NaN;
}

function bucketsOf(samples: readonly Sample[], name: string): readonly (readonly [number, number])[] {
  const ends = new Map<number, number>();
  for (const { name: of, labels, value } of samples) {
    if (of !== `${name}_bucket`) continue;
    const end = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']);
    ends.set(end, (ends.get(end) ?? 0) + value);
  }
  return [...ends].sort(([a], [b]) => a - b);
}
