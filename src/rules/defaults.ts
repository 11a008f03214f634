import { isObject } from '../core/json.ts';
import type { YamlDocument } from '../yaml/document.ts';

/** Mutually exclusive keys: a rule that has one of them does not inherit the others. */
const RIVALS: readonly (readonly string[])[] = [
  ['every', 'schedule'],
  ['every', 'timezone'],
  ['condition', 'levels'],
];

/**
 * A document with the keys of its defaults (nearest folder first) where it has none itself; `labels` are joined label by label.
 * Every value keeps the file that contains it.
 */
export function withDefaults(document: YamlDocument, defaults: readonly YamlDocument[]): YamlDocument {
  return defaults.reduce(merge, document);
}

function merge(own: YamlDocument, defaults: YamlDocument): YamlDocument {
  if (!isObject(own.value) || !isObject(defaults.value)) return own;
  const mine = own.value;
  const theirs = Object.fromEntries(Object.entries(defaults.value).filter(([key]) => inherits(mine, key)));
  const labels = joinedLabels(mine, theirs);
  const value = { ...theirs, ...mine, ...(labels === undefined ? {} : { labels }) };
  const owner = (path: readonly (string | number)[]): YamlDocument => {
    const [key, label] = path;
    if (key === undefined) return own;
    if (key === 'labels' && label !== undefined)
      return has(mine['labels'], label) || !has(theirs['labels'], label) ? own : defaults;
    return Object.hasOwn(mine, key) || !Object.hasOwn(theirs, key) ? own : defaults;
  };
  return {
    file: own.file,
    value,
    place: (path, part) => owner(path).place(path, part),
    written: (path) => owner(path).written(path),
    placeInText: (path, offset) => owner(path).placeInText(path, offset),
  };
}

function inherits(mine: Readonly<Record<string, unknown>>, key: string): boolean {
  return !RIVALS.some((rivals) => rivals.includes(key) && rivals.some((rival) => rival !== key && Object.hasOwn(mine, rival)));
}

/** A severity that was only inherited gives way to the severities of `levels`. */
function joinedLabels(mine: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>>): unknown {
  const inherited = theirs['labels'];
  if (!isObject(inherited)) return undefined;
  const { severity: _severity, ...others } = inherited;
  const kept = Object.hasOwn(mine, 'levels') ? others : inherited;
  if (!Object.hasOwn(mine, 'labels')) return kept;
  return isObject(mine['labels']) ? { ...kept, ...mine['labels'] } : undefined;
}

function has(value: unknown, key: string | number): boolean {
  return isObject(value) && Object.hasOwn(value, key);
}
