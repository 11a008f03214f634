import { readApart } from '../../core/read-apart.ts';
import { own } from '../../core/record.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import type { Instant } from '../../core/time.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { held, newest } from '../../evaluation/session.ts';
import { alertGroupId } from '../../notify/alert-group-id.ts';
import { endKey } from '../../notify/silence-ends.ts';
import { matchesAll } from '../../routing/matches.ts';
import type { Labels, Target } from '../../routing/route.ts';
import { alertsOf } from '../alert-list/alerts-of.ts';
import { labelsOfAlert } from '../alert-list/what-is-known.ts';
import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { silenceEndOutbox } from '../silence-end-news.ts';
import type { TurnContext } from '../turn-context.ts';
import type { TurnPorts } from '../turn-ports.ts';

const FOUND_AT_ONCE = 5_000;
const READ_AT_ONCE = 200;

/** An alert that fires, and who holds it. */
interface BurningAlert {
  readonly labels: Labels;
  readonly since: Instant;
  readonly targets: readonly Target[];
}

/**
 * Finds out what still fires of what silences matched that have just ended: its alert groups say so with their next message, once, and so does the
 * receiver that the silence names. Without an answer of the store the next sweep looks again.
 */
export async function announceSilenceEnds(context: TurnContext): Promise<void> {
  const { sweep, notify, session, ports, deliveries, log } = context;
  if (!sweep || notify.suppression === undefined) return;
  const open = notify.ended.filter((silence) => !session.announcedEnds.has(endKey(silence)));
  const known = new Set(notify.ended.map(endKey));
  for (const key of session.announcedEnds) if (!known.has(key)) session.announcedEnds.delete(key);
  if (open.length === 0) return;
  const burning = await burningAlerts(ports);
  if (!burning.ok) {
    log.storeProblem(`what still fires after a silence could not be read: ${burning.message}`);
    return;
  }
  for (const silence of open) {
    const alerts = burning.value.filter((alert) => alert.since < silence.ends_at && matchesAll(silence.matchers, alert.labels));
    const ids = alerts.flatMap(({ targets }) => targets.map((target) => alertGroupId(ports.namespace, target)));
    const taken = await enqueueOutboxes(silenceEndOutbox(silence, alerts, ports), context);
    deliveries.claimAndSend([...new Set(ids)]);
    // No one else keeps what the silence's receiver has not taken over.
    if (taken) session.announcedEnds.add(endKey(silence));
  }
}

async function burningAlerts(ports: TurnPorts): Promise<StoreAnswer<readonly BurningAlert[]>> {
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
      labels: labelsOfAlert(alert, document, rules.get(document.rule)),
      since: alert.started ?? alert.since,
      targets: alert.held_by ?? own(document.past, id)?.notified?.held_by ?? [],
    }));
}
