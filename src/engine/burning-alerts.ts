import { readApart } from '../core/read-apart.ts';
import { own } from '../core/record.ts';
import type { StoreAnswer } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { held, newest } from '../evaluation/session.ts';
import type { Labels, Target } from '../routing/route.ts';
import { alertsOf } from './alert-list/alerts-of.ts';
import { labelsOfAlert } from './alert-list/what-is-known.ts';
import type { TurnPorts } from './turn-ports.ts';

const FOUND_AT_ONCE = 5_000;
const READ_AT_ONCE = 200;

/** An alert that fires, and who holds it. */
export interface BurningAlert {
  readonly id: string;
  readonly labels: Labels;
  readonly since: Instant;
  readonly targets: readonly Target[];
}

/** Reads every alert that fires, whichever replica evaluates it. */
export async function burningAlerts(ports: TurnPorts): Promise<StoreAnswer<readonly BurningAlert[]>> {
  const { states, session, rules } = ports;
  const burning: BurningAlert[] = [];
  for (let after: string | undefined; ; ) {
    const found = await states.firing(FOUND_AT_ONCE, after);
    if (!found.ok) return found;
    const ids = [...found.value.keys()];
    for (let start = 0; start < ids.length; start += READ_AT_ONCE) {
      const some = ids.slice(start, start + READ_AT_ONCE);
      const loaded = await readApart(some, (few) => states.load(few, held(session, few)));
      if (!loaded.ok) return loaded;
      for (const [id, stored] of loaded.value.found) burning.push(...firingIn(newest(session, id, stored), rules));
    }
    after = ids.at(-1);
    if (ids.length < FOUND_AT_ONCE) return { ok: true, value: burning };
  }
}

function firingIn(document: RuleDocument, rules: TurnPorts['rules']): readonly BurningAlert[] {
  return alertsOf(document)
    .filter(({ alert, flaps }) => alert.status === 'firing' || alert.status === 'recovering' || flaps)
    .map(({ id, alert }) => ({
      id,
      labels: labelsOfAlert(alert, document, rules.get(document.rule)),
      since: alert.started ?? alert.since,
      targets: alert.held_by ?? own(document.past, id)?.notified?.held_by ?? [],
    }));
}
