import { humanDuration } from './duration.ts';
import { readInteger } from './integers.ts';
import { type Json, jsonText } from './json.ts';
import { DEFAULT_LOCALE, type Locale, localNumber } from './locale.ts';
import { significant } from './printed.ts';
import { own } from './record.ts';

/** A step of a scale: numbers from `from` on are divided by it and followed by `suffix`. */
type Scale = readonly (readonly [from: number, suffix: string])[];

const steps = (base: number, suffixes: readonly string[]): Scale => suffixes.map((suffix, index) => [base ** index, suffix]);

interface KnownUnit {
  /** Other spellings. */
  readonly names: readonly string[];
  readonly scale: Scale;
  /** How many of the smallest step of the scale one is. */
  readonly factor?: number;
  /** Significant digits, at least those before the decimal point. */
  readonly digits?: number;
}

const SECOND_NS = 1e9;
const TIME: Scale = [
  [1, 'ns'],
  [1e3, 'µs'],
  [1e6, 'ms'],
  [SECOND_NS, 's'],
];
/** A hundred thousand years: longer ones are powers of ten. */
const LONGEST_NS = 3.2e21;
const PERCENT: Scale = [[1, '%']];
const CPU: Scale = [[1, 'CPU']];

/**
 * The one table of units. `ratio` is a share of one, as `*.pct` of Elastic's agents and `percent` in Elasticsearch's field metadata are; `percent` is a number
 * of hundredths.
 */
const UNITS = {
  bytes: { names: ['byte', 'b'], scale: steps(1_024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']) },
  kibibytes: { names: ['kib', 'kb', 'kilobytes'], scale: steps(1_024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']), factor: 1_024 },
  mebibytes: {
    names: ['mib', 'mb', 'megabytes'],
    scale: steps(1_024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']),
    factor: 1_024 ** 2,
  },
  gibibytes: {
    names: ['gib', 'gb', 'gigabytes'],
    scale: steps(1_024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']),
    factor: 1_024 ** 3,
  },
  bits: { names: ['bit'], scale: steps(1_000, ['bit', 'kbit', 'Mbit', 'Gbit', 'Tbit']) },
  ratio: { names: ['pct', 'share'], scale: PERCENT, factor: 100, digits: 2 },
  percent: { names: ['%', 'percentage'], scale: PERCENT, digits: 2 },
  nanoseconds: { names: ['ns', 'nanos', 'nanosecond'], scale: TIME },
  microseconds: { names: ['us', 'µs', 'micros', 'microsecond'], scale: TIME, factor: 1e3 },
  milliseconds: { names: ['ms', 'millis', 'millisecond', 'msec'], scale: TIME, factor: 1e6 },
  seconds: { names: ['s', 'sec', 'secs', 'second'], scale: TIME, factor: SECOND_NS },
  minutes: { names: ['min', 'mins', 'minute'], scale: TIME, factor: 60 * SECOND_NS },
  hours: { names: ['h', 'hour'], scale: TIME, factor: 3_600 * SECOND_NS },
  days: { names: ['d', 'day'], scale: TIME, factor: 86_400 * SECOND_NS },
  nanocores: { names: ['nanocore'], scale: CPU, factor: 1e-9 },
  millicores: { names: ['millicore'], scale: CPU, factor: 1e-3 },
  cores: { names: ['core'], scale: CPU },
} as const satisfies Readonly<Record<string, KnownUnit>>;

/** Units that are scaled; any other text is written behind the number as it is. */
export const KNOWN_UNITS: readonly string[] = Object.keys(UNITS);

const SPELLINGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries<KnownUnit>(UNITS).flatMap(([name, { names }]) => [name, ...names].map((spelling) => [spelling, name])),
);

/** What a number is in: a unit of the table, one of them or of one's own by time (`bytes/s`, `requests/min`), or a word such as `requests`. */
export type Unit = string;

/** A unit as the table names it: `B/s` is `bytes/s`, `micros` is `microseconds`; other texts are unchanged. */
export function unitNamed(text: string): Unit {
  const [, of = text, per = ''] = /^(.*?)(\/(?:s|min|h|d))?$/s.exec(text.trim()) ?? [];
  return `${own(SPELLINGS, of.toLowerCase()) ?? of}${per}`;
}

/** Fields of ECS, Elastic APM and OpenTelemetry whose names do not end with their unit. */
const FIELDS: Readonly<Record<string, Unit>> = {
  'event.duration': 'nanoseconds',
  'file.size': 'bytes',
  'host.cpu.usage': 'ratio',
  'host.uptime': 'seconds',
  'process.uptime': 'seconds',
  'http.client.request.duration': 'seconds',
  'http.server.request.duration': 'seconds',
  'db.client.operation.duration': 'seconds',
  'rpc.server.duration': 'milliseconds',
  'rpc.client.duration': 'milliseconds',
  'transaction.duration.histogram': 'microseconds',
  'transaction.duration.summary': 'microseconds',
  'span.duration.histogram': 'microseconds',
  'jvm.memory.used': 'bytes',
  'jvm.memory.committed': 'bytes',
  'jvm.memory.limit': 'bytes',
  'jvm.memory.heap.used': 'bytes',
  'jvm.memory.heap.committed': 'bytes',
  'jvm.memory.heap.max': 'bytes',
  'jvm.memory.non_heap.used': 'bytes',
  'jvm.memory.non_heap.committed': 'bytes',
  'jvm.memory.non_heap.max': 'bytes',
  'jvm.gc.time': 'milliseconds',
  'jvm.gc.duration': 'seconds',
  'nodejs.eventloop.delay.avg': 'milliseconds',
  'process.memory.usage': 'bytes',
  'process.cpu.utilization': 'ratio',
  'system.memory.actual.free': 'bytes',
  'system.memory.total': 'bytes',
  'system.process.memory.size': 'bytes',
  'system.memory.usage': 'bytes',
  'system.memory.utilization': 'ratio',
  'system.cpu.utilization': 'ratio',
  'system.filesystem.usage': 'bytes',
  'system.filesystem.utilization': 'ratio',
  'system.network.io': 'bytes',
  'system.disk.io': 'bytes',
  'container.memory.usage': 'bytes',
  'k8s.pod.memory.usage': 'bytes',
  'k8s.pod.memory.working_set': 'bytes',
  'k8s.container.memory_limit': 'bytes',
  'k8s.pod.cpu.usage': 'cores',
};

/** Words that mean something else at the end of a name: `time.hour` is an hour of the day, `.min` a minimum. */
const NOT_AS_LAST_WORD = ['min', 'mins', 'share', 'second', 'minute', 'hour', 'day', 'bit', 'core'];

/** Last words of names; a letter alone, such as the `s` of `.s`, means too many things. */
const WORDS: Readonly<Record<string, Unit>> = Object.fromEntries(
  Object.entries(SPELLINGS).filter(([word]) => /^[a-z]{2,}$/.test(word) && !NOT_AS_LAST_WORD.includes(word)),
);

/** Words behind the unit that say how the value was made, and not what it is in. */
const STATISTICS =
  /^(?:avg|average|mean|max|maximum|min|minimum|sum|total|value|last|median|norm|counter|gauge|histogram|summary|p?\d+)$/;

const PER: Readonly<Record<string, string>> = {
  s: '/s',
  sec: '/s',
  second: '/s',
  minute: '/min',
  hour: '/h',
  day: '/d',
};

/** The unit that the name of a field or of a value says: `system.memory.used.pct`, `http_request_duration_seconds`, `latencyMs`; undefined if none. */
export function unitOfName(name: string): Unit | undefined {
  const known = own(FIELDS, name.replace(/^(?:labels|metrics|numeric_labels)\./, ''));
  if (known !== undefined) return known;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[._]+/)
    .filter((word) => word !== '');
  const per = words.length > 2 && words.at(-2) === 'per' ? own(PER, words.at(-1) ?? '') : undefined;
  const rest = per === undefined ? words : words.slice(0, -2);
  let last = rest.length;
  while (last > 1 && STATISTICS.test(rest[last - 1] ?? '')) last -= 1;
  const unit =
    own(WORDS, rest[last - 1] ?? '') ?? (last > 1 && rest[last - 1] === 's' && /_s\b/.test(name) ? 'seconds' : undefined);
  if (unit === undefined) return per === undefined ? undefined : per;
  return per === undefined ? unit : `${unit}${per}`;
}

/** How a value is shown to people. */
export interface ValueDisplay {
  /** What it is called; without it by its name. */
  readonly label?: string;
  readonly unit?: Unit;
  /** The field that it is a value of, where neither the rule nor a name says its unit: the mapping may. */
  readonly field?: string;
  /** It is a number of things, which are called by its label or name. */
  readonly counts?: true;
  /** No news by itself: shown among the details. */
  readonly aside?: true;
  /** A text that messages have elsewhere: not shown among the values. */
  readonly hidden?: true;
}

/** How the values of a rule are shown, by their names. */
export type Measures = Readonly<Record<string, ValueDisplay>>;

/** What a measured value that does not exist is called. */
const NO_VALUE = 'no value';

/**
 * A measured value for people: 261265517 in `bytes` is `249 MiB`, 0.0523 as `ratio` is `5.2 %`. Without a unit whole numbers are exact, however
 * large, and others have four significant digits. `more`: significant digits beyond the usual, to distinguish two close values.
 */
export function inUnit(value: Json | bigint, unit: Unit | undefined, locale: Locale = DEFAULT_LOCALE, more = 0): string {
  if (value === null) return NO_VALUE;
  // An integer beyond 2^53 is stored as the text of its digits; without a unit it may as well be a name.
  const number = typeof value === 'string' ? (unit === undefined ? undefined : readInteger(value)) : value;
  if (typeof value === 'string' && typeof number !== 'bigint') return value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return jsonText(value);
  if (typeof number === 'number' && !Number.isFinite(number)) return String(number);
  if (unit === undefined) return plain(number, locale);
  const [, of = unit, per = ''] = /^(.*?)(\/(?:s|min|h|d))?$/s.exec(unit) ?? [];
  const known = own<KnownUnit>(UNITS, of);
  if (known === undefined) return [plain(number, locale), of].filter((part) => part !== '').join(' ') + per;
  return `${scaled(Number(number), known, locale, more)}${per}`;
}

/** The same where there is little room: numbers whose unit has no multiples of its own are `2.5M`. */
export function shortInUnit(value: number, unit: Unit | undefined, locale: Locale = DEFAULT_LOCALE): string {
  const of = unit?.replace(/\/(?:s|min|h|d)$/, '');
  if (Math.abs(value) < 10_000 || (of !== undefined && own<KnownUnit>(UNITS, of) !== undefined))
    return inUnit(value, unit, locale);
  // British `2m` would be read as two minutes.
  const number = value.toLocaleString(locale.startsWith('en') ? 'en-US' : locale, {
    notation: 'compact',
    maximumSignificantDigits: 4,
  });
  if (unit === undefined) return number;
  return unit.startsWith('/') ? `${number}${unit}` : `${number} ${unit}`;
}

function plain(value: number | bigint, locale: Locale): string {
  if (typeof value === 'bigint') return value.toLocaleString(locale);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && magnitude < 1e-4) return value.toExponential(3);
  return localNumber(significant(value), locale, 20);
}

function scaled(value: number, { scale, factor = 1, digits = 3 }: KnownUnit, locale: Locale, more: number): string {
  const amount = Math.abs(value) * factor;
  const sign = value < 0 ? '-' : '';
  if (!Number.isFinite(amount)) return String(value);
  if (scale === TIME) {
    if (amount === 0) return '0 s';
    if (amount >= LONGEST_NS) return `${sign}${(amount / (86_400 * SECOND_NS)).toExponential(2)} d`;
    // From a minute on a length of time is read in hours and minutes.
    if (amount >= 60 * SECOND_NS) return `${sign}${humanDuration(amount / 1e6)}`;
  }
  const [smallest, ...larger] = scale;
  let step = smallest ?? [1, ''];
  // What is rounded up to the next step is written in it: 1 MiB, not 1,024 KiB.
  for (const next of larger) if (rounded(amount / step[0], digits + more) * step[0] >= next[0]) step = next;
  const number = step[1] === '%' && amount < 100 ? below100(amount, digits + more) : rounded(amount / step[0], digits + more);
  return `${sign}${localNumber(number, locale, 12)} ${step[1]}`;
}

/** What is not the whole is not rounded up to it. */
function below100(amount: number, digits: number): number {
  for (let more = digits; more < 12; more++) if (rounded(amount, more) < 100) return rounded(amount, more);
  return amount;
}

function rounded(amount: number, digits: number): number {
  return amount >= 10 ** digits ? Math.round(amount) : Number(amount.toPrecision(digits));
}
