import type { StoredLogLine } from '../alerts/entry.ts';
import { isObject, textOfValue } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Instant } from '../core/time.ts';
import { truncate } from '../core/truncate.ts';
import type { Fields, HitRow } from '../search/answer.ts';
import {
  ERROR_FIELDS,
  ERROR_SEVERITY,
  isErrorLevel,
  SEVERITY_NUMBER,
  STACK_FIELDS,
  type TraceLogs,
} from '../search/trace-logs.ts';

/** Longest text of a line, and of one frame of a stack, in UTF-16 units. */
const TEXT = 500;
const FRAME = 160;
const FRAMES = 3;
const WORD = 100;
/** Keys by which loggers that write JSON name their message. */
const JSON_MESSAGES = ['message', 'msg'];

/** What the lines are chosen by. */
export interface Wanted {
  readonly logs: Pick<TraceLogs, 'fields' | 'lines'>;
  /** The documents that are shown already: lines near them in time come first, and none of them is shown twice. */
  readonly documents: readonly { readonly at: Instant; readonly fields: Readonly<Record<string, string>> }[];
}

interface Candidate {
  readonly line: StoredLogLine;
  readonly isError: boolean;
  /** Time to the nearest of the shown documents, ms. */
  readonly away: number;
}

/**
 * The most relevant lines of some documents of logs, in the order of time: errors before others, then what is nearest to the documents of
 * the alert. The same line of several requests is one, with its count. Texts are raw and bounded.
 */
export function logLines(hits: readonly Pick<HitRow, 'at' | 'fields'>[], { logs, documents }: Wanted): readonly StoredLogLine[] {
  const distinct = new Map<string, Candidate>();
  for (const hit of hits) {
    const candidate = candidateOf(hit, logs, documents);
    if (candidate === undefined || isShown(candidate.line, documents)) continue;
    const { level, service, text } = candidate.line;
    const key = JSON.stringify([level.toLowerCase(), service, text]);
    const known = distinct.get(key);
    const nearest = known === undefined || candidate.away < known.away ? candidate : known;
    const count = (known?.line.count ?? (known === undefined ? 0 : 1)) + 1;
    distinct.set(key, count === 1 ? nearest : { ...nearest, line: { ...nearest.line, count } });
  }
  return [...distinct.values()]
    .sort((a, b) => Number(b.isError) - Number(a.isError) || a.away - b.away || a.line.at - b.line.at)
    .slice(0, logs.lines)
    .map(({ line }) => line)
    .sort((a, b) => a.at - b.at);
}

function candidateOf(
  { at, fields }: Pick<HitRow, 'at' | 'fields'>,
  logs: Wanted['logs'],
  documents: Wanted['documents'],
): Candidate | undefined {
  const error = firstOf(fields, ERROR_FIELDS);
  const stack = firstOf(fields, STACK_FIELDS);
  const written = structured(firstOf(fields, logs.fields.message));
  const text = textOf(written.message, error, stack);
  if (text === undefined) return undefined;
  const failed = error !== undefined || stack !== undefined || Number(fields[SEVERITY_NUMBER]?.[0]) >= ERROR_SEVERITY;
  const level = firstOf(fields, logs.fields.level) ?? written.level ?? (failed ? 'error' : '');
  const away = documents.reduce((least, document) => Math.min(least, Math.abs(document.at - at)), Number.POSITIVE_INFINITY);
  return {
    line: {
      at,
      level: truncate(level, WORD),
      service: truncate(firstOf(fields, logs.fields.service) ?? written.service ?? '', WORD),
      text,
      trace_id: truncate(firstOf(fields, logs.fields.trace) ?? '', WORD),
    },
    isError: failed || isErrorLevel(level),
    away,
  };
}

/** What a line says, what went wrong if it does not say so itself, and where. */
function textOf(message: string | undefined, error: string | undefined, stack: string | undefined): string | undefined {
  const said = message === undefined ? error : error === undefined || message.includes(error) ? message : `${message}: ${error}`;
  if (stack === undefined) return said === undefined ? undefined : truncate(said, TEXT);
  const frames = stack.split('\n').filter((frame) => frame.trim() !== '');
  // Most stack traces begin with the message.
  const where = said === undefined || !frames[0]?.includes(said.split('\n', 1)[0] ?? said) ? frames : frames.slice(1);
  const head = said === undefined ? [] : [truncate(said, TEXT)];
  const shown = where.slice(0, FRAMES).map((frame) => truncate(frame.trimEnd(), FRAME));
  const more = where.length > FRAMES ? [`… ${where.length - FRAMES} more`] : [];
  return [...head, ...shown, ...more].join('\n');
}

/** A line that is JSON, as in unparsed container logs, has its message under its own key. */
function structured(text: string | undefined): { readonly message?: string; readonly level?: string; readonly service?: string } {
  if (text === undefined) return {};
  const parsed = text.startsWith('{') ? parse(text) : undefined;
  const message = parsed === undefined ? undefined : wordOf(parsed, JSON_MESSAGES);
  if (parsed === undefined || message === undefined) return { message: text };
  const level = wordOf(parsed, ['log.level', 'level', 'severity']);
  const service = wordOf(parsed, ['service.name', 'service']);
  return { message, ...(level !== undefined && { level }), ...(service !== undefined && { service }) };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function wordOf(object: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  const found = keys.map((key) => own(object, key)).find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : undefined;
}

function firstOf(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = (own(fields, name) ?? []).map(textOfValue).join(', ').trim();
    if (text !== '') return text;
  }
  return undefined;
}

/** Rules that look at logs have shown the line as a document. */
function isShown({ at, text }: StoredLogLine, documents: Wanted['documents']): boolean {
  return documents.some(
    (document) => document.at === at && [document.fields['message'], document.fields['body.text']].includes(text),
  );
}
