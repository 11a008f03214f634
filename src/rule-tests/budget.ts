import { humanDuration } from '../core/duration.ts';
import { TocsinError } from '../core/errors.ts';
import type { Clock, Duration } from '../core/time.ts';

/** What a whole run of rule tests may use, all files and tests together; untrusted tests must not be able to block a CI. */
export interface BudgetLimits {
  /** Machine time. */
  readonly time: Duration;
  /** Documents of all tests. */
  readonly documents: number;
  /** Checks of all tests. */
  readonly checks: number;
}

/** What is used up; `characters` are those of documents, `expressions` are characters times states of regular expressions. */
type Spent = 'documents' | 'characters' | 'checks' | 'comparisons' | 'expressions';

/** What is left of a run's budget. */
export interface Budget {
  /** Takes some of it; throws BudgetSpent if there is not enough. */
  spend(what: Spent, amount: number): void;
  /** Throws BudgetSpent when the time is up; else lets others have their turn (signals are handled then) if that is due. */
  breathe(): Promise<void>;
}

/** Default limits of a run. */
export const DEFAULT_LIMITS: BudgetLimits = { time: 10 * 60_000, documents: 2_000_000, checks: 100_000 };

const MAX_CHARACTERS = 300_000_000;
const MAX_COMPARISONS = 50_000_000;
const MAX_EXPRESSION_STEPS = 5_000_000_000;
const BREATH = 50;
/** The clock is asked at every so many comparisons: it takes longer than one of them. */
const LOOK_EVERY = 256;

/** The budget of the run is used up: nothing more is run. */
export class BudgetSpent extends TocsinError {
  constructor(message: string, hint: string) {
    super('rule-test/budget', message, { hint });
  }
}

/** A clock for runs that may take as long as they like. */
export const NO_CLOCK: Pick<Clock, 'monotonic' | 'sleep'> = { monotonic: () => 0, sleep: async () => undefined };

/** Opens the budget of one run, which begins now. */
export function openBudget(limits: BudgetLimits = DEFAULT_LIMITS, clock: Pick<Clock, 'monotonic' | 'sleep'> = NO_CLOCK): Budget {
  const began = clock.monotonic();
  let breathed = began;
  let looks = 0;
  const left: Record<Spent, number> = {
    documents: limits.documents,
    characters: MAX_CHARACTERS,
    checks: limits.checks,
    comparisons: MAX_COMPARISONS,
    expressions: MAX_EXPRESSION_STEPS,
  };
  const look = () => {
    if (clock.monotonic() - began <= limits.time) return;
    throw new BudgetSpent(`the run takes longer than ${humanDuration(limits.time)}`, 'use fewer tests, or a higher --time-limit');
  };
  return {
    spend: (what, amount) => {
      left[what] -= amount;
      if (left[what] < 0) throw spent(what, limits);
      if (++looks % LOOK_EVERY === 0) look();
    },
    breathe: async () => {
      look();
      if (clock.monotonic() - breathed < BREATH) return;
      await clock.sleep(0);
      breathed = clock.monotonic();
    },
  };
}

function spent(what: Spent, { documents, checks }: BudgetLimits): BudgetSpent {
  switch (what) {
    case 'documents':
      return new BudgetSpent(
        `the tests create more than ${documents} documents in total`,
        'use fewer, or a higher --max-documents',
      );
    case 'checks':
      return new BudgetSpent(`the tests have more than ${checks} checks in total`, 'use fewer, or a higher --max-checks');
    case 'characters':
      return new BudgetSpent(
        `the documents of the tests have more than ${MAX_CHARACTERS} characters in total`,
        'use smaller or fewer documents',
      );
    case 'comparisons':
      return new BudgetSpent(
        `the checks of the tests need more than ${MAX_COMPARISONS} comparisons`,
        'use fewer expectations, or check more often',
      );
    case 'expressions':
      return new BudgetSpent(
        'the regular expressions of the tests take too long',
        'use simpler ones, or match a part of the text instead',
      );
  }
}
