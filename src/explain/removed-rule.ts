import { formatDuration } from '../core/duration.ts';
import { type Duration, type Instant, iso } from '../core/time.ts';
import { endsUnseen } from '../engine/retention/remove-rules.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';

const NAMED = 5;

/**
 * What is to be said of a rule that no rule file has, but that a namespace still has a document of: what of it fires and until when, or that
 * its alerts have ended. `removedAfter` in ms.
 */
export function removedRule(document: RuleDocument, now: Instant, removedAfter: Duration): { text: string; hint: string } {
  const firing = Object.values(document.alerts).filter(({ status }) => status === 'firing' || status === 'recovering');
  const head = `the rule ${JSON.stringify(document.rule)} was deleted or renamed: no rule file has it`;
  if (document.removed === true && firing.length === 0) {
    return { text: `${head}, and its alerts were ended for that reason`, hint: 'the index `tocsin-alerts` keeps their history' };
  }
  const names = firing.slice(0, NAMED).map(({ group }) => Object.values(group).join('/') || document.rule);
  const more = firing.length > NAMED ? ` and ${firing.length - NAMED} more` : '';
  const alerts =
    firing.length === 0
      ? 'none of its alerts fires'
      : `${firing.length} of its alerts ${firing.length === 1 ? 'fires' : 'fire'} (${names.join(', ')}${more})`;
  const { unloaded } = document;
  if (unloaded !== undefined) {
    const end = Math.max(now, unloaded.since + removedAfter);
    const since = `no running replica has had it loaded since ${iso(unloaded.since)}`;
    return { text: `${head}; ${alerts}; ${since}`, hint: `they end within a minute after ${iso(end)}` };
  }
  return {
    text: `${head}; ${alerts}; it was last evaluated for ${iso(document.evaluated_through)}`,
    hint:
      `they end ${formatDuration(removedAfter)} after the last running replica has unloaded it, while all rule files load; ` +
      `where a replica does not say what it has loaded, after ${iso(endsUnseen(document))}`,
  };
}
