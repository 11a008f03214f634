import type { Position, Problem } from '../core/problems.ts';
import type { Duration, Instant } from '../core/time.ts';
import type { Matcher } from '../routing/route.ts';

/** A silence of a file: planned once, or again and again. */
export interface FileSilence {
  /** `file:NAME`: stored silences are never called so. */
  readonly id: string;
  readonly name: string;
  readonly matchers: readonly Matcher[];
  readonly comment: string;
  readonly author: string;
  readonly link?: string;
  /** The receiver that is notified when it ends while something of it still fires. */
  readonly notify?: string;
  /** Its first start on the wall clock of the time zone, as if that were UTC, ms. */
  readonly start: Instant;
  readonly timezone: string;
  readonly duration: Duration;
  /** Parts of an iCal RRULE; undefined: it happens once. */
  readonly recurrence?: string;
  /** Days (`2026-12-24`) of the time zone on which it does not begin. */
  readonly except: readonly string[];
  readonly position: Position;
}

/** The outcome of one file of silences. */
export interface SilenceFile {
  readonly file: string;
  readonly ok: boolean;
}

/** All that the files of silences gave. */
export interface FileSilences {
  readonly silences: readonly FileSilence[];
  readonly files: readonly SilenceFile[];
  readonly problems: readonly Problem[];
}

/** Where there are no files of silences. */
export const NO_FILE_SILENCES: FileSilences = { silences: [], files: [], problems: [] };
