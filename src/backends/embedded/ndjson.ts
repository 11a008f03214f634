import { isObject, type JsonObject } from '../../core/json.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { Checked, Problem } from '../../core/problems.ts';
import type { GivenDocument } from './documents.ts';
import { findJsonError } from './json-error.ts';

/** Longest line that is read, in characters; a longer one is a problem, and is never held in memory. */
const MAX_LINE = 10 * 1024 * 1024;

/**
 * Reads documents from the bytes or text of a file, one JSON object a line: a document's source, or `{"_index": …, "_id": …, "_source": …}`.
 * Each line gives its document or its problems, in order; blank lines give nothing. Holds one line at a time.
 * @param file its name, for the problems
 */
export async function* readNdjson(
  file: string,
  chunks: AsyncIterable<Uint8Array | string>,
  maxLine: number = MAX_LINE,
): AsyncGenerator<Checked<GivenDocument>> {
  for await (const { text, line } of splitLines(chunks, maxLine)) {
    const problem = (message: string, column: number, hint?: string): Checked<GivenDocument> =>
      refused({ file, line, column }, message, hint);
    if (text === undefined) yield problem(`this line is longer than ${maxLine} characters`, 1, 'write one document per line');
    else if (text.trim() !== '') yield readLine(text, problem);
  }
}

type Refuse = (message: string, column: number, hint?: string) => Checked<GivenDocument>;

function refused(at: NonNullable<Problem['at']>, message: string, hint: string | undefined): Checked<GivenDocument> {
  const problem = { code: 'documents/bad-line', severity: 'error', message, at } as const;
  return { ok: false, problems: [hint === undefined ? problem : { ...problem, hint }] };
}

const FORM = 'a line is the JSON of a document, or {"_index": …, "_source": …}';

function readLine(text: string, refuse: Refuse): Checked<GivenDocument> {
  const json = parse(text);
  if (json === undefined) {
    const error = findJsonError(text);
    return refuse(`invalid JSON: expected ${error?.expected ?? 'a value'}`, (error?.offset ?? 0) + 1, FORM);
  }
  const column = text.search(/\S/) + 1;
  if (!isObject(json.value)) return refuse('a document is a JSON object', column, FORM);
  if (!('_source' in json.value)) return { ok: true, value: { source: json.value as JsonObject }, problems: [] };
  const { _source: source, _index: index, _id: id } = json.value;
  if (!isObject(source)) return refuse('`_source` must be a JSON object', column, FORM);
  if (index !== undefined && typeof index !== 'string') return refuse('`_index` must be a string', column);
  if (id !== undefined && typeof id !== 'string') return refuse('`_id` must be a string', column);
  const names = { ...(index !== undefined && { index }), ...(id !== undefined && { id }) };
  return { ok: true, value: { source: source as JsonObject, ...names }, problems: [] };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJson(text) };
  } catch {
    return undefined;
  }
}

interface Line {
  /** Absent when the line was too long. */
  readonly text: string | undefined;
  /** Number, from 1. */
  readonly line: number;
}

async function* splitLines(chunks: AsyncIterable<Uint8Array | string>, maxLine: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let held: string[] = [];
  let length = 0;
  let line = 1;
  const take = (piece: string) => {
    length += piece.length;
    if (length > maxLine) held = [];
    else held.push(piece);
  };
  const finish = (): Line => {
    const finished = { text: length > maxLine ? undefined : held.join(''), line };
    held = [];
    length = 0;
    line += 1;
    return finished;
  };
  for await (const chunk of chunks) {
    const pieces = (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      take(piece);
      yield finish();
    }
    take(last);
  }
  take(decoder.decode());
  if (length > 0) yield finish();
}
