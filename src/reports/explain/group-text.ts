import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import type { RecordedMessage } from '../../engine/history/run-history.ts';
import type { EvaluatedLine, ExplainedGroup, ExplainedRule } from '../../explain/explanation.ts';
import { standingText } from '../../explain/standing-text.ts';
import type { LogLine } from '../../messages/message.ts';
import { isAlarming, logOrigin } from '../../messages/wording.ts';
import { type Look, type Paint, type Palette, paletteOf, severityPaint } from '../look.ts';
import { plainLine } from '../plain-text.ts';
import { groupText, valuesText } from '../wording.ts';
import { labelled } from './labelled.ts';

const CHANGES_SHOWN = 8;

/** The story of one group, for people: its values, each line of the rule, its finding, its life, and who was notified. */
export function groupStory(notified: ExplainedGroup, rule: ExplainedRule, now: number, look: Look): readonly string[] {
  const palette = paletteOf(look);
  const row = (label: string, text: string, paint: Paint = plain) => labelled(label, text, look, paint, palette.faint);
  return [
    headOf(notified, rule, palette),
    ...(notified.received === undefined ? [] : row('received', notified.received)),
    ...row('values', readingText(notified)),
    ...lineRows(notified.lines, look, palette),
    ...row('finding', notified.because, findingPaint(notified, palette)),
    ...row('life', notified.life.happened, palette.strong),
    ...presentText(notified, now).flatMap((text) => row('now', text)),
    ...(notified.life.flapping === undefined ? [] : row('flapping', notified.life.flapping.words, palette.careful)),
    ...changeRows(notified, look),
    ...routeText(notified).flatMap((text, index) => row(index === 0 ? 'route' : '', text)),
    ...levelRows(notified, look, palette),
    ...receiverRows(notified, look, palette),
    ...messageRows(notified, look, palette),
    ...traceRows(notified, look, palette),
  ];
}

const plain: Paint = (text) => text;

function headOf({ group, severity, life }: ExplainedGroup, { name }: ExplainedRule, palette: Palette): string {
  const title = plainLine(groupText(group)) || plainLine(name);
  const status = life.status === 'inactive' ? 'no alert' : (life.status ?? 'unknown status');
  const paint = life.status === 'firing' ? severityPaint(severity, palette) : palette.calm;
  const worn = life.status === undefined || life.status === 'inactive' ? '' : ` ${palette.faint(plainLine(severity))}`;
  return `${palette.strong(title)}  ${paint(status)}${worn}`;
}

function readingText({ reading, received }: ExplainedGroup): string {
  if (reading === undefined) return 'no result for this group';
  if (!reading.present && Object.keys(reading.values).length === 0) return 'no document of this group in the window';
  // When it began is said with who sent it.
  const { starts_at: _startsAt, ...others } = reading.values;
  const values = valuesText(received === undefined ? reading.values : others) || 'none';
  const note = reading.note === undefined ? '' : ` (${reading.note})`;
  if (reading.from === 'asked') return `${values}${note} (searched again now)`;
  const now = reading.now === undefined ? '' : `; searched again now: ${valuesText(reading.now) || 'no result'}`;
  return `${values} (as recorded${now})`;
}

function lineRows(lines: readonly EvaluatedLine[], look: Look, palette: Palette): readonly string[] {
  return lines.flatMap(({ key, severity, text, verdict, because, decided }) => {
    const why = because === undefined ? '' : `: ${because}`;
    const said = verdict === 'skipped' ? 'was not evaluated' : `is ${verdict}${why}`;
    const paint = decided ? palette.strong : verdict === 'skipped' ? palette.faint : plain;
    return labelled(severity ?? key, `${text} ${said}${decided ? ' ← decided' : ''}`, look, paint, palette.faint);
  });
}

function findingPaint({ finding }: ExplainedGroup, palette: Palette): Paint {
  if (finding.kind === 'breach') return palette.bad;
  return finding.kind === 'clear' ? palette.good : palette.careful;
}

function presentText({ life: { present } }: ExplainedGroup, now: number): readonly string[] {
  if (present === undefined) return [];
  const { status, level, since, started, waits } = present;
  const worn = level === undefined ? '' : ` (${level})`;
  const lasted = humanDuration(Math.max(0, now - (started ?? since)));
  const fired = started === undefined || started === since ? `, for ${lasted}` : `; it fired ${lasted} ago, at ${iso(started)}`;
  return [`${status}${worn} since ${iso(since)}${fired}${waits === undefined ? '' : `; ${waits}`}`];
}

function changeRows({ life: { changes } }: ExplainedGroup, look: Look): readonly string[] {
  const { faint } = paletteOf(look);
  const shown = changes.slice(-CHANGES_SHOWN);
  return shown.flatMap(({ at, words, values }, index) => {
    const measured = valuesText(values);
    const text = `${iso(at)} ${words}${measured === '' ? '' : ` (${measured})`}`;
    return labelled(index === 0 ? 'changes' : '', text, look, plain, faint);
  });
}

function routeText({ notification: { routeNames, byRule } }: ExplainedGroup): readonly string[] {
  return byRule ? ['set by `receivers` of the rule'] : routeNames;
}

/** Each level of a rule may be routed elsewhere. */
function levelRows({ notification: { levels } }: ExplainedGroup, look: Look, palette: Palette): readonly string[] {
  return levels.flatMap(({ severity, routeNames, destinations }) => {
    const to = destinations.length === 0 ? 'no destination' : destinations.join(', ');
    return labelled('', `${severity} goes to ${to} (route ${routeNames.join(', ')})`, look, plain, palette.faint);
  });
}

function receiverRows(
  { notification: { receivers, routingUnknown } }: ExplainedGroup,
  look: Look,
  palette: Palette,
): readonly string[] {
  const { good, careful, bad, faint } = palette;
  const paints = {
    notified: good,
    over: plain,
    waiting: careful,
    inflight: careful,
    held: careful,
    dead: bad,
    outbox: careful,
    would: plain,
    gone: bad,
  };
  if (receivers.length === 0 && routingUnknown)
    return labelled('notified', 'unknown while the configuration has errors', look, careful, faint);
  if (receivers.length === 0) return labelled('notified', 'none: the route has no destination', look, bad, faint);
  return receivers.flatMap(({ destination, state, why }, index) =>
    labelled(index === 0 ? 'notified' : '', `${destination}: ${standingText({ state, why })}`, look, paints[state], faint),
  );
}

function messageRows(
  { notification: { messages, messagesProblem } }: ExplainedGroup,
  look: Look,
  palette: Palette,
): readonly string[] {
  if (messagesProblem !== undefined)
    return labelled('messages', `unknown: ${messagesProblem}`, look, palette.careful, palette.faint);
  return messages.flatMap((message, index) =>
    labelled(
      index === 0 ? 'messages' : '',
      messageText(message),
      look,
      message.outcome === 'delivered' || message.outcome === 'partial' ? plain : palette.bad,
      palette.faint,
    ),
  );
}

function traceRows({ traces }: ExplainedGroup, look: Look, palette: Palette): readonly string[] {
  if (traces === undefined) return [];
  const { faint, careful, bad } = palette;
  const { traceIds, logs, problem } = traces;
  if (problem !== undefined) return labelled('traces', `unknown: ${problem}`, look, careful, faint);
  return [
    ...labelled('traces', traceIds.join(' '), look, plain, faint),
    ...logs.flatMap((line, index) =>
      labelled(index === 0 ? 'logs' : '', logText(line), look, isAlarming(line) ? bad : plain, faint),
    ),
  ];
}

function logText(line: LogLine): string {
  return `${iso(line.at)} ${[logOrigin(line), line.text].filter((part) => part !== '').join(': ')}`;
}

function messageText({ at, destination, outcome, attempt, title, problem }: RecordedMessage): string {
  const attempts = attempt > 1 ? ` at attempt ${attempt}` : '';
  return `${iso(at)} ${destination} ${outcome}${attempts}: ${title}${problem === undefined ? '' : ` (${problem})`}`;
}
