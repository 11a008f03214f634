import { truncate } from '../../core/truncate.ts';
import type { Finding } from '../../reports/doctor/doctor-report.ts';

const LONGEST = 240;

/** What is not as it should be, and how it is mended. */
export interface Trouble {
  readonly found: string;
  readonly expected?: string;
  readonly fix?: string;
}

/** A finding that is as it should be. */
export function good(subject: string, found: string): Finding {
  return { severity: 'good', subject, found };
}

/** A finding that nobody can judge, or that there is nothing to judge of. */
export function note(subject: string, found: string): Finding {
  return { severity: 'note', subject, found };
}

/** A finding that works, and will not always. */
export function warning(subject: string, trouble: Trouble): Finding {
  return { severity: 'warning', subject, ...trouble };
}

/** A finding that does not work. */
export function error(subject: string, trouble: Trouble): Finding {
  return { severity: 'error', subject, ...trouble };
}

/** At most `most` findings of many of one kind; the rest is counted in a note. */
export function atMost(most: number, findings: readonly Finding[], what: string): readonly Finding[] {
  if (findings.length <= most) return findings;
  return [...findings.slice(0, most), note('and more', `${findings.length - most} more ${what}`)];
}

/** Words of another program, cut after as much as tells what it is about. */
export function brief(text: string): string {
  return truncate(text.replace(/\s+/g, ' '), LONGEST);
}
