import type { RuleId } from '../core/ids.ts';
import type { Duration, Instant } from '../core/time.ts';
import { iso } from '../core/time.ts';
import { shownKind } from '../engine/shown-kind.ts';
import type { TurnLog } from '../engine/turn-log.ts';
import type { TurnPorts } from '../engine/turn-ports.ts';
import type { FlappingChange } from '../evaluation/outbox/flaps.ts';
import type { Change } from '../evaluation/outbox/outbox-entry.ts';
import type { Run } from '../evaluation/run.ts';
import { knownDocument } from '../evaluation/session.ts';
import type { Notified } from '../notify/delivery-ports.ts';
import { trackUnsaved } from './health/unsaved.ts';
import type { Log } from './log.ts';

/** The same problem is a line again after this long, ms: it is met in every turn. */
const AGAIN: Duration = 3_600_000;
/** Problems that are remembered; when there are more, some are written again. */
const REMEMBERED = 1_000;

/** Writes into the log what turns did: each firing, change of level, end and event, each notification, and failures when they begin, change and end. */
export interface Journal {
  /** Writes what a part of a turn evaluated, as soon as it is known: the turn may still wait for receivers while the next one evaluates. */
  evaluated(part: Evaluated, ports: Pick<TurnPorts, 'session'>): void;
  /** Writes the rest of a turn, at its end. */
  ended(report: TurnLog): void;
}

/** What was evaluated, in a turn or in a part of one. */
type Evaluated = Pick<TurnLog, 'now' | 'runs' | 'saved' | 'unsaved'>;

/** Starts a journal; it remembers which rules fail, so that a failure of hours is not a line a minute. */
export function startJournal(log: Log): Journal {
  const failing = new Map<RuleId, string>();
  const writeProblems = startProblems(log);
  const unsaved = trackUnsaved(log);
  return {
    evaluated: (part, ports) => {
      unsaved.evaluated(part);
      for (const run of part.runs) {
        writeRun(run, failing, log);
        // It is computed again until it is saved, and is news once.
        if (!unsaved.isNews(run)) continue;
        for (const change of run.changes) writeChange(run, change, log);
        for (const change of run.flapping ?? []) writeFlapping(run, change, log);
        for (const change of run.late ?? []) writeChange(run, change, log, true);
      }
      for (const { rule, from, to } of newGaps(part, ports)) {
        log.warn({ rule, at: iso(to), from: iso(from), to: iso(to) }, 'gap: windows were too old to be evaluated');
      }
    },
    ended: (report) => {
      for (const notified of report.notified) writeNotified(notified, log);
      writeProblems(report);
    },
  };
}

/** A gap that a turn found, with its ticks `(from, to]`. */
export interface NewGap {
  readonly rule: RuleId;
  readonly from: Instant;
  readonly to: Instant;
}

/** Gaps that an evaluation has settled: those that end right before the first tick it evaluated. While evaluations fail a gap may still grow. */
export function newGaps({ runs }: Pick<TurnLog, 'runs'>, { session }: Pick<TurnPorts, 'session'>): readonly NewGap[] {
  const first = new Map<RuleId, Run>();
  for (const run of runs) if (!first.has(run.rule)) first.set(run.rule, run);
  return [...first].flatMap(([rule, { at, outcome }]) => {
    const document = outcome === 'evaluated' ? knownDocument(session, rule) : undefined;
    const gap = document?.health.gaps?.at(-1);
    return document !== undefined && gap !== undefined && gap.to < at && gap.to >= at - document.every ? [{ rule, ...gap }] : [];
  });
}

function writeRun(run: Run, failing: Map<RuleId, string>, log: Log): void {
  const { rule } = run;
  const at = iso(run.at);
  const before = failing.get(rule);
  if (run.outcome === 'evaluated') {
    if (failing.delete(rule)) log.info({ rule, at }, `evaluations succeed again (${before})`);
    if (run.evidenceProblem !== undefined) {
      const { code, message, hint } = run.evidenceProblem;
      log.warn({ rule, at, code, problem: message, hint }, 'the evidence of an alert could not be fetched: notifying without it');
    }
    log.debug({ rule, at, groups: run.groups, matched: run.matched, findings: run.counts }, 'evaluated');
    return;
  }
  const code = run.problem?.code ?? 'unknown';
  failing.set(rule, code);
  const facts = { rule, at, code, problem: run.problem?.message, hint: run.problem?.hint };
  if (before === code) log.debug(facts, 'the evaluation failed again');
  else log.warn(facts, 'the evaluation failed: the window is retried');
}

function writeChange(run: Run, { alert, group, transition, severity, values, quiet }: Change, log: Log, late = false): void {
  const { from, to, reason, previousLevel } = transition;
  const kind = shownKind(transition);
  if (kind === undefined) return;
  // What a second look finds belongs to a tick of the past.
  const at = iso(late ? transition.at : run.at);
  const facts = {
    rule: run.rule,
    at,
    alert,
    group,
    severity,
    from,
    to,
    reason,
    values,
    ...levelBefore(previousLevel),
    ...(late && { late }),
  };
  if (quiet) log.debug(facts, `${kind}, not notified: the alert flaps`);
  else if (LOGGED.has(kind)) log.info(facts, kind);
  else log.debug(facts, kind);
}

/** What receivers are notified of; what leads there is for debugging. */
const LOGGED: ReadonlySet<string> = new Set(['firing', 'worse', 'better', 'resolved', 'event']);

function levelBefore(level: string | undefined): { readonly previous_severity?: string } {
  return level === undefined ? {} : { previous_severity: level };
}

const FLAPPING = {
  flapping: 'the alert flaps: no notifications until it is steady',
  steady: 'the alert is steady again and still firing',
  over: 'the alert is steady again: resolved',
} as const satisfies Record<FlappingChange['kind'], string>;

function writeFlapping(run: Run, { alert, group, kind, since, episodes }: FlappingChange, log: Log): void {
  log.info({ rule: run.rule, at: iso(run.at), alert, group, since: iso(since), episodes }, FLAPPING[kind]);
}

function writeNotified(notified: Notified, log: Log): void {
  const { receiver, channel, destination, outcome, reason, firstLine, firing, resolved, attempt, id, problem } = notified;
  const facts = {
    receiver,
    channel,
    destination,
    notification: id,
    outcome,
    reason,
    title: firstLine,
    firing,
    resolved,
    attempt,
    problem: problem?.text,
    ...(notified.only !== undefined && { to: notified.only }),
  };
  if (outcome === 'delivered' && problem === undefined) log.info(facts, 'notification delivered');
  else if (outcome === 'delivered') log.warn(facts, 'notification delivered, with a warning');
  else if (outcome === 'partial')
    log.warn({ ...facts, recipients: notified.recipients }, 'notification delivered, but not to every recipient');
  else if (outcome === 'retry' || outcome === 'unknown') log.warn(facts, 'notification not delivered, retrying');
  else log.error(facts, 'notification failed: check this receiver');
}

/** Starts to write internal errors and invalid documents: one that lasts for hours is not a line every few seconds. */
function startProblems(log: Log): (turn: Pick<TurnLog, 'now' | 'errors' | 'invalid'>) => void {
  const written = new Map<string, Instant>();
  const isNew = (key: string, now: Instant): boolean => {
    const last = written.get(key);
    if (last !== undefined && Math.abs(now - last) < AGAIN) return false;
    if (written.size >= REMEMBERED) written.clear();
    written.set(key, now);
    return true;
  };
  return ({ now, errors, invalid }) => {
    for (const { kind, subject, step, error } of errors) {
      if (!isNew(JSON.stringify([kind, subject, step, error.message]), now)) continue;
      const facts = { err: error, [kind]: subject, step };
      log.error(
        facts,
        'internal error: please report this with the stack trace; the affected work is retried, everything else continues',
      );
    }
    for (const { kind, id, problem } of invalid) {
      if (!isNew(JSON.stringify([kind, id, problem]), now)) continue;
      log.error({ kind, id, problem }, 'invalid stored document skipped: correct it or delete it');
    }
  };
}
