import type { JsonObject } from '../core/json.ts';
import type { Position } from '../core/problems.ts';
import type { Duration, Instant, TimeRange } from '../core/time.ts';
import type { Matcher, Route } from '../routing/route.ts';
import type { SearchProblemCode } from '../search/search-problem.ts';
import type { SnapshotForm } from './snapshots/message-forms.ts';
import type { TextPattern } from './text-pattern.ts';
import type { ValuePattern } from './value-pattern.ts';

/** One `*.test.yaml`, read and checked. Paths are relative to the working directory, as the file's own. */
export interface RuleTestFile {
  readonly file: string;
  /** Rule files that its tests are about. */
  readonly rules: readonly string[];
  readonly tests: readonly RuleTest[];
}

/** One test: documents in, what must be seen at points of virtual time. */
export interface RuleTest {
  readonly name: string;
  readonly position: Position;
  /** Where virtual time begins; the first ticks are after it. */
  readonly start: Instant;
  readonly documents: readonly DocumentSpec[];
  /** What `PUT index` takes under `mappings`. */
  readonly mapping?: JsonObject;
  readonly route?: Route;
  readonly silences: readonly SilenceSpec[];
  /** Times `[from, to)` in which Tocsin does not run; apart from each other and in order. */
  readonly down: readonly TimeRange[];
  /** Times `[from, to)` in which every search fails. */
  readonly searchFails: readonly SearchFailure[];
  /** The forms in which each message of the test has a snapshot; none without it. */
  readonly snapshot?: readonly SnapshotForm[];
  /** In the order of their times. */
  readonly checks: readonly TestCheck[];
}

/** Documents of a test: one document at several times, for several values of fields; or those of a file. */
export type DocumentSpec = GeneratedDocuments | DocumentsOfFile;

/** One document, repeated. */
export interface GeneratedDocuments {
  readonly kind: 'generated';
  readonly position: Position;
  readonly index?: string;
  readonly source: JsonObject;
  /** The time of each document. */
  readonly times: readonly Instant[];
  /** How long after its time each becomes searchable; undefined: immediately. */
  readonly arrivesAfter?: Duration;
  /** Fields that are a time so much after that of the document (before it: negative). */
  readonly offsets: Readonly<Record<string, Duration>>;
  /** Sets of fields; each gives a document at each time. */
  readonly variants: readonly JsonObject[];
}

/** The documents of an NDJSON file. */
export interface DocumentsOfFile {
  readonly kind: 'file';
  readonly position: Position;
  readonly file: string;
  readonly index?: string;
  /** The time to which the oldest is moved, the others with it; undefined: they stay where they are. */
  readonly from?: Instant;
  readonly arrivesAfter?: Duration;
}

/** Alerts whose labels fit are not notified in `[from, until)`. */
export interface SilenceSpec {
  readonly matchers: readonly Matcher[];
  readonly from: Instant;
  readonly until: Instant;
}

/** Every search fails with a problem in `[from, to)`. */
export interface SearchFailure extends TimeRange {
  readonly problem: SearchProblemCode;
}

/** A list that must be found: partially (each expectation by something of its own), or exactly. */
export interface Expected<T> {
  readonly position: Position;
  readonly items: readonly T[];
  /** Nothing may be there that no item expects. */
  readonly exactly: boolean;
}

/** What must be seen at one time, after the turns of that time. Lists of things that happen hold what happened since the check before. */
export interface TestCheck {
  readonly at: Instant;
  readonly position: Position;
  readonly alerts?: Expected<AlertExpectation>;
  readonly health?: Expected<AlertExpectation>;
  readonly transitions?: Expected<TransitionExpectation>;
  readonly notifications?: Expected<NotificationExpectation>;
}

/** What every expectation has. */
interface Expectation {
  readonly position: Position;
  /** True: nothing like it may be there. */
  readonly not: boolean;
}

/** A group, or some of its fields. */
export type GroupPattern = Readonly<Record<string, string | null>>;

/** The expected state of an alert. */
export interface AlertExpectation extends Expectation {
  readonly rule?: string;
  readonly group?: GroupPattern;
  readonly status?: 'inactive' | 'pending' | 'firing' | 'recovering';
  readonly severity?: string;
  /** The tick at which the current status began. */
  readonly since?: Instant;
  readonly flapping?: boolean;
  readonly labels?: Readonly<Record<string, TextPattern>>;
  readonly values?: Readonly<Record<string, ValuePattern>>;
}

/** A change of an alert. */
export interface TransitionExpectation extends Expectation {
  readonly rule?: string;
  readonly group?: GroupPattern;
  readonly at?: Instant;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly severity?: string;
  readonly values?: Readonly<Record<string, ValuePattern>>;
}

/** A notification that was sent. `rule` and `group` are those of one of its alerts. */
export interface NotificationExpectation extends Expectation {
  readonly receiver?: string;
  readonly channel?: string;
  readonly at?: Instant;
  readonly reason?: string;
  readonly status?: string;
  readonly severity?: string;
  readonly rule?: string;
  readonly group?: GroupPattern;
  readonly firing?: number;
  readonly resolved?: number;
  readonly title?: TextPattern;
  readonly text?: TextPattern;
  readonly rendered?: TextPattern;
  readonly links?: TextPattern;
  /** The forms in which it has a snapshot. */
  readonly snapshot?: readonly SnapshotForm[];
}
