import { formatDuration, humanDuration } from '../core/duration.ts';
import type { Json } from '../core/json.ts';
import type { Locale } from '../core/locale.ts';
import { own } from '../core/record.ts';
import { inUnit, type Measures } from '../core/units.ts';
import { labelOf, type MeasuredWords, measuredWords, shownValue } from './measured.ts';
import { type Fact, type MeasuredText, UNWATCHED } from './message.ts';
import { OWNER } from './rows.ts';
import { isOver, type Shown } from './shown.ts';
import { changesText } from './value-changes.ts';
import { clockTime } from './wording.ts';

/** How the values of an alert are shown. */
export interface Showing {
  readonly measures: Measures;
  readonly locale?: Locale | undefined;
}

/** Says whether what an alert is about is so now, as far as its receiver is concerned. */
export function isBad({ status }: Pick<Shown, 'status'>): boolean {
  return !isOver(status) && status !== 'ended';
}

/** What is known of an alert: the sentence about its numbers, what else is news, and the rest for those who look closer. */
export interface AlertFacts {
  readonly measured?: MeasuredText;
  readonly facts: readonly Fact[];
  readonly details: readonly Fact[];
  /** How far beyond its limit it is; 1 is at the limit. Undefined: that is not known. */
  readonly excess?: number;
}

/** What is known of an alert, in a few words each. */
export function factsOf(shown: Shown, showing: Showing): AlertFacts {
  const words = wordsOf(shown, showing);
  const names = words?.names ?? new Set<string>();
  return {
    ...(words !== undefined && {
      measured: { value: `${words.value}${remark(shown)}`, ...(words.limit && { limit: words.limit }) },
    }),
    ...(words?.excess !== undefined && { excess: words.excess }),
    facts: newsOf(shown, names, showing),
    details: detailsOf(shown, names, showing),
  };
}

/** Of what is over the numbers are those of the condition that it fired by, as they are now. */
function wordsOf(shown: Shown, { measures, locale }: Showing): MeasuredWords | undefined {
  const { status, notified, values, condition, window } = shown;
  const then = notified?.fired ?? notified?.values ?? values;
  const present = isUnwatched(status) ? (notified?.values ?? {}) : values;
  return measuredWords({
    condition: isOver(status) ? (notified?.condition ?? condition) : condition,
    decided: isOver(status) ? then : values,
    values: present,
    window: window.to - window.from,
    measures,
    locale,
  });
}

function remark({ status, stale }: Shown): string {
  if (isUnwatched(status)) return ' in the last message';
  return stale ? ' when last notified' : '';
}

/** What is news besides the numbers of the sentence. */
function newsOf(shown: Shown, said: ReadonlySet<string>, showing: Showing): readonly Fact[] {
  const { valueChanges, earlier, folded, flapping, labels } = shown;
  const facts: Fact[] = [];
  if (valueChanges !== undefined && !namesItself(shown))
    facts.push({ label: 'changes', value: changesText(valueChanges, printedValue) });
  // What is said of a silent source, and how many events there are, is in the text and in the sentence.
  if (shown.outage === undefined)
    facts.push(...valueFacts(shown, showing, (name) => !said.has(name) && !(shown.status === 'event' && name === EVENTS)));
  if (isOddReason(shown)) facts.push(reasonOf(shown));
  if (shown.acknowledged !== undefined) facts.push({ label: 'acknowledged', value: acknowledgedText(shown.acknowledged) });
  if (flapping !== undefined) facts.push({ label: 'episodes', value: `${flapping.episodes} since ${clockTime(flapping.since)}` });
  if (earlier > 0) facts.push({ label: 'earlier episodes', value: String(earlier) });
  if (folded > 0) facts.push({ label: 'changes before', value: String(folded) });
  const owner = own(labels, 'owner') ?? own(labels, 'team');
  if (owner !== undefined) facts.push({ label: OWNER, value: owner });
  return facts;
}

function acknowledgedText({ by, at, comment, worse }: NonNullable<Shown['acknowledged']>): string {
  return `by ${by}, ${clockTime(at)}${worse === true ? ', before it got worse' : ''}${comment === '' ? '' : `: ${comment}`}`;
}

const EVENTS = 'events';

/** A reason that the state does not say by itself. */
function isOddReason({ reason, status, outage }: Shown): boolean {
  if (['breach', 'recovered', 'event', 'worse', 'better', 'steady', 'escalated'].includes(reason)) return false;
  return !(reason === 'no_data' && (outage !== undefined || status === 'no_data')) && !isUnwatched(status);
}

function reasonOf({ reason }: Shown): Fact {
  return { label: 'reason', value: reason.replaceAll('_', ' ') };
}

/** Values under their labels; those that are not news by themselves are left out. */
function valueFacts(shown: Shown, showing: Showing, isWanted: (name: string) => boolean): readonly Fact[] {
  const { measures, locale } = showing;
  const print = (name: string, value: Json) => shownValue(name, value, measures, locale);
  return valuesShown(shown).flatMap(([name, value]) => {
    if (!isWanted(name) || own(measures, name)?.aside === true || own(measures, name)?.hidden === true) return [];
    return [{ label: labelOf(name, measures), value: withPast(name, value, shown, print) }];
  });
}

/** An alert that is not evaluated any more has no present values; of events, nothing is said that did not happen. */
function valuesShown({ status, notified, values }: Shown): readonly (readonly [string, Json])[] {
  if (isUnwatched(status)) return Object.entries(notified?.values ?? {});
  return Object.entries(values).filter(([, value]) => status !== 'event' || value !== 0);
}

/** A single change that an alert fires for is among its values. */
export function namesItself({ valueChanges, status, values }: Pick<Shown, 'valueChanges' | 'status' | 'values'>): boolean {
  if (valueChanges === undefined || valueChanges.changes.length + valueChanges.leftOut > 1) return false;
  return !isOver(status) && own(values, 'changed') === true;
}

type Print = (name: string, value: Json) => string;

/** What is measured now, and what was measured when it fired, where that is something else. */
function withPast(name: string, value: Json, shown: Shown, print: Print): string {
  const { status, stale, notified } = shown;
  const printed = print(name, value);
  if (isUnwatched(status)) return `${printed} (in the last message)`;
  if (stale) return `${printed} (when last notified)`;
  if (!isOver(status) || notified === undefined) return printed;
  const fired = own(notified.fired ?? {}, name);
  const before = fired ?? own(notified.values, name);
  if (before === undefined || print(name, before) === printed) return printed;
  return `${printed} (${print(name, before)} ${fired === undefined ? 'in the last message' : 'when it fired'})`;
}

/** The rest, exactly: values as they were measured, by which condition, in which window, and when. */
function detailsOf(shown: Shown, said: ReadonlySet<string>, { measures }: Showing): readonly Fact[] {
  const { status, notified, condition, startedAt, endedAt } = shown;
  const isRaw = (name: string) =>
    own(measures, name)?.aside === true || (said.has(name) && own(measures, name)?.unit !== undefined);
  const raw = valuesShown(shown).flatMap(([name, value]) =>
    isRaw(name) || (isOver(status) && said.has(name))
      ? [{ label: name, value: withPast(name, value, shown, (_, one) => printedValue(one)) }]
      : [],
  );
  const isRecovery = status === 'resolved' && notified !== undefined && condition !== notified.condition;
  const isEvent = status === 'event';
  const until = endedAt ?? shown.at;
  return [
    ...raw,
    ...(condition === '' || isUnwatched(status) ? [] : [{ label: isRecovery ? 'recover' : 'condition', value: condition }]),
    ...windowDetail(shown),
    ...(isEvent ? [] : [{ label: isBad(shown) ? 'since' : 'fired at', value: clockTime(startedAt) }]),
    ...(['breach', 'recovered', 'event'].includes(shown.reason) || isOddReason(shown) ? [] : [reasonOf(shown)]),
    ...(until <= startedAt || isEvent ? [] : [{ label: 'lasted', value: humanDuration(until - startedAt) }]),
  ];
}

/** An alert that is not evaluated any more has no present window. */
function windowDetail({ status, window }: Shown): readonly Fact[] {
  const until = clockTime(window.to);
  if (isUnwatched(status)) return [{ label: 'last recorded window', value: `until ${until}` }];
  return [{ label: 'window', value: `${formatDuration(window.to - window.from)} until ${until}` }];
}

function isUnwatched(status: Shown['status']): boolean {
  return UNWATCHED.some((one) => one === status);
}

/** A measured value as it was measured: whole numbers exact, others with four significant digits, thousands apart; null is `no value`. */
export function printedValue(value: Json): string {
  return inUnit(value, undefined);
}
