import type { Fact } from '../channels/message.ts';
import { clockTime } from '../channels/wording.ts';
import { formatDuration, humanDuration } from '../core/duration.ts';
import { type Json, jsonText } from '../core/json.ts';
import { significant } from '../core/printed.ts';
import { own } from '../core/record.ts';
import { isOver, type Shown } from './shown.ts';
import { changesText } from './value-changes.ts';

/** Says whether what an alert is about is so now, as far as its receiver is concerned. */
export function isBad({ status }: Pick<Shown, 'status'>): boolean {
  return !isOver(status) && status !== 'ended';
}

/** What is known of an alert in a few words each: what was measured, the condition, the times. */
export function factsOf(shown: Shown): readonly Fact[] {
  const isEvent = shown.status === 'event';
  const values = Object.entries(shown.values).filter(([, value]) => !isEvent || value !== 0);
  const then = (name: string) => (isOver(shown.status) ? own(shown.notified?.values ?? {}, name) : undefined);
  const facts: Fact[] = values.map(([label, value]) => ({ label, value: printedNow(value, then(label)) }));
  if (shown.valueChanges !== undefined && !namesItself(shown))
    facts.unshift({ label: 'changes', value: changesText(shown.valueChanges, printedValue) });
  if (shown.condition !== '') facts.push({ label: 'condition', value: shown.condition });
  const length = formatDuration(shown.window.to - shown.window.from);
  facts.push({ label: 'window', value: `${length} until ${clockTime(shown.window.to)}` });
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

/** A single change that an alert fires for stands in its values. */
export function namesItself({ valueChanges, status, values }: Pick<Shown, 'valueChanges' | 'status' | 'values'>): boolean {
  if (valueChanges === undefined || valueChanges.changes.length + valueChanges.leftOut > 1) return false;
  return status !== 'resolved' && status !== 'no_data' && own(values, 'changed') === true;
}

/** What is measured now, and what was measured when it fired, where that is something else. */
function printedNow(now: Json, then: Json | undefined): string {
  const [printed, before] = [printedValue(now), then === undefined ? undefined : printedValue(then)];
  return before === undefined || before === printed ? printed : `${printed} (${before} when it fired)`;
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
