import { analyzeSync, type Variable } from 'liquidjs';
import { own } from '../core/record.ts';
import { messageLiquid, offsetInTemplate } from './liquid.ts';
import { FIXED_NAMES } from './template.ts';

/** A use of a name that means something else in a template than what another part of the rule calls so; where in the text (0-based). */
export interface HiddenName {
  readonly name: string;
  /** What the template shows: the fixed name, or a word of the language itself. */
  readonly by: 'fixed' | 'liquid';
  readonly offset: number;
}

const ENGINE = messageLiquid();

/** Words that Liquid reads itself where a variable could be. */
const WORDS_OF_LIQUID: readonly string[] = ['nil', 'empty', 'blank', 'and', 'or', 'contains', 'not'];

/** Fixed names that have members: `values.used` is never about a metric named `values`. */
const OBJECTS: ReadonlySet<string> = new Set(['group', 'labels', 'values', 'evidence', 'document', 'mention']);

/**
 * The first use in a Liquid text of one of these names that does not reach what they name, because a fixed name or a word of Liquid comes before
 * it. A text that does not parse uses none; names that the text assigns itself are its own.
 */
export function firstHidden(text: string, names: readonly string[]): HiddenName | undefined {
  const fixed = FIXED_NAMES.filter((name) => names.includes(name));
  const words = WORDS_OF_LIQUID.filter((name) => names.includes(name));
  if (fixed.length + words.length === 0) return undefined;
  const found = [...fixed.flatMap((name) => usesOf(text, name)), ...words.flatMap((word) => placesOf(text, word))];
  return found.sort((a, b) => a.offset - b.offset)[0];
}

function usesOf(text: string, name: string): readonly HiddenName[] {
  return (own(globalsOf(text), name) ?? [])
    .filter(({ segments }) => segments.length === 1 || !OBJECTS.has(name))
    .map(({ location }) => ({ name, by: 'fixed', offset: offsetInTemplate(text, location.row, location.col) }));
}

function globalsOf(text: string): Readonly<Record<string, readonly Variable[]>> {
  try {
    return analyzeSync(ENGINE.parse(text), { partials: false }).globals;
  } catch {
    return {};
  }
}

/** The word where Liquid reads it: within braces, and neither in quotes nor as a member. */
function placesOf(text: string, word: string): readonly HiddenName[] {
  const named = new RegExp(`(?<![\\w.\\-])${word}(?![\\w\\-])`, 'g');
  return [...text.matchAll(/\{[{%][\s\S]*?[%}]\}/g)].flatMap(({ 0: part, index }) => {
    const bare = part.replace(/"[^"]*"|'[^']*'/g, (quoted) => ' '.repeat(quoted.length));
    return [...bare.matchAll(named)].map((found): HiddenName => ({ name: word, by: 'liquid', offset: index + found.index }));
  });
}
