import { isObject } from '../core/json.ts';
import type { Position } from '../core/problems.ts';

/** Keys and indices from the top of a document to a value. */
export type Path = readonly (string | number)[];

/** One YAML document as data that still knows where each of its keys and values stands. */
export interface RuleDocument {
  /** The file in which the document stands. */
  readonly file: string;
  readonly value: unknown;
  /** Where a key or its value begins; a path that is not there gives the nearest place above it. */
  place(path: Path, part?: 'key' | 'value'): Position;
  /** Where a character of the text at a path is written, from its 0-based offset in the text. */
  placeInText(path: Path, offset: number): Position;
}

/** Writes a path as problems show it: `metrics.used.max`, `levels[0].condition`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`), '');
}

/** Finds the path of a value that `formatPath` wrote, also where a key holds dots (`metrics.slow.p99.9`); stops where the value ends. */
export function pathIn(value: unknown, text: string): Path {
  if (Array.isArray(value)) {
    const [, index, rest] = /^\[(\d+)\]\.?(.*)$/s.exec(text) ?? [];
    return index === undefined ? [] : [Number(index), ...pathIn(value[Number(index)], rest ?? '')];
  }
  if (!isObject(value)) return [];
  const begins = (key: string) => text === key || text.startsWith(`${key}.`) || text.startsWith(`${key}[`);
  const [key] = Object.keys(value)
    .filter(begins)
    .sort((a, b) => b.length - a.length);
  if (key === undefined) return text === '' || text.includes('.') || text.includes('[') ? [] : [text];
  return [key, ...pathIn(value[key], text.slice(key.length).replace(/^\./, ''))];
}
