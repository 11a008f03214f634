import { hashId } from '../core/ids.ts';
import { type Clock, type Instant, iso } from '../core/time.ts';
import type { ReportedAlert } from '../engine/alert-list/alert-list.ts';
import { type AlertStores, type AlertsWanted, alertsReport } from '../engine/alert-list/read-alerts.ts';
import { ACKNOWLEDGED_ACTION } from '../engine/history/read-records.ts';
import type { Acknowledgement, Acknowledgements } from '../notify/acknowledgements.ts';
import type { History, HistoryRecord } from '../notify/history.ts';
import type { Matcher } from '../routing/route.ts';

/** Which alerts: those whose labels match, the one whose ID begins so, or those with these IDs while their episodes begin so. */
export type WhichAlerts =
  | { readonly matchers: readonly Matcher[] }
  | { readonly id: string }
  | { readonly episodes: readonly { readonly id: string; readonly episode: string }[] };

/** Who acknowledges, and what they say. */
interface Acknowledger {
  readonly by: string;
  readonly comment: string;
}

/** Its outcome: `alerts` as they are now. `invalid`: nothing was written, with the next step; `failed`: the store did not take all of it. */
type AcknowledgeAnswer =
  | { readonly kind: 'done'; readonly alerts: readonly ReportedAlert[] }
  | { readonly kind: 'invalid'; readonly message: string; readonly hint: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Where people say that they work on alerts: for the command line, an API and chats. */
export interface AcknowledgeDesk {
  /** Stops reminders and escalation of the present episodes of these alerts. */
  acknowledge(which: WhichAlerts, who: Acknowledger): Promise<AcknowledgeAnswer>;
  /** Takes it back: reminders and escalation go on. `by`: who does so, where that is not who acknowledged. */
  expire(which: WhichAlerts, by?: string): Promise<AcknowledgeAnswer>;
}

interface DeskParts extends Pick<AlertsWanted, 'namespace' | 'rules'> {
  /** With a history, who acknowledged what is recorded there. */
  readonly stores: AlertStores & { readonly acknowledgements: Acknowledgements; readonly history?: Pick<History, 'write'> };
  readonly clock: Pick<Clock, 'now'>;
}

/** More are not acknowledged one by one: the cause is, and a silence says so. */
const MOST = 1_000;
const LONGEST_TEXT = 2_000;
/** Characters of an ID that are enough to mean it. */
export const SHORTEST_ID = 6;

/** Opens the desk over the stores. Throws TocsinError where the alerts cannot be read. */
export function acknowledgeDesk({ stores, clock, ...wanted }: DeskParts): AcknowledgeDesk {
  const found = async (which: WhichAlerts): Promise<Extract<AcknowledgeAnswer, { kind: 'done' | 'invalid' }>> => {
    const matchers = 'matchers' in which ? which.matchers : [];
    const report = await alertsReport(stores, { ...wanted, all: false, now: clock.now(), matchers });
    const meant = report.alerts.filter(isMeant(which));
    const firing = meant.filter(isFiring);
    if ('id' in which && firing.length > 1) {
      const ids = firing.slice(0, 5).map(({ id }) => id);
      return invalid(`${firing.length} alerts have an ID that begins with ${JSON.stringify(which.id)}`, ids.join(', '));
    }
    if (firing.length > MOST)
      return invalid(`${firing.length} alerts match, more than ${MOST}`, 'add matchers, or silence them: `tocsin silence add`');
    if (firing.length > 0) return { kind: 'done', alerts: firing };
    const hint = report.hint ?? '`tocsin alerts` lists firing alerts';
    return invalid(meant.length > 0 ? 'no matching alert fires: they are pending' : 'no matching alert fires', hint);
  };

  const write = async (
    which: WhichAlerts,
    made: (alert: ReportedAlert) => readonly Acknowledgement[],
    recordOf: (one: Acknowledgement) => HistoryRecord,
  ) => {
    const answer = await found(which);
    if (answer.kind !== 'done') return answer;
    const all = answer.alerts.flatMap(made);
    if (all.length === 0) return invalid('no matching alert is acknowledged', '`tocsin alerts` shows which are');
    const saved = await stores.acknowledgements.put(all);
    if (!saved.ok) return { kind: 'failed', message: saved.message } as const;
    const written = new Set(all.map(({ alert }) => alert));
    // History is best effort: what was acknowledged is so without it.
    await stores.history?.write(all.map(recordOf));
    return { kind: 'done', alerts: answer.alerts.filter(({ id }) => written.has(id)) } as const;
  };

  return {
    acknowledge: async (which, { by, comment }) => {
      const wrong = textProblem(by, comment);
      if (wrong !== undefined) return wrong;
      const at = clock.now();
      const done = await write(
        which,
        (alert) => [madeOf(alert, { by, comment, at })],
        (one) => recordOf(one, { by, comment, at, done: ACKNOWLEDGED_ACTION, words: 'acknowledged' }, wanted.namespace),
      );
      return done.kind === 'done'
        ? { ...done, alerts: done.alerts.map((one) => ({ ...one, acknowledged: { by, at, comment } })) }
        : done;
    },
    expire: async (which, by) => {
      const expired_at = clock.now();
      const made = (alert: ReportedAlert) => {
        const { acknowledged } = alert;
        return acknowledged === undefined ? [] : [{ ...madeOf(alert, acknowledged), expired_at }];
      };
      const done = await write(which, made, (one) =>
        recordOf(
          one,
          { by: by ?? one.by, comment: '', at: expired_at, done: 'acknowledgement-expired', words: 'no longer acknowledged' },
          wanted.namespace,
        ),
      );
      if (done.kind !== 'done') return done;
      return { ...done, alerts: done.alerts.map(({ acknowledged: _over, ...alert }) => alert) };
    },
  };
}

function isMeant(which: WhichAlerts): (alert: ReportedAlert) => boolean {
  if ('matchers' in which) return () => true;
  if ('id' in which) return ({ id }) => id.startsWith(which.id);
  const episodes = new Map(which.episodes.map(({ id, episode }) => [id, episode]));
  return ({ id, episode }) => {
    const begins = episodes.get(id);
    return begins !== undefined && episode?.startsWith(begins) === true;
  };
}

function isFiring({ status, episode }: ReportedAlert): boolean {
  return (status === 'firing' || status === 'recovering') && episode !== undefined;
}

function madeOf(
  { id, episode = '', rule, severity = 'warning' }: ReportedAlert,
  { by, comment, at }: Acknowledger & Pick<Acknowledgement, 'at'>,
): Acknowledgement {
  return { v: 1, alert: id, episode, rule, level: severity, at, by, comment };
}

interface Recorded extends Acknowledger {
  readonly at: Instant;
  readonly done: string;
  readonly words: string;
}

/** What history keeps of it beside the episodes: `event.kind` distinguishes it from them. */
function recordOf(
  { alert, episode, rule }: Acknowledgement,
  { at, by, comment, done, words }: Recorded,
  namespace: string,
): HistoryRecord {
  return {
    index: 'alerts',
    id: hashId(done, namespace, alert, episode, at),
    at,
    body: {
      '@timestamp': iso(at),
      'event.kind': 'event',
      'event.category': 'configuration',
      'event.action': done,
      'rule.name': rule,
      message: `an alert of ${rule} is ${words} by ${by}${comment === '' ? '' : `: ${comment}`}`,
      tocsin: { namespace, alert, episode, by, ...(comment !== '' && { comment }) },
    },
  };
}

function textProblem(by: string, comment: string): AcknowledgeAnswer | undefined {
  if (by.trim() === '') return invalid('an acknowledgement needs an author', 'set --author');
  if (comment.trim() === '') return invalid('an acknowledgement needs a comment', 'describe with --comment what is being done');
  const isLong = by.length > LONGEST_TEXT || comment.length > LONGEST_TEXT;
  return isLong ? invalid(`a text may have at most ${LONGEST_TEXT} characters`, 'shorten it') : undefined;
}

function invalid(message: string, hint: string) {
  return { kind: 'invalid', message, hint } as const;
}
