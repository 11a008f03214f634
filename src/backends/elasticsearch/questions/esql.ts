import { isObject, jsonText } from '../../../core/json.ts';
import type { EsqlRow } from '../../../search/answer.ts';
import type { EsqlQuery, Value } from '../../../search/query.ts';
import { queryOf } from './body.ts';
import { lacking } from './rows.ts';
import { done, type Found, NO_PARTS, type Step } from './step.ts';

/**
 * `esql.query.result_truncation_max_size` unless someone changed it: beyond it Elasticsearch cuts the rows off without an error.
 */
const MOST_ROWS = 10_000;

/**
 * An ES|QL query over the documents of the window. The limit goes on a line of its own, so that a comment at the end cannot hide
 * it; it also lifts the thousand rows that Elasticsearch returns by default.
 */
export function askEsql(query: EsqlQuery): Step {
  const limit = Math.min(query.maxRows + 1, MOST_ROWS);
  const text = `FROM ${query.source.indices.map(quoted).join(', ')}\n${query.text}\n| LIMIT ${limit}`;
  const body = { query: text, filter: queryOf(query), columnar: false };
  return { kind: 'ask', search: { kind: 'esql', source: query.source, body }, read: (found) => readTable(query, found) };
}

function quoted(index: string): string {
  return `"${index.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function readTable(query: EsqlQuery, found: Found): Step {
  const { columns, values } = found.body;
  if (!Array.isArray(columns) || !Array.isArray(values)) return lacking('columns and values');
  const named = columns.filter((column: unknown) => isObject(column) && typeof column['name'] === 'string');
  const names = named.map((column) => column.name as string);
  const rows: readonly unknown[] = values;
  const table = rows.slice(0, query.maxRows).map((row) => rowOf(names, row));
  if (named.length < columns.length || !table.every((row) => row !== undefined)) return lacking('values for each of its columns');
  const truncated = values.length > query.maxRows || values.length >= MOST_ROWS;
  return done({
    ...NO_PARTS,
    kind: truncated ? 'truncated' : 'complete',
    table,
    matched: table.length,
    ungrouped: 0,
    atLeast: values.length,
  });
}

function rowOf(names: readonly string[], row: unknown): EsqlRow | undefined {
  if (!Array.isArray(row) || row.length !== names.length) return undefined;
  const cells: readonly (Value | null | undefined)[] = row.map((cell: unknown) => cellOf(cell));
  if (cells.includes(undefined)) return undefined;
  return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? null]));
}

/** Several values in one cell become one text, as a row has one value a column; undefined for other values. */
function cellOf(cell: unknown): Value | null | undefined {
  if (Array.isArray(cell))
    return cell.length > 0 && cell.every((one) => one !== null && isCell(one)) ? jsonText(cell) : undefined;
  return isCell(cell) ? cell : undefined;
}

function isCell(cell: unknown): cell is Value | null {
  if (typeof cell === 'number') return Number.isFinite(cell);
  return cell === null || typeof cell === 'bigint' || typeof cell === 'string' || typeof cell === 'boolean';
}
