import type { Duration, Instant, TimeRange } from '../../src/core/time.ts';
import { iso } from '../../src/core/time.ts';
import type { TurnLog } from '../../src/engine/turn-log.ts';
import type { Run } from '../../src/evaluation/run.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { type Palette, severityPaint } from '../../src/reports/look.ts';
import { plainLine } from '../../src/reports/plain-text.ts';
import { INCIDENT, type Request } from './telemetry.ts';

/** The requests of one window of the rule. */
export interface Measured {
  readonly window: TimeRange;
  readonly requests: number;
  readonly failed: number;
}

/** One thing that happens in the demo, in the order in which it is printed. `failed` is not part of the story: it never happens in a successful demo. */
export type StoryEvent = { readonly at: Instant } & (
  | { readonly kind: 'shop' | 'because' | 'log' | 'failed' | 'on-call' | 'silence' | 'inhibited'; readonly text: string }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | {
      readonly kind: 'pending' | 'firing' | 'worse' | 'recovering' | 'resolved';
      readonly severity: string;
      readonly text: string;
    }
  | { readonly kind: 'sent'; readonly channel: string; readonly receiver: string; readonly title: string }
);

/** What people in the shop do, by its time. */
const DEEDS: readonly { readonly after: Duration; readonly text: string }[] = [
  { after: INCIDENT.released, text: 'payments 2.4.0 is released' },
  { after: INCIDENT.rolledBack, text: 'payments is rolled back to 2.3.1' },
];

const FAINT: readonly StoryEvent['kind'][] = ['because', 'log'];
const KINDS = 10;
const BAR = 20;

/** What people in the shop did in `(after, now]`. */
export function deedsBetween(after: Instant, now: Instant, start: Instant): readonly StoryEvent[] {
  return DEEDS.map((deed) => ({ at: start + deed.after, kind: 'shop' as const, text: deed.text })).filter(
    ({ at }) => at > after && at <= now,
  );
}

/** The requests of a window, counted. */
export function measure(window: TimeRange, all: readonly Request[]): Measured {
  const inside = all.filter(({ at }) => at >= window.from && at < window.to);
  return { window, requests: inside.length, failed: inside.filter(({ failed }) => failed).length };
}

/** What a turn did to alerts, and what went wrong, if anything did. `inhibited`: rules whose alerts another alert holds back. */
export function alertEvents(
  { runs, storeProblems, now }: TurnLog,
  main: string,
  inhibited: readonly string[],
): readonly StoryEvent[] {
  return [
    ...storeProblems.map((text) => ({ at: now, kind: 'failed' as const, text })),
    ...runs.flatMap((run) => [
      ...(run.problem === undefined
        ? []
        : [{ at: run.at, kind: 'failed' as const, text: `${run.rule}: ${run.problem.message}` }]),
      ...run.changes.flatMap((change) => (run.rule === main ? [changeEvent(run, change)] : sideEvents(run, change, inhibited))),
    ]),
  ];
}

/** Of an alert that the main one holds back, its beginning and its end. */
function sideEvents(run: Run, change: Run['changes'][number], inhibited: readonly string[]): readonly StoryEvent[] {
  const { kind, at } = change.transition;
  const event = (words: string) => [{ at, kind: 'inhibited' as const, text: `${subjectOf(run, change)}: ${words}` }];
  if (kind === 'resolved') return event('ends');
  if (kind !== 'firing') return [];
  return inhibited.includes(run.rule) ? event('fires; no message while payments-failing fires') : [changeEvent(run, change)];
}

function subjectOf({ rule }: Run, { group }: Run['changes'][number]): string {
  return `${rule} {${Object.values(group).join(', ')}}`;
}

function changeEvent(run: Run, change: Run['changes'][number]): StoryEvent {
  const { transition, severity } = change;
  const { kind, at, level, previousLevel } = transition;
  const subject = subjectOf(run, change);
  switch (kind) {
    case 'pending':
      return { at, kind, severity, text: `${subject}: will fire as a ${severity} if this lasts` };
    case 'firing':
      return { at, kind, severity, text: `${subject}: fires as a ${severity}` };
    case 'worse':
      return { at, kind, severity, text: `${subject}: now ${level}, was ${previousLevel}` };
    case 'recovering':
      return { at, kind, severity, text: `${subject}: will be resolved if this lasts` };
    case 'resolved':
      return { at, kind, severity, text: `${subject}: is resolved` };
    default:
      return { at, kind: 'failed', text: `${subject} is ${kind}` };
  }
}

/** The messages that a turn sent, by receiver: which of them arrives first is chance. */
export function messageEvents({ notified }: TurnLog): readonly StoryEvent[] {
  const sorted = [...notified].sort((a, b) => (a.receiver < b.receiver ? -1 : 1));
  return sorted.map(({ at, channel, receiver, firstLine, outcome, problem }) =>
    outcome === 'delivered' || outcome === 'partial'
      ? { at, kind: 'sent', channel, receiver, title: firstLine }
      : { at, kind: 'failed', text: `${channel} to ${receiver}: ${outcome}${problem === undefined ? '' : `, ${problem.text}`}` },
  );
}

/** Why an alert fires or has ended, from its explanation: the line of the rule that decided, and for `firing` what its requests left in the logs. */
export function reasons(kind: StoryEvent['kind'], { at, groups }: Explanation): readonly StoryEvent[] {
  const [group] = groups;
  if (group === undefined) return [];
  const decided = group.lines.find((line) => line.decided);
  const values = Object.entries(group.reading?.values ?? {}).map(([name, value]) => `${name} is ${value}`);
  const line =
    decided === undefined ? group.because : `${decided.text} (${decided.severity ?? decided.key}): ${values.join(', ')}`;
  const logs = kind === 'firing' ? (group.traces?.logs ?? []) : [];
  return [{ at, kind: 'because', text: line }, ...logs.slice(0, 1).map(({ text }) => ({ at, kind: 'log' as const, text }))];
}

/** One line for an event: the time in the shop, the kind, and what there is to say. */
export function storyLine(event: StoryEvent, palette: Palette): string {
  const { paint, text } = wording(event, palette);
  return `${palette.faint(clockOf(event.at))}  ${paint(event.kind.padEnd(KINDS))} ${text}`;
}

/** Hour and minute of an instant, UTC. */
export function clockOf(at: Instant): string {
  return iso(at).slice(11, 16);
}

function wording(event: StoryEvent, palette: Palette): { readonly paint: (text: string) => string; readonly text: string } {
  switch (event.kind) {
    case 'measured': {
      const { requests, failed } = event.measured;
      const bar = '▇'.repeat(Math.round((failed / Math.max(1, requests)) * BAR));
      return { paint: palette.faint, text: `${failed} of ${requests} requests failed in 1m ${palette.bad(bar)}`.trimEnd() };
    }
    case 'sent':
      return {
        paint: palette.calm,
        text: `${event.channel === 'slack' ? 'Slack' : 'mail'} to ${event.receiver}: ${palette.strong(plainLine(event.title))}`,
      };
    case 'pending':
      return { paint: palette.careful, text: event.text };
    case 'firing':
    case 'worse':
      return { paint: severityPaint(event.severity, palette), text: event.text };
    case 'recovering':
    case 'resolved':
      return { paint: palette.good, text: event.text };
    case 'failed':
      return { paint: palette.bad, text: plainLine(event.text) };
    default:
      return { paint: FAINT.includes(event.kind) ? palette.faint : palette.strong, text: plainLine(event.text) };
  }
}
