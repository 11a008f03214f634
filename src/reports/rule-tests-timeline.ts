import { describeFinding } from '../alerts/describe.ts';
import { formatDuration } from '../core/duration.ts';
import type { Instant } from '../core/time.ts';
import type { EvaluatedGroup, TimelineEvent } from '../rule-tests/timeline.ts';
import { relativeTime } from '../rule-tests/times.ts';
import { type Look, type Palette, paletteOf } from './look.ts';
import { plainLine } from './plain-text.ts';
import { counted, groupText, valuesText } from './wording.ts';

type Windows = Extract<TimelineEvent, { kind: 'window' }>;

/** Lines of a story that are shown: its beginning and, mostly, what came last. */
const FIRST = 15;
const LAST = 45;
const GROUPS = 6;

/** What happened in a test until a time, a line each: documents, windows with values, transitions, notifications; equal windows are one line. */
export function timelineLines(events: readonly TimelineEvent[], start: Instant, until: Instant, look: Look): readonly string[] {
  const palette = paletteOf(look);
  const lines = merged(events.filter(({ at }) => at <= until)).map(({ event, times }) => eventLine(event, times, start, palette));
  if (lines.length <= FIRST + LAST) return lines;
  const left = lines.length - FIRST - LAST;
  return [...lines.slice(0, FIRST), palette.faint(`… ${counted(left, 'line')} left out …`), ...lines.slice(-LAST)];
}

interface Merged {
  readonly event: TimelineEvent;
  /** How many windows in a row came to the same. */
  readonly times: number;
}

/** Windows of a rule that came to the same are one line, as long as nothing else was said of the rule between them. */
function merged(events: readonly TimelineEvent[]): readonly Merged[] {
  const result: { event: TimelineEvent; times: number }[] = [];
  const open = new Map<string, { event: TimelineEvent; times: number }>();
  for (const event of events) {
    if (event.kind === 'window') {
      const last = open.get(event.rule);
      if (last?.event.kind === 'window' && sameOutcome(last.event, event)) {
        last.times += 1;
        continue;
      }
      const next = { event, times: 1 };
      open.set(event.rule, next);
      result.push(next);
      continue;
    }
    if (event.kind !== 'documents') open.clear();
    result.push({ event, times: 1 });
  }
  return result;
}

function sameOutcome(a: Windows, b: Windows): boolean {
  const outcome = ({ problem, groups }: Windows) => JSON.stringify([problem ?? null, groups]);
  return outcome(a) === outcome(b);
}

function eventLine(event: TimelineEvent, times: number, start: Instant, palette: Palette): string {
  const { faint, strong, bad, calm, careful } = palette;
  const time = faint(relativeTime(event.at, start).padEnd(9));
  switch (event.kind) {
    case 'documents': {
      const where = event.index === undefined ? '' : ` in ${event.index}`;
      const until = event.until > event.at ? `, the last at ${relativeTime(event.until, start)}` : '';
      const late = event.late === undefined ? '' : `, each ${formatDuration(event.late)} late`;
      return `${time} ${calm(plainLine(`${counted(event.count, 'document')}${where}${until}${late}`))}`;
    }
    case 'failure':
      return `${time} ${careful(plainLine(`${event.what}, until ${relativeTime(event.until, start)}`))}`;
    case 'gap': {
      const [from, to] = [relativeTime(event.from, start), relativeTime(event.to, start)];
      return `${time} ${careful(plainLine(`${event.rule}: the ticks after ${from} until ${to} are too old to be evaluated: a gap`))}`;
    }
    case 'window': {
      const many = times > 1 ? ` (and ${counted(times - 1, 'window')} after it)` : '';
      return `${time} ${faint(plainLine(`${event.rule}: ${windowText(event, start)}${many}`))}`;
    }
    case 'transition': {
      const paint = event.to === 'firing' ? bad : event.to === 'inactive' ? palette.good : careful;
      const group = groupText(event.group);
      return `${time} ${paint(plainLine(`${event.rule}${group === '' ? '' : ` {${group}}`}: ${event.from} => ${event.to}, ${event.severity}${event.late === true ? ', found late' : ''}: ${event.why.replace(/^[^:]+: /, '')}`))}`;
    }
    case 'notification':
      return `${time} ${strong(plainLine(`to ${event.receiver} by ${event.channel}, ${event.reason}${event.late === true ? ', evaluated late' : ''}: ${event.title}`))}`;
  }
}

function windowText(event: Windows, start: Instant): string {
  const { from, to } = event.window;
  const caughtUp = event.caughtUp === true ? ', caught up,' : '';
  const window = `window [${relativeTime(from, start)}, ${relativeTime(to, start)})${caughtUp}`;
  if (event.problem !== undefined) return `${window} could not be evaluated: ${event.problem}`;
  if (event.groups.length === 0) return `${window} has no group`;
  const more = event.groups.length > GROUPS ? `; ${event.groups.length - GROUPS} more` : '';
  return `${window} ${event.groups
    .slice(0, GROUPS)
    .map((one) => evaluatedText(one))
    .join('; ')}${more}`;
}

function evaluatedText({ group, finding, values }: EvaluatedGroup): string {
  const who = groupText(group);
  const measured = valuesText(values);
  const found =
    finding.kind === 'unknown'
      ? describeFinding(finding)
      : finding.kind === 'breach' && finding.level !== undefined
        ? `breach of ${finding.level}`
        : finding.kind;
  return `${who === '' ? '' : `{${who}} `}${measured === '' ? '' : `${measured}: `}${found}`;
}
