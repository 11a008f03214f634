import { own } from '../../core/record.ts';
import { parseDate, type Rounding } from './dates.ts';

/** How a date field of a mapping reads and writes its dates. */
export interface DateFormat {
  /** Milliseconds, what is finer as their fraction; undefined: it is not a date in this format. */
  parse(value: unknown, rounding?: Rounding): number | undefined;
  /** As Elasticsearch shows a value of the field: in the first of its formats. */
  print(time: number): string;
}

const LAST_DATE = 8_640_000_000_000_000;

/** The format of a field whose mapping names none. */
export const DEFAULT_FORMAT: DateFormat = {
  parse: parseDate,
  print: (time) => (Math.abs(time) <= LAST_DATE ? new Date(Math.floor(time)).toISOString() : String(time)),
};

/** Reads a mapping's `format`, such as `epoch_second||dd/MM/yyyy`; undefined where a part of it is not known here. */
export function dateFormat(text: string): DateFormat | undefined {
  const formats = text.split('||').map((part) => oneFormat(part.trim()));
  const [first] = formats;
  if (first === undefined || !formats.every((format) => format !== undefined)) return undefined;
  return {
    parse: (value, rounding) => {
      for (const format of formats) {
        const time = format.parse(value, rounding);
        if (time !== undefined) return time;
      }
      return undefined;
    },
    print: first.print,
  };
}

const NAMED: Readonly<Record<string, string>> = {
  strict_date: 'yyyy-MM-dd',
  date: 'yyyy-MM-dd',
  basic_date: 'yyyyMMdd',
  strict_date_time: "yyyy-MM-dd'T'HH:mm:ss.SSSX",
  date_time: "yyyy-MM-dd'T'HH:mm:ss.SSSX",
  strict_date_time_no_millis: "yyyy-MM-dd'T'HH:mm:ssX",
  date_time_no_millis: "yyyy-MM-dd'T'HH:mm:ssX",
  strict_date_hour_minute_second: "yyyy-MM-dd'T'HH:mm:ss",
  date_hour_minute_second: "yyyy-MM-dd'T'HH:mm:ss",
  strict_year_month: 'yyyy-MM',
  strict_year: 'yyyy',
};

function oneFormat(name: string): DateFormat | undefined {
  switch (name) {
    case 'strict_date_optional_time':
    case 'strict_date_optional_time_nanos':
    case 'date_optional_time':
      return {
        parse: (value, rounding) => (isDigits(value) ? undefined : parseDate(textOf(value), rounding)),
        print: DEFAULT_FORMAT.print,
      };
    case 'epoch_millis':
      return epoch(1);
    case 'epoch_second':
      return epoch(1_000);
    default:
      return pattern(own(NAMED, name) ?? name);
  }
}

function textOf(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
}

/** Four digits are a year; more are not a date in ISO 8601. */
function isDigits(value: unknown): boolean {
  return /^-?\d{5,}(?:\.\d*)?$/.test(String(value));
}

function epoch(length: number): DateFormat {
  return {
    parse: (value) => {
      const text = textOf(value);
      return typeof text === 'string' && /^-?\d+(?:\.\d*)?$/.test(text) ? Number(text) * length : undefined;
    },
    print: (time) => String(time / length),
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

interface Piece {
  /** A capturing expression, or a literal. */
  readonly source: string;
  readonly field?: 'year' | 'month' | 'name' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'zone';
  print(date: Date): string;
}

const digits = (count: number) => (count === 1 ? String.raw`(\d{1,2})` : String.raw`(\d{${count}})`);
const padded = (value: number, count: number) => String(value).padStart(count, '0');

function pieceOf(letter: string, count: number): Piece | undefined {
  const whole = (field: NonNullable<Piece['field']>, of: (date: Date) => number): Piece => ({
    source: digits(count),
    field,
    print: (date) => padded(of(date), count),
  });
  switch (letter) {
    case 'y':
    case 'u':
      return count === 4
        ? { source: String.raw`(\d{4})`, field: 'year', print: (date) => padded(date.getUTCFullYear(), 4) }
        : undefined;
    case 'M':
      if (count === 3)
        return { source: `(${MONTHS.join('|')})`, field: 'name', print: (date) => MONTHS[date.getUTCMonth()] ?? '' };
      return count <= 2 ? whole('month', (date) => date.getUTCMonth() + 1) : undefined;
    case 'E':
      return count <= 3 ? { source: `(?:${DAYS.join('|')})`, print: (date) => DAYS[date.getUTCDay()] ?? '' } : undefined;
    case 'd':
      return count <= 2 ? whole('day', (date) => date.getUTCDate()) : undefined;
    case 'H':
      return count <= 2 ? whole('hour', (date) => date.getUTCHours()) : undefined;
    case 'm':
      return count <= 2 ? whole('minute', (date) => date.getUTCMinutes()) : undefined;
    case 's':
      return count <= 2 ? whole('second', (date) => date.getUTCSeconds()) : undefined;
    case 'S':
      return count <= 9
        ? {
            source: String.raw`(\d{${count}})`,
            field: 'fraction',
            print: (date) => padded(date.getUTCMilliseconds(), 3).padEnd(count, '0').slice(0, count),
          }
        : undefined;
    case 'X':
    case 'x':
    case 'Z':
      return { source: String.raw`(Z|[+-]\d{2}(?::?\d{2})?)`, field: 'zone', print: () => zoneText(letter, count) };
    default:
      return undefined;
  }
}

function zoneText(letter: string, count: number): string {
  if (letter === 'X') return 'Z';
  return letter === 'Z' || count === 2 ? '+0000' : count === 1 ? '+00' : '+00:00';
}

function pattern(text: string): DateFormat | undefined {
  const pieces: Piece[] = [];
  for (const [token, quoted, letter] of text.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g)) {
    const literal = quoted === undefined ? token : quoted === '' ? "'" : quoted.replaceAll("''", "'");
    const piece = letter === undefined ? { source: escaped(literal), print: () => literal } : pieceOf(letter, token.length);
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  const expression = new RegExp(`^${pieces.map(({ source }) => source).join('')}$`);
  const fields = pieces.flatMap(({ field }) => (field === undefined ? [] : [field]));
  return {
    parse: (value, rounding) => {
      const found = expression.exec(String(textOf(value)));
      return found === null ? undefined : momentOf(fields, found.slice(1), rounding ?? 'down');
    },
    print: (time) => pieces.map((piece) => piece.print(new Date(time))).join(''),
  };
}

function escaped(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** Puts the parts together as ISO 8601, which knows what a month and an hour may be. */
function momentOf(
  fields: readonly NonNullable<Piece['field']>[],
  parts: readonly string[],
  rounding: Rounding,
): number | undefined {
  const read = new Map(fields.map((field, at) => [field, parts[at] ?? '']));
  const name = read.get('name');
  const month = name === undefined ? read.get('month') : String(MONTHS.indexOf(name) + 1);
  const two = (value: string | undefined, or: string) => (value ?? or).padStart(2, '0');
  const date = `${read.get('year') ?? '1970'}-${two(month, '1')}-${two(read.get('day'), '1')}`;
  const hour = read.get('hour');
  if (hour === undefined) return parseDate(date, rounding);
  const [minute, second] = [read.get('minute'), read.get('second')];
  const fraction = read.get('fraction');
  const time = [
    two(hour, '0'),
    ...(minute === undefined ? [] : [two(minute, '0')]),
    ...(second === undefined ? [] : [two(second, '0')]),
  ];
  return parseDate(`${date}T${time.join(':')}${fraction === undefined ? '' : `.${fraction}`}${read.get('zone') ?? ''}`, rounding);
}
