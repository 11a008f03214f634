/** A number that a condition compares a value with, and how. */
export interface Limit {
  readonly sign: '>' | '>=' | '<' | '<=';
  readonly number: number;
}

/** A value that conditions compare with numbers; `bad`: on which side of them it is bad. */
export interface Thresholds {
  readonly value: string;
  readonly bad: 'above' | 'below';
  /** Without repetition, in the order of the conditions. */
  readonly limits: readonly Limit[];
}

/** A comparison of a value alone with a number alone: no part of a sum, of a quotient or of a call. */
const COMPARED = /(?:^|[(&|!?:])\s*([A-Za-z_]\w*)\s*(?:(>=|>)|(<=|<))\s*(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?=$|[)&|?:])/gi;
const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

/** What the conditions of a rule compare with numbers: the first value that any of them does; undefined where none does. */
export function thresholdsOf(conditions: readonly string[]): Thresholds | undefined {
  const found = conditions.flatMap((condition) =>
    [...condition.replace(TEXT, '""').matchAll(COMPARED)].map(([, value = '', above, below, number]) => {
      const sign = (above ?? below) as Limit['sign'];
      return {
        value,
        bad: above === undefined ? ('below' as const) : ('above' as const),
        limit: { sign, number: Number(number) },
      };
    }),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  const same = found.filter(({ value, bad }) => value === first.value && bad === first.bad).map(({ limit }) => limit);
  const limits = [...new Map(same.map((limit) => [`${limit.sign} ${limit.number}`, limit])).values()];
  return { value: first.value, bad: first.bad, limits };
}

/** Says whether a value is beyond a limit. */
export function isBeyond(value: number, { sign, number }: Limit): boolean {
  if (sign === '>') return value > number;
  if (sign === '>=') return value >= number;
  return sign === '<' ? value < number : value <= number;
}
