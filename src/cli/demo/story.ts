import { humanDuration } from '../../core/duration.ts';
import type { Instant } from '../../core/time.ts';
import type { Run } from '../../cycle/run.ts';
import type { TurnReport } from '../../engine/turn.ts';
import { printedValue } from '../../notifications/alert-view.ts';
import type { Notified } from '../../notifications/delivery-ports.ts';
import { type Palette, severityPaint } from '../../reports/look.ts';
import { plainLine } from '../../reports/plain-text.ts';

const STATUS_COLUMNS = 10;
const RULE_COLUMNS = 26;

/** Lines of the live timeline for one turn: each change of an alert, and each message with what became of it. */
export function storyLines(report: TurnReport, start: Instant, palette: Palette): readonly string[] {
  const changes = report.runs.flatMap((run) => run.changes.map((change) => changeLine(run, change, start, palette)));
  const failures = report.runs.filter((run) => run.problem !== undefined).map((run) => failureLine(run, start, palette));
  return [...failures, ...changes, ...report.notified.map((one) => messageLine(one, report.now, start, palette))];
}

function changeLine(
  run: Run,
  { transition, group, severity, values }: Run['changes'][number],
  start: Instant,
  palette: Palette,
): string {
  const { kind, to } = transition;
  const status = kind === 'resolved' || kind === 'worse' || kind === 'better' ? kind : to;
  const severe = severityPaint(severity, palette);
  const paints = { inactive: palette.faint, pending: palette.careful, firing: severe, recovering: palette.calm };
  const paint = { ...paints, worse: severe, better: palette.calm, resolved: palette.good }[status];
  const measured = Object.entries(values).map(([name, value]) => `${name} ${printedValue(value)}`);
  const who = Object.values(group).map((value) => value ?? '(none)');
  const details = [...who, ...measured].join(' · ');
  return line(transition.at, start, paint(status.padEnd(STATUS_COLUMNS)), run.rule, details, palette);
}

function failureLine(run: Run, start: Instant, palette: Palette): string {
  return line(run.at, start, palette.bad('failed'.padEnd(STATUS_COLUMNS)), run.rule, run.problem?.message ?? '', palette);
}

function messageLine(one: Notified, now: Instant, start: Instant, palette: Palette): string {
  const ok = one.outcome === 'delivered' || one.outcome === 'partial';
  const words = `${one.channel} to ${one.receiver}${ok ? '' : ` (${one.outcome})`}`;
  return line(now, start, (ok ? palette.calm : palette.bad)('→ message '), words, palette.strong(plainLine(one.title)), palette);
}

function line(at: Instant, start: Instant, what: string, subject: string, details: string, { faint }: Palette): string {
  const clock = `+${humanDuration(Math.max(0, at - start))}`.padEnd(9);
  return `${faint(clock)} ${what} ${plainLine(subject).padEnd(RULE_COLUMNS)} ${details}`;
}
