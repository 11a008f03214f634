import { asError } from './errors.ts';

/** What an internal error stopped: one rule, one alert group, or a part of the engine that belongs to none of them. */
export interface InternalError {
  readonly kind: 'rule' | 'alert_group' | 'engine';
  /** The rule's or the alert group's id; of the engine, the step itself. */
  readonly subject: string;
  /** What was being done, e.g. `rendering a message`. */
  readonly step: string;
  readonly error: Error;
}

/**
 * The internal errors of one turn. Expected failures are values; whatever is thrown all the same is noted here at the wall it met: it concerns
 * one rule or one alert group, and everything else goes on.
 */
export interface InternalErrors {
  readonly all: readonly InternalError[];
  note(kind: InternalError['kind'], subject: string, step: string, thrown: unknown): InternalError;
}

/** Makes an empty collection. */
export function collectInternalErrors(): InternalErrors {
  const all: InternalError[] = [];
  return {
    all,
    note: (kind, subject, step, thrown) => {
      const noted = { kind, subject, step, error: asError(thrown) };
      all.push(noted);
      return noted;
    },
  };
}

/** What people are notified of an internal error. */
export function internalErrorText({ step, error }: Pick<InternalError, 'step' | 'error'>): string {
  return `internal error while ${step}: ${error.message || error.name}; please report this with the stack trace in the log`;
}
