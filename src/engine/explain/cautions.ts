import { interval } from '../../core/schedule.ts';
import { type Instant, iso } from '../../core/time.ts';
import type { Outage } from '../../cycle/outage-state.ts';
import type { RuleDocument } from '../../cycle/rule-states.ts';
import type { Rule } from '../../rules/rule.ts';
import type { RecordedRun } from '../run-history.ts';
import type { AskedAgain, Caution } from './explanation.ts';
import { inGap } from './life.ts';

/** What a rule's state and answer may warn of. */
export interface CautionSources {
  readonly rule: Pick<Rule, 'enabled' | 'groupBy' | 'maxGroups' | 'schedule'>;
  readonly at: Instant;
  readonly document: RuleDocument | undefined;
  readonly recorded: RecordedRun | undefined;
  readonly asked: AskedAgain;
  /** Why the records could not be read. */
  readonly historyProblem: string | undefined;
}

/** Quiet windows are saved some at a time, so a document that lags behind by fewer than these is no sign of trouble. */
const LAGGING_WINDOWS = 6;

/** What whoever reads the story should know of the rule's state and of the answer. */
export function cautionsOf(sources: CautionSources): readonly Caution[] {
  const { historyProblem } = sources;
  return [
    ...stateCautions(sources),
    ...answerCautions(sources),
    ...(historyProblem === undefined
      ? []
      : [{ code: 'no-history' as const, text: `what was recorded could not be read: ${historyProblem}` }]),
  ];
}

function* stateCautions({ rule, at, document, recorded }: CautionSources): Iterable<Caution> {
  if (!rule.enabled)
    yield { code: 'paused', text: 'the rule is paused: nothing is judged and nobody is told', hint: 'enabled: true' };
  if (document === undefined) {
    yield {
      code: 'never-judged',
      text: 'no `tocsin run` of this namespace has ever judged this rule',
      hint: 'is it running, with this rule?',
    };
    return;
  }
  const { judged_through, health } = document;
  if (recorded === undefined && at - judged_through > LAGGING_WINDOWS * interval(rule.schedule, at)) {
    const text = `the newest window that is judged and saved is that of ${iso(judged_through)}`;
    yield { code: 'not-judged-yet', text, hint: 'is `tocsin run` running, with this rule?' };
  }
  if (inGap(document, at))
    yield { code: 'gap', text: 'this window was never judged: it was too old when Tocsin came back', hint: 'catch_up' };
  if (document.outage !== undefined) yield* outageCautions(document.outage);
  if (health.failures === 0) return;
  const since = health.failing_since === undefined ? '' : ` since ${iso(health.failing_since)}`;
  const why = health.problem === undefined ? '' : `: ${health.problem.message}`;
  const hint = health.problem === undefined ? {} : { hint: health.problem.hint };
  yield { code: 'failing', text: `the rule cannot be judged${since} (${health.failures} in a row)${why}`, ...hint };
}

/** What is held back, why and until when, and who was told in its place. */
function* outageCautions({ source, since, over, held, told }: Outage): Iterable<Caution> {
  if (held.length === 0) return;
  const count = `${held.length} ${held.length === 1 ? 'alert is' : 'alerts are'}`;
  const last = iso(held.reduce((latest, { until }) => Math.max(latest, until), 0));
  const receivers = told.map(({ receiver, level }) => `${receiver} (${level})`).join(', ');
  const text =
    over === undefined
      ? `no document at all in ${source} since ${iso(since)}: ${count} held back until ${last}, and one message about it goes to ${receivers}`
      : `documents arrive in ${source} again since ${iso(over)}: ${count} held back until ${last}, to see whether their groups are back`;
  yield { code: 'source-silent', text, hint: 'outage_hold; groups named in expect are never held back' };
}

function* answerCautions({ rule, asked }: CautionSources): Iterable<Caution> {
  if (asked.kind === 'failed') return;
  const fields = rule.groupBy.join(', ');
  if (asked.ungrouped > 0) {
    const hint = 'such documents belong to no group; `missing: include` makes them one';
    yield {
      code: 'ungrouped',
      text: `${asked.ungrouped} of ${asked.matched} documents lack a field of group_by (${fields})`,
      hint,
    };
  }
  if (asked.truncated && asked.events > 0) {
    const text = `more documents match than the ${asked.events} that are told one by one: the message counts the others`;
    yield { code: 'truncated', text, hint: 'a narrower query, a higher max_events, or a throttle per key' };
  } else if (asked.truncated) {
    const text = `there are more than ${rule.maxGroups} groups: of those that did not come back nothing is known`;
    yield { code: 'truncated', text, hint: 'a narrower query, fewer group_by fields, or a higher max_groups' };
  }
}
