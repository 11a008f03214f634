import { formatDuration, humanDuration } from '../core/duration.ts';
import { type Json, jsonText } from '../core/json.ts';
import { significant } from '../core/printed.ts';
import { own } from '../core/record.ts';
import { type Fact, UNWATCHED } from './message.ts';
import { isOver, type Shown } from './shown.ts';
import { changesText } from './value-changes.ts';
import { clockTime } from './wording.ts';

/** Says whether what an alert is about is so now, as far as its receiver is concerned. */
export function isBad({ status }: Pick<Shown, 'status'>): boolean {
  return !isOver(status) && status !== 'ended';
}

/** What is known of an alert in a few words each: what was measured, the condition, the times. */
export function factsOf(shown: Shown): readonly Fact[] {
  const isEvent = shown.status === 'event';
  const facts: Fact[] = [...measuredFacts(shown), ...windowFacts(shown)];
  if (shown.valueChanges !== undefined && !namesItself(shown))
    facts.unshift({ label: 'changes', value: changesText(shown.valueChanges, printedValue) });
  if (!isEvent) facts.push({ label: isBad(shown) ? 'since' : 'fired at', value: clockTime(shown.startedAt) });
  const until = shown.endedAt ?? shown.at;
  if (until > shown.startedAt && !isEvent) facts.push({ label: 'lasted', value: humanDuration(until - shown.startedAt) });
  if (!['breach', 'recovered', 'event'].includes(shown.reason))
    facts.push({ label: 'reason', value: shown.reason.replaceAll('_', ' ') });
  if (shown.flapping !== undefined)
    facts.push({ label: 'episodes', value: `${shown.flapping.episodes} since ${clockTime(shown.flapping.since)}` });
  if (shown.earlier > 0) facts.push({ label: 'earlier episodes', value: String(shown.earlier) });
  if (shown.folded > 0) facts.push({ label: 'changes before', value: String(shown.folded) });
  return facts;
}

/** What was measured, each value with what it is of where that is not the present, and by which condition. */
function measuredFacts(shown: Shown): readonly Fact[] {
  const { status, notified, condition } = shown;
  if (isUnwatched(status)) return valuesOf(notified?.values ?? {}, (value) => `${printedValue(value)} (in the last message)`);
  const isEvent = status === 'event';
  const values = Object.fromEntries(Object.entries(shown.values).filter(([, value]) => !isEvent || value !== 0));
  const facts = valuesOf(values, (value, name) => printedNow(value, name, shown));
  if (condition === '') return facts;
  const isRecovery = status === 'resolved' && notified !== undefined && condition !== notified.condition;
  return [...facts, { label: isRecovery ? 'recover' : 'condition', value: condition }];
}

function valuesOf(values: Shown['values'], print: (value: Json, name: string) => string): readonly Fact[] {
  return Object.entries(values).map(([label, value]) => ({ label, value: print(value, label) }));
}

/** A single change that an alert fires for is among its values. */
export function namesItself({ valueChanges, status, values }: Pick<Shown, 'valueChanges' | 'status' | 'values'>): boolean {
  if (valueChanges === undefined || valueChanges.changes.length + valueChanges.leftOut > 1) return false;
  return !isOver(status) && own(values, 'changed') === true;
}

/** What is measured now, and what was measured when it fired, where that is something else. */
function printedNow(value: Json, name: string, { status, stale, notified }: Shown): string {
  const printed = printedValue(value);
  if (stale) return `${printed} (when last notified)`;
  if (!isOver(status) || notified === undefined) return printed;
  const fired = own(notified.fired ?? {}, name);
  const before = fired ?? own(notified.values, name);
  if (before === undefined || printedValue(before) === printed) return printed;
  return `${printed} (${printedValue(before)} ${fired === undefined ? 'in the last message' : 'when it fired'})`;
}

/** What is no longer evaluated has no present window. */
function windowFacts({ status, window }: Shown): readonly Fact[] {
  const until = clockTime(window.to);
  if (isUnwatched(status)) return [{ label: 'last recorded window', value: `until ${until}` }];
  return [{ label: 'window', value: `${formatDuration(window.to - window.from)} until ${until}` }];
}

function isUnwatched(status: Shown['status']): boolean {
  return UNWATCHED.some((one) => one === status);
}

/** A measured value for people: whole numbers exact, others with four significant digits, thousands apart; null is `no value`. */
export function printedValue(value: Json): string {
  if (value === null) return 'no value';
  if (typeof value !== 'number') return typeof value === 'string' ? value : jsonText(value);
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && magnitude < 1e-4) return value.toExponential(3);
  return significant(value).toLocaleString('en-US', { maximumFractionDigits: 20 });
}
