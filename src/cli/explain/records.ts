import type { Config } from '../../config/config.ts';
import { TocsinError } from '../../core/errors.ts';
import { namesInstead } from '../../core/nearest.ts';
import { readApart } from '../../core/read-apart.ts';
import type { StoreAnswer } from '../../core/stored.ts';
import { DAY, type Duration, type Instant, iso, type TimeRange } from '../../core/time.ts';
import type { RunHistory } from '../../engine/history/run-history.ts';
import type { Inspection } from '../../engine/inspection.ts';
import { shownKind } from '../../engine/shown-kind.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import { type BrokenFiles, removedRule } from '../../explain/removed-rule.ts';
import type { AlertGroupDocument, QueuedEntry } from '../../notify/alert-group.ts';
import type { AlertGroups } from '../../notify/alert-groups.ts';
import type { RecordsReport, Unsent } from '../../reports/explain/records-report.ts';

const MOST_MESSAGES = 500;
const MOST_RUNS = 500;
const MOST_ALERT_GROUPS = 1_000;
const REMOVED_LOOKBACK = 30 * DAY;

/** What explaining a receiver reads. */
export interface RecordPorts {
  readonly history: RunHistory;
  readonly alertGroups: Pick<AlertGroups, 'load'>;
  readonly inspection: Pick<Inspection, 'alertGroups'>;
}

/** What a receiver was sent in a time, and what waits for it or was given up, each with the reason. Throws TocsinError for an unknown one. */
export async function explainReceiver(
  receiver: string,
  range: TimeRange,
  { routing: { destinations } }: Pick<Config, 'routing'>,
  ports: RecordPorts,
): Promise<RecordsReport> {
  const known = Object.keys(destinations);
  const messages = answered(await ports.history.messages({ receiver, range, limit: MOST_MESSAGES }));
  if (!known.includes(receiver) && messages.length === 0) {
    throw new TocsinError('explain/receiver', `unknown receiver ${JSON.stringify(receiver)}`, {
      hint: namesInstead(receiver, known),
    });
  }
  const ids = answered(await ports.inspection.alertGroups(MOST_ALERT_GROUPS));
  const loaded = answered(await readApart(ids, ports.alertGroups.load));
  const own = [...loaded.found.values()].map(({ document }) => document).filter((document) => document.receiver === receiver);
  const unsent = own.flatMap(unsentOf).filter(({ at }) => at < range.to);
  const failed = messages.filter(({ outcome }) => outcome !== 'delivered').length;
  const gone = known.includes(receiver) ? [] : ['this receiver is no longer configured'];
  return {
    about: { receiver },
    range,
    said: [...gone, `${messages.length - failed} sent, ${failed} not fully delivered, ${unsent.length} pending`],
    changes: [],
    messages: messages.toReversed(),
    unsent: unsent.toSorted((a, b) => a.at - b.at),
    cut: messages.length === MOST_MESSAGES || ids.length === MOST_ALERT_GROUPS,
  };
}

function unsentOf(document: AlertGroupDocument): readonly Unsent[] {
  const { destination, queued, inflight, failed, dead } = document;
  const of = (entries: readonly QueuedEntry[], why: (entry: QueuedEntry) => string) =>
    entries.map((entry): Unsent => {
      const { rule, group, kind, at } = entry;
      return { destination, rule, group, kind, at, why: why(entry) };
    });
  const failure = inflight?.last_failure?.text;
  return [
    ...of(queued, ({ why }) =>
      why === undefined ? 'waits for group_wait, group_interval or an earlier message' : `suppressed by ${why}`,
    ),
    ...of(inflight?.facts.entries ?? [], () => (failure === undefined ? 'is being sent' : `is retried: ${failure}`)),
    ...of(failed, () => `failed: ${dead?.reason ?? 'delivery was given up'}; it will be part of the next message`),
  ];
}

/** A rule that no loaded file has: its document, and the rule files that do not load. */
export interface NotLoaded {
  readonly document: RuleDocument;
  readonly broken: BrokenFiles;
}

/** What is known of a rule that no loaded file has: how its alerts are, and what was recorded of it in the last thirty days. */
export async function explainNotLoaded(
  { document, broken }: NotLoaded,
  { now, removedAfter }: { readonly now: Instant; readonly removedAfter: Duration },
  history: RunHistory,
): Promise<RecordsReport> {
  const { rule } = document;
  const range = { from: now - REMOVED_LOOKBACK, to: now + 1 };
  const [runs, messages] = await Promise.all([
    history.runs({ rule, range, limit: MOST_RUNS, changed: true }),
    history.messages({ rule, range, limit: MOST_MESSAGES }),
  ]);
  const recorded = answered(runs);
  const sent = answered(messages);
  const { text, hint, deleted } = removedRule(document, broken, { now, removedAfter });
  const changes = recorded.flatMap(({ at, changes: all }) => {
    return all.filter((change) => shownKind(change) !== undefined).map((change) => ({ ...change, at }));
  });
  return {
    about: deleted ? { removedRule: rule } : { brokenRule: rule },
    range,
    said: [`${text}.`, `${hint}.`, `It was last evaluated for ${iso(document.evaluated_through)}.`],
    changes: changes.toSorted((a, b) => a.at - b.at),
    messages: sent.toReversed(),
    unsent: [],
    cut: recorded.length === MOST_RUNS || sent.length === MOST_MESSAGES,
  };
}

function answered<T>(answer: StoreAnswer<T>): T {
  if (answer.ok) return answer.value;
  throw new TocsinError('explain/unanswered', `the records cannot be read: ${answer.message}`, {
    hint: 'check `elasticsearch` in tocsin.yaml and that the cluster is up',
  });
}
