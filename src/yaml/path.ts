import { isObject } from '../core/json.ts';
import { own } from '../core/record.ts';

/** Keys and indices from the top of a document to a value. */
export type Path = readonly (string | number)[];

/** Writes a path as problems show it: `metrics.used.max`, `levels[0].condition`. */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** Says whether a path is `start`, or leads to something below it. */
export function isBelow(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((part, index) => part === path[index]);
}

/** The value at a path; undefined where the path does not exist. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce(stepInto, value);
}

function stepInto(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) return value[Number(part)];
  return isObject(value) ? own(value, String(part)) : undefined;
}

/** The path in a value that a JSON pointer means: what looks like an index is one only in a list. */
export function pathOfPointer(value: unknown, pointer: string): Path {
  const path: (string | number)[] = [];
  let inside = value;
  for (const text of pointer.split('/').slice(1)) {
    const name = text.replaceAll('~1', '/').replaceAll('~0', '~');
    const part = Array.isArray(inside) ? Number(name) : name;
    path.push(part);
    inside = stepInto(inside, part);
  }
  return path;
}

/**
 * Finds the path of a value that `formatPath` wrote, also where a key holds dots (`metrics.slow.p99.9`); stops where the value
 * ends.
 */
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
  return [key, ...pathIn(own(value, key), text.slice(key.length).replace(/^\./, ''))];
}
