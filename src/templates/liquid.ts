import { defaultOperators, Liquid } from 'liquidjs';
import { measuredDuration } from '../core/duration.ts';
import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import { iso } from '../core/time.ts';
import { literalText, MARKING, Mention, mentionText } from './markup.ts';
import { COMPARISONS, carryMissing, LIST_FILTERS } from './missing.ts';
import { bytes, number, percent, printValue, toNumber } from './print.ts';

/** Longest template text, characters. */
export const MAX_SOURCE = 20_000;

/** Tags of Liquid that message templates have: nothing that reads files, keeps counters in the scope or writes markup. */
const TAGS = [
  'assign',
  'break',
  'capture',
  'case',
  'comment',
  'continue',
  'cycle',
  'echo',
  'for',
  'if',
  'liquid',
  'raw',
  'unless',
  '#',
];

/** Filters of Liquid that message templates have: pure and bounded ones; nothing random, cryptographic or for HTML. */
const FILTERS = [
  ...[
    'abs',
    'append',
    'at_least',
    'at_most',
    'capitalize',
    'ceil',
    'compact',
    'concat',
    'date',
    'default',
    'divided_by',
    'downcase',
  ],
  ...['first', 'floor', 'join', 'json', 'last', 'lstrip', 'map', 'minus', 'modulo', 'plus', 'prepend', 'remove', 'remove_first'],
  ...[
    'replace',
    'replace_first',
    'reverse',
    'round',
    'rstrip',
    'size',
    'slice',
    'sort',
    'sort_natural',
    'split',
    'squish',
    'strip',
  ],
  ...['strip_newlines', 'sum', 'times', 'truncate', 'truncatewords', 'uniq', 'upcase', 'url_encode', 'where'],
];

/**
 * Makes the one Liquid engine of all message templates: without files, bounded in memory (time: render-limit.ts), in the time zone of the readers, which the scope names. Unknown filters are refused; names are
 * looked at when a text is compiled, and what a document does not have is a missing value, as data often are not complete.
 */
export function messageLiquid(): Liquid {
  const engine = new Liquid({
    strictVariables: false,
    strictFilters: true,
    ownPropertyOnly: true,
    templates: {},
    parseLimit: MAX_SOURCE,
    memoryLimit: 50_000,
    timezoneOffset: 0,
    locale: 'en-US',
    outputEscape: function (this: unknown, value: unknown) {
      return isMarking(this) ? marked(value) : printValue(value);
    },
    operators: { ...defaultOperators, ...COMPARISONS },
  });
  const date = engine.filters['date'];
  keepOnly(engine.tags, TAGS);
  keepOnly(engine.filters, FILTERS);
  for (const [name, filter] of Object.entries(LIST_FILTERS)) engine.registerFilter(name, filter);
  engine.registerFilter('duration', duration);
  engine.registerFilter('bytes', numeric(bytes));
  engine.registerFilter('percent', numeric(percent));
  engine.registerFilter('number', numeric(number));
  engine.registerFilter('date', function (value: unknown, format?: unknown, timezone?: unknown) {
    const instant = dateText(value);
    if (instant === undefined || typeof date !== 'function') return undefined;
    return date.call(this, instant, format, timezone ?? readersZone(this.context.environments));
  });
  carryMissing(engine);
  return engine;
}

function isMarking(output: unknown): boolean {
  const { context } = output as { readonly context?: { readonly environments?: unknown } };
  return isObject(context?.environments) && Object.hasOwn(context.environments, MARKING);
}

function marked(value: unknown): string {
  return value instanceof Mention ? mentionText(value) : literalText(printValue(value));
}

/** The time zone of the message's readers; UTC unless the scope names it. */
function readersZone(scope: unknown): string | undefined {
  const zone = isObject(scope) ? own(scope, 'timezone') : undefined;
  return typeof zone === 'string' ? zone : undefined;
}

/** A form for numbers; other values have none, so that `default` applies. */
function numeric(form: (value: unknown, decimals: unknown) => string) {
  return (value: unknown, decimals: unknown): string | undefined =>
    toNumber(value) === undefined ? undefined : form(value, decimals);
}

function keepOnly(registry: Record<string, unknown>, names: readonly string[]): void {
  for (const name of Object.keys(registry)) if (!names.includes(name)) delete registry[name];
}

/** Milliseconds as people say them; text, which is a duration already, stays. */
function duration(value: unknown): string | undefined {
  if (typeof value === 'string' && value.trim() !== '' && Number.isNaN(Number(value))) return value;
  const amount = toNumber(value);
  return amount === undefined ? undefined : measuredDuration(amount);
}

/**
 * Instants are milliseconds here (Liquid takes seconds), and `now` is refused: a message is about its window, whenever it is
 * rendered.
 */
function dateText(value: unknown): string | undefined {
  const instant = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Math.abs(instant) <= 8.64e15 ? iso(instant) : undefined;
}

/** The 0-based offset in a text of a place that Liquid gives as a row and a column, both from 1. */
export function offsetInTemplate(text: string, row: number, column: number): number {
  let start = 0;
  for (let line = 1; line < row; line++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}
