import { countsAsFiring } from '../alerts/alert-state.ts';
import { formatDuration } from '../core/duration.ts';
import { type Duration, type Instant, iso } from '../core/time.ts';
import { endsUnseen } from '../engine/retention/remove-rules.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';

const NAMED = 5;

/** Rule files that do not load: the one that has the rule, if one says so, and all of them. */
export interface BrokenFiles {
  readonly holding?: string;
  readonly all: readonly string[];
}

/** Where a rule is that no loaded file has, and what happens to its alerts. */
interface Whereabouts {
  readonly text: string;
  readonly hint: string;
  /** False: a file that does not load has it, or may have it. */
  readonly deleted: boolean;
}

/**
 * Where a rule is that no loaded file has, but that a namespace still has a document of. A rule whose file does not load is not deleted: replicas
 * that had loaded it evaluate its last good version. `removedAfter` in ms.
 */
export function removedRule(
  document: RuleDocument,
  broken: BrokenFiles,
  { now, removedAfter }: { readonly now: Instant; readonly removedAfter: Duration },
): Whereabouts {
  const name = JSON.stringify(document.rule);
  const firing = firingText(document);
  if (broken.holding !== undefined) {
    return {
      text: `the rule ${name} is in ${broken.holding}, which does not load; ${firing.text}`,
      hint: 'Replicas that had loaded it evaluate its last good version; `tocsin check` shows the problems',
      deleted: false,
    };
  }
  const head = `the rule ${name} was deleted or renamed: no rule file has it`;
  if (document.removed === true && firing.count === 0) {
    return {
      text: `${head}, so its alerts have ended`,
      hint: 'The index `tocsin-alerts` keeps their history',
      deleted: true,
    };
  }
  if (broken.all.length > 0) {
    return {
      text: `no rule file that loads has the rule ${name}; ${listed(broken.all)} ${broken.all.length === 1 ? 'does' : 'do'} not load and may have it; ${firing.text}`,
      hint: 'If so, replicas that had loaded it evaluate its last good version; `tocsin check` shows the problems',
      deleted: false,
    };
  }
  const { unloaded } = document;
  if (unloaded !== undefined) {
    return {
      text: `${head}; ${firing.text}; no running replica has had it loaded since ${iso(unloaded.since)}`,
      hint: `Its alerts end within a minute after ${iso(Math.max(now, unloaded.since + removedAfter))}`,
      deleted: true,
    };
  }
  return {
    text: `${head}; ${firing.text}`,
    hint:
      `Its alerts end ${formatDuration(removedAfter)} after every replica has dropped the rule, once all rule files load; ` +
      `if a replica does not report its rules, after ${iso(endsUnseen(document))}`,
    deleted: true,
  };
}

function firingText(document: RuleDocument): { readonly text: string; readonly count: number } {
  const firing = Object.values(document.alerts).filter(({ status }) => countsAsFiring(status));
  const count = firing.length;
  if (count === 0) return { text: 'none of its alerts is firing', count };
  const names = firing.map(({ group }) => Object.values(group).join('/') || document.rule);
  return { text: `${count} of its alerts ${count === 1 ? 'is' : 'are'} firing (${listed(names)})`, count };
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${names.slice(0, NAMED).join(', ')}${more}`;
}
