import { interval, nextTick, type Schedule, usualInterval } from '../core/schedule.ts';
import { DAY, type Instant, iso } from '../core/time.ts';
import { heldBack } from '../engine/alert-list/alerts-of.ts';
import type { RecordedRun } from '../engine/history/run-history.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Rule } from '../rules/rule.ts';
import type { AskedAgain, Caution } from './explanation.ts';
import { inGap } from './life.ts';

/** What a rule's state and answer may warn of. */
export interface CautionSources {
  readonly rule: Pick<Rule, 'enabled' | 'groupBy' | 'maxGroups' | 'schedule'>;
  readonly at: Instant;
  readonly document: RuleDocument | undefined;
  readonly recorded: RecordedRun | undefined;
  readonly asked: AskedAgain;
  /** When the newest document of the rule's source is, matching or not; undefined where that is not known. */
  readonly lastDocument: Instant | undefined;
  /** Why the records could not be read. */
  readonly historyProblem: string | undefined;
}

/** Quiet windows are saved some at a time, so a document that lags behind by fewer than these does not indicate a problem. */
const LAGGING_WINDOWS = 6;

/** Cautions about the rule's state and the result. */
export function cautionsOf(sources: CautionSources): readonly Caution[] {
  const { historyProblem } = sources;
  return [
    ...stateCautions(sources),
    ...answerCautions(sources),
    ...(historyProblem === undefined
      ? []
      : [{ code: 'no-history' as const, text: `the records could not be read: ${historyProblem}` }]),
  ];
}

function* stateCautions({ rule, at, document, recorded, lastDocument }: CautionSources): Iterable<Caution> {
  if (!rule.enabled)
    yield { code: 'paused', text: 'the rule is paused: it is not evaluated and sends no notifications', hint: 'enabled: true' };
  if (document === undefined) {
    yield {
      code: 'never-evaluated',
      text: 'this rule was never evaluated in this namespace',
      hint: 'check that `tocsin run` is running with this rule',
    };
    return;
  }
  const { evaluated_through, health } = document;
  if (recorded === undefined && at - evaluated_through > LAGGING_WINDOWS * interval(rule.schedule, at)) {
    const text = `the last saved evaluation is for ${iso(evaluated_through)}`;
    // What fails is evaluated by someone, and its windows wait: what to do is said with the failure.
    yield {
      code: 'not-evaluated-yet',
      text,
      ...(health.failures === 0 && { hint: 'check that `tocsin run` is running with this rule' }),
    };
  }
  if (inGap(document, at))
    yield { code: 'gap', text: 'this window was never evaluated: it was too old after a downtime', hint: 'catch_up' };
  yield* outageCautions(document, lastDocument);
  if (health.failures === 0) return;
  const since = health.failing_since === undefined ? '' : ` since ${iso(health.failing_since)}`;
  const why = health.problem === undefined ? '' : `: ${health.problem.message}`;
  const hint = health.problem === undefined ? {} : { hint: health.problem.hint };
  yield {
    code: 'failing',
    text: `the rule cannot be evaluated${since} (${failuresText(health)})${why}`,
    ...hint,
  };
}

/** While nothing but the count changes, it is saved now and then: there may be more than the document says. */
function failuresText({ failures, tried_at }: RuleDocument['health']): string {
  const count = failures === 1 ? 'at least one failure' : `at least ${failures} failures in a row`;
  return tried_at === undefined ? count : `${count}, as saved at ${iso(tried_at)}`;
}

/** What is held back, why and until when, and who was notified in its place. */
function* outageCautions(document: RuleDocument, lastDocument: Instant | undefined): Iterable<Caution> {
  const { outage } = document;
  if (outage === undefined || outage.held.length === 0) return;
  const { source, since, over, held, notified } = outage;
  const until = iso(held.reduce((latest, one) => Math.max(latest, one.until), 0));
  const receivers = notified.map(({ receiver, level }) => `${receiver} (${level})`).join(', ');
  // What is stored is the beginning of the first window without a document.
  const last =
    lastDocument !== undefined && lastDocument >= since - DAY
      ? `since ${iso(lastDocument)}, when the last one was written`
      : `at least since ${iso(since)}`;
  const text =
    over === undefined
      ? `no document at all in ${source} ${last}: ${heldWords(document)} held back until ${until}, and one message about it goes to ${receivers}; each rule over this source sends its own message`
      : `documents arrive in ${source} again since ${iso(over)}: ${heldWords(document)} held back until ${until}, to check whether their groups are back`;
  yield { code: 'source-silent', text, hint: 'outage_hold; groups named in expect are never held back' };
}

function heldWords(document: RuleDocument): string {
  const alerts = heldBack(document).length;
  const ends = (document.outage?.held.length ?? 0) - alerts;
  const parts = [
    ...(alerts > 0 || ends === 0 ? [`${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`] : []),
    ...(ends > 0 ? [`${ends} ${ends === 1 ? 'end' : 'ends'} of alerts`] : []),
  ];
  return `${parts.join(' and ')} ${alerts + ends === 1 ? 'is' : 'are'}`;
}

function* answerCautions({ rule, asked }: CautionSources): Iterable<Caution> {
  if (asked.kind === 'failed') return;
  const fields = rule.groupBy.join(', ');
  if (asked.ungrouped > 0) {
    const hint = 'such documents are in no group; `missing: include` puts them in a separate one';
    yield {
      code: 'ungrouped',
      text: `${asked.ungrouped} of ${asked.matched} documents lack a field of group_by (${fields})`,
      hint,
    };
  }
  if (asked.truncated && (asked.events ?? 0) > 0) {
    const text = `more than the ${asked.events} listed documents match; the message counts the others`;
    yield { code: 'truncated', text, hint: 'use a narrower query, a higher max_events, or a throttle per key' };
  } else if (asked.truncated) {
    const text = `there are more than ${rule.maxGroups} groups: those not returned are unknown`;
    yield { code: 'truncated', text, hint: 'use a narrower query, fewer group_by fields, or a higher max_groups' };
  }
}

const WEEK = 7 * DAY;

/** Says of a moment that lies in a pause of the rule's schedule when it was evaluated last, `at`, and when it will be next. */
export function outsideSchedule(schedule: Schedule, at: Instant, moment: Instant): readonly Caution[] {
  if (schedule.kind !== 'cron' || moment - at < usualInterval(schedule, at)) return [];
  const next = nextTick(schedule, moment);
  const local = (instant: Instant) => localTime(instant, schedule.timezone, Math.abs(instant - moment) < WEEK);
  const after = next === undefined ? 'no next evaluation' : `next evaluation ${local(next)} ${schedule.timezone} (${iso(next)})`;
  return [
    {
      code: 'outside-schedule',
      text: `${local(moment)} is outside its schedule, ${schedule.pattern}: last evaluation ${local(at)}, ${after}`,
      hint: 'until then the alert keeps its status, and reminders are sent',
    },
  ];
}

function localTime(instant: Instant, timeZone: string, near: boolean): string {
  const day = near ? ({ weekday: 'long' } as const) : ({ day: 'numeric', month: 'long', year: 'numeric' } as const);
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(instant);
  return `${format(day)} ${format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}`;
}
