import type { RuleId } from '../core/ids.ts';
import { collectInternalErrors, type InternalError, type InternalErrors } from '../core/internal-errors.ts';
import type { Instant } from '../core/time.ts';
import type { EvaluationReport } from '../evaluation/evaluate-batch.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import type { Run } from '../evaluation/run.ts';
import type { Notified } from '../notify/delivery-ports.ts';
import type { ReplaceAnswer, ReplacedGroup } from './replace-alert-groups.ts';

/** A stored document that is invalid: it is put aside, and all others are worked on. */
export interface InvalidDocument {
  readonly kind: 'rule' | 'alert_group' | 'silence' | 'acknowledgement' | 'health' | 'lease';
  readonly id: string;
  readonly problem: string;
}

/** What a turn did, and when the next one is due. Metrics, journal, health, rule tests and dry runs read this and nothing else. */
export interface TurnLog {
  readonly now: Instant;
  /** The evaluations, each with what it changed; batch by batch, of each rule in the order of its windows. */
  readonly runs: readonly Run[];
  /** Documents of rules that were written and acknowledged. */
  readonly saved: readonly RuleDocument[];
  readonly unsaved: EvaluationReport['unsaved'];
  /** The document of the health alerts, each time that it was written. */
  readonly health: readonly RuleDocument[];
  /** Attempts to notify, in the order of their beginning. */
  readonly notified: readonly Notified[];
  /** Why a store did not answer, if one did not. */
  readonly storeProblems: readonly string[];
  /** What was thrown over one rule, one alert group or one step, and stopped nothing else. */
  readonly errors: readonly InternalError[];
  readonly invalid: readonly InvalidDocument[];
  /** The earliest moment at which something is to be done besides the next ticks; `now` while windows are due; undefined: nothing waits. */
  readonly nextWake: Instant | undefined;
}

/** What health is evaluated by: what was noted since health was last evaluated. */
export interface TurnNews {
  readonly runs: readonly Run[];
  readonly notified: readonly Notified[];
  /** Rules that are evaluated further than the clock says. */
  readonly ahead: EvaluationReport['ahead'];
  /** Rules whose document the store does not take, or cannot give, with the reason. */
  readonly refused: readonly { readonly rule: RuleId; readonly message: string }[];
  readonly errors: readonly InternalError[];
  /** Alert groups that are invalid and could not be replaced, with the reason, by id. */
  readonly invalidAlertGroups: ReadonlyMap<string, string>;
  readonly replaced: readonly ReplacedGroup[];
}

/** The log of a turn that goes on: each stage notes in it what it did. */
export interface OpenTurnLog {
  /** Where the walls note what is thrown. */
  readonly errors: InternalErrors;
  /** A store did not answer, or has not taken everything: the turn after this one follows soon. */
  readonly isFailing: boolean;
  /** A rule has more windows due than one turn evaluates. */
  readonly isBehind: boolean;
  /** Invalid silences, with the reason, by id; undefined: they could not be read. */
  readonly invalidSilences: ReadonlyMap<string, string> | undefined;
  /** Invalid alert groups that were not replaced, with the reason, by id. */
  readonly invalidAlertGroups: ReadonlyMap<string, string>;
  /** Those among them that were met since health was last evaluated. */
  readonly newlyInvalid: ReadonlyMap<string, string>;
  readonly notified: readonly Notified[];
  storeProblem(...problems: readonly string[]): void;
  /** Something was not enqueued although the store answered: another replica was quicker, or there was no room. */
  unfinished(): void;
  silencesRead(invalid: ReadonlyMap<string, string>): void;
  evaluated(report: EvaluationReport): void;
  invalidAlertGroupsMet(met: ReadonlyMap<string, string>): void;
  alertGroupsReplaced(answer: ReplaceAnswer): void;
  delivered(attempts: readonly Notified[]): void;
  healthSaved(document: RuleDocument): void;
  documentsInvalid(documents: readonly InvalidDocument[]): void;
  /** What was noted since the last call. */
  takeNews(): TurnNews;
  /** The log as it is at the end of its turn. */
  closed(nextWake: Instant | undefined): TurnLog;
}

interface OpenNews {
  readonly reports: EvaluationReport[];
  readonly notified: Notified[];
  readonly invalidAlertGroups: Map<string, string>;
  readonly replaced: ReplacedGroup[];
}

/** Opens the log of a turn. */
export function openTurnLog(now: Instant, errors = collectInternalErrors()): OpenTurnLog {
  const reports: EvaluationReport[] = [];
  const notified: Notified[] = [];
  const health: RuleDocument[] = [];
  const storeProblems: string[] = [];
  const invalidAlertGroups = new Map<string, string>();
  const replaced = new Map<string, string>();
  const others: InvalidDocument[] = [];
  let invalidSilences: ReadonlyMap<string, string> | undefined;
  let unfinished = false;
  let news = noNews();
  let errorsTaken = 0;
  return {
    errors,
    get isFailing() {
      return unfinished || storeProblems.length > 0;
    },
    get isBehind() {
      return reports.some(({ behind }) => behind.length > 0);
    },
    get invalidSilences() {
      return invalidSilences;
    },
    invalidAlertGroups,
    get newlyInvalid() {
      return news.invalidAlertGroups;
    },
    notified,
    storeProblem: (...problems) => void storeProblems.push(...problems),
    unfinished: () => {
      unfinished = true;
    },
    silencesRead: (invalid) => {
      invalidSilences = invalid;
    },
    evaluated: (report) => {
      reports.push(report);
      news.reports.push(report);
      storeProblems.push(...storeProblemsOf(report));
    },
    invalidAlertGroupsMet: (met) => {
      for (const [id, problem] of met) {
        invalidAlertGroups.set(id, problem);
        news.invalidAlertGroups.set(id, problem);
      }
    },
    alertGroupsReplaced: ({ begun, over }) => {
      for (const id of over) {
        invalidAlertGroups.delete(id);
        news.invalidAlertGroups.delete(id);
      }
      for (const { id, problem } of begun) replaced.set(id, problem);
      news.replaced.push(...begun);
    },
    delivered: (attempts) => {
      notified.push(...attempts);
      news.notified.push(...attempts);
    },
    healthSaved: (document) => void health.push(document),
    documentsInvalid: (documents) => void others.push(...documents),
    takeNews: () => {
      const taken = news;
      const newErrors = errors.all.slice(errorsTaken);
      news = noNews();
      errorsTaken = errors.all.length;
      return {
        runs: taken.reports.flatMap(({ runs }) => runs),
        notified: taken.notified,
        ahead: taken.reports.flatMap(({ ahead }) => ahead),
        refused: taken.reports.flatMap(refusedOf),
        errors: newErrors,
        invalidAlertGroups: taken.invalidAlertGroups,
        replaced: taken.replaced,
      };
    },
    closed: (nextWake) => ({
      now,
      runs: reports.flatMap(({ runs }) => runs),
      saved: reports.flatMap(({ saved }) => saved),
      unsaved: reports.flatMap(({ unsaved }) => unsaved),
      health,
      notified,
      storeProblems,
      errors: errors.all,
      invalid: [
        ...reports.flatMap(invalidRules),
        ...named('alert_group', new Map([...invalidAlertGroups, ...replaced])),
        ...named('silence', invalidSilences ?? new Map()),
        ...others,
      ],
      nextWake,
    }),
  };
}

/** The rules whose documents an evaluation found to be invalid. */
export function invalidRules({ invalid }: Pick<EvaluationReport, 'invalid'>): readonly InvalidDocument[] {
  return named('rule', invalid);
}

function named(kind: InvalidDocument['kind'], all: ReadonlyMap<string, string>): readonly InvalidDocument[] {
  return [...all].map(([id, problem]) => ({ kind, id, problem }));
}

function noNews(): OpenNews {
  return { reports: [], notified: [], invalidAlertGroups: new Map(), replaced: [] };
}

/** A store that did not answer; an index that takes no writes is a problem of the store, once, and not of each rule. */
function storeProblemsOf({ storeProblem, unsaved }: EvaluationReport): readonly string[] {
  if (storeProblem !== undefined) return [storeProblem];
  const byIndex = unsaved.find(({ of }) => of === 'index');
  return byIndex === undefined ? [] : [byIndex.message ?? 'the index of rules takes no writes'];
}

/** A conflict or a lost answer is not a problem: the next turn reads again. */
function refusedOf({ unsaved, invalid }: EvaluationReport): TurnNews['refused'] {
  const refused = unsaved.filter(({ why, of }) => why === 'refused' && of !== 'index');
  return [
    ...refused.map(({ rule, message = '' }) => ({ rule, message })),
    ...[...invalid].map(([rule, message]) => ({ rule, message })),
  ];
}
