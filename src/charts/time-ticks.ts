import { DEFAULT_LOCALE, type ReaderSettings } from '../core/locale.ts';
import { DAY, type Duration, type Instant, type TimeRange } from '../core/time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Distances that people read at a glance. */
const STEPS: readonly Duration[] = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30].map((days) => days * DAY),
];
const MOST = 6;

/** Times to write below a chart, at even distances by the reader's clock: minutes and hours, or days where these would be too many. */
export function timeTicks(range: TimeRange, reader: ReaderSettings): readonly { readonly at: Instant; readonly text: string }[] {
  const span = range.to - range.from;
  const step = STEPS.find((one) => span / one <= MOST) ?? Math.ceil(span / MOST / DAY) * DAY;
  const { timezone = 'UTC', locale = DEFAULT_LOCALE } = reader;
  const form = new Intl.DateTimeFormat(
    locale,
    step >= DAY
      ? { day: 'numeric', month: 'short', timeZone: timezone }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: timezone },
  );
  const offset = offsetOf(range.to, timezone);
  const first = Math.ceil((range.from + offset) / step) * step - offset;
  const count = first > range.to ? 0 : Math.floor((range.to - first) / step) + 1;
  return Array.from({ length: count }, (_, index) => ({ at: first + index * step, text: form.format(first + index * step) }));
}

/** How far a time zone is ahead of UTC at a time. */
function offsetOf(at: Instant, timezone: string): Duration {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    hourCycle: 'h23',
    timeZone: timezone,
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return local - Math.floor(at / MINUTE) * MINUTE;
}
