/** One quantity over time: what it is, how much of it is noise, and its samples at equal distances. */
export interface Series {
  readonly name: string;
  readonly unit: '' | 'MiB';
  /** What it may rise by, from the beginning of the evaluated part to its end, beside a tenth of its mean. */
  readonly slack: number;
  /** Not evaluated: it is bounded by something that is slower than the run; says by what. */
  readonly boundedBy?: string;
  readonly samples: readonly number[];
}

/** What a series says: how much it grows a period, and whether that has an end. */
export interface Evaluated {
  readonly first: number;
  readonly last: number;
  readonly most: number;
  /** Least squares over the evaluated part. */
  readonly growth: number;
  readonly verdict: 'bounded' | 'grows' | 'not evaluated' | 'too few samples';
}

/** What a process needs until it has seen everything once is no leak: the first share of the samples is not evaluated. */
const WARM_UP = 0.4;
const FEWEST = 5;

/** Evaluates a series: a line through what comes after the warm-up must not rise by more than a tenth of its mean and the slack. */
export function evaluateSeries({ samples, slack, boundedBy }: Series): Evaluated {
  const rest = samples.slice(Math.floor(samples.length * WARM_UP));
  const growth = slope(rest);
  const facts = { first: samples[0] ?? 0, last: samples.at(-1) ?? 0, most: Math.max(0, ...samples), growth };
  if (boundedBy !== undefined) return { ...facts, verdict: 'not evaluated' };
  if (rest.length < FEWEST) return { ...facts, verdict: 'too few samples' };
  const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
  return { ...facts, verdict: growth * (rest.length - 1) > mean / 10 + slack ? 'grows' : 'bounded' };
}

function slope(values: readonly number[]): number {
  const n = values.length;
  if (n < 2) return 0;
  const middle = (n - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const over = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  const under = values.reduce((sum, _value, i) => sum + (i - middle) ** 2, 0);
  return over / under;
}
