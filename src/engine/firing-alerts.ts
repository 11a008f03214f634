import { chunked } from '../core/chunked.ts';
import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import type { StoreAnswer } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { held, newest } from '../evaluation/session.ts';
import type { Labels, Target } from '../routing/route.ts';
import { alertsOf, fires } from './alert-list/alerts-of.ts';
import { labelsOfAlert } from './alert-list/what-is-known.ts';
import type { TurnPorts } from './turn-ports.ts';
import { firingRules } from './what-fires.ts';

const READ_AT_ONCE = 200;

/** An alert that fires, and who holds it. */
export interface FiringAlert {
  readonly id: string;
  readonly labels: Labels;
  readonly since: Instant;
  readonly targets: readonly Target[];
}

/** Reads every alert that fires, whichever replica evaluates it. */
export async function firingAlerts(ports: TurnPorts): Promise<StoreAnswer<readonly FiringAlert[]>> {
  const { states, session, rules } = ports;
  const found = await firingRules(ports);
  if (!found.ok) return found;
  const firing: FiringAlert[] = [];
  for (const ids of chunked([...found.value.keys()], READ_AT_ONCE)) {
    const loaded = await readApart(ids, (some) => states.load(some, held(session, some)));
    if (!loaded.ok) return loaded;
    for (const [id, stored] of loaded.value.found) firing.push(...firingIn(newest(session, id, stored), rules));
  }
  return { ok: true, value: firing };
}

function firingIn(document: RuleDocument, rules: TurnPorts['rules']): readonly FiringAlert[] {
  return alertsOf(document)
    .filter(fires)
    .map(({ id, alert }) => ({
      id,
      labels: labelsOfAlert(alert, document, rules.get(document.rule)),
      since: alert.started ?? alert.since,
      targets: alert.held_by ?? own(document.past, id)?.notified?.held_by ?? [],
    }));
}
