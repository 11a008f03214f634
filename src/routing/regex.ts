import { RE2JS, RE2JSSyntaxException } from 're2js';
import { truncate } from '../core/truncate.ts';

/**
 * Untrusted regular expressions, matched in linear time.
 *
 * JavaScript's own engine backtracks: `(a+)+$` on a label taken from a document could hold the process for minutes. Refusing what looks
 * dangerous also refuses harmless patterns and lets slow ones through. RE2 runs on all paths at once, and its syntax is what Alertmanager's
 * users write.
 */
export interface LinearRegex {
  /**
   * Says whether the text fits. Undefined: a text so long, for a pattern so intricate, that finding out would hold up everything else.
   */
  matches(text: string): boolean | undefined;
  /** What it may cost at most to match this text: characters times states. */
  cost(text: string): number;
}

/** A compiled pattern, or the error and its position (0-based); `hint`: what to write instead, where that is known. */
export type CompiledRegex = { readonly ok: true; readonly regex: LinearRegex } | RefusedRegex;

interface RefusedRegex {
  readonly ok: false;
  readonly message: string;
  readonly offset: number;
  readonly hint?: string;
}

const MAX_PATTERN = 1_000;
const MAX_STATES = 2_000;
/** Characters times states that are worth finding out: two seconds in the worst case, a moment in any other. */
const MAX_STEPS = 50_000_000;

/** What a pattern has to fit: the whole text, as Alertmanager's matchers do, or a part of it with the flags of JavaScript (`imsu`). */
export type RegexUse = { readonly fits: 'all' } | { readonly fits: 'part'; readonly flags: string };

/** Compiles a pattern in RE2's syntax; look-around and back-references, which no linear engine has, are refused by name. */
export function compileRegex(pattern: string, use: RegexUse = { fits: 'all' }): CompiledRegex {
  if (pattern.length > MAX_PATTERN)
    return { ok: false, message: `the pattern is longer than ${MAX_PATTERN} characters`, offset: MAX_PATTERN };
  try {
    const compiled = RE2JS.compile(pattern, use.fits === 'all' ? 0 : flagsOf(use.flags));
    const states = compiled.programSize();
    if (states > MAX_STATES) return { ok: false, message: 'too many repetitions in the pattern', offset: 0 };
    const cost = (text: string) => text.length * states;
    const matches = (text: string) => {
      if (cost(text) > MAX_STEPS) return undefined;
      return use.fits === 'all' ? compiled.testExact(text) : compiled.test(text);
    };
    return { ok: true, regex: { matches, cost } };
  } catch (thrown) {
    if (thrown instanceof RE2JSSyntaxException) return refusal(pattern, thrown);
    throw thrown;
  }
}

/** `u` goes without saying. */
function flagsOf(flags: string): number {
  const known = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };
  return Object.entries(known).reduce((sum, [letter, flag]) => (flags.includes(letter) ? sum | flag : sum), 0);
}

/** The error text; the library names the fragment, whose position is searched. */
function refusal(pattern: string, thrown: RE2JSSyntaxException): RefusedRegex {
  const fragment = thrown.getPattern() ?? '';
  const said = thrown.getDescription();
  const missing = MISSING.find(({ begins }) => begins.test(fragment));
  return {
    ...{ ok: false, message: missing?.message ?? words(said, fragment), offset: Math.max(0, placeOf(said, fragment, pattern)) },
    ...(missing !== undefined && { hint: missing.hint }),
  };
}

/** What other engines have and RE2 has not, and what does the same. */
const MISSING: readonly { readonly begins: RegExp; readonly message: string; readonly hint: string }[] = [
  {
    begins: /^\(\?<?[=!]/,
    message: 'look-around is not available',
    hint: 'the syntax is RE2, as in Alertmanager: write what must not match as a pattern of its own, with !~ or `not`',
  },
  {
    begins: /^\\[1-9k]/,
    message: 'back-references are not available',
    hint: 'the syntax is RE2, as in Alertmanager: write out the alternatives, as in aa|bb',
  },
  {
    begins: /^\(\?>/,
    message: 'atomic groups are not available',
    hint: 'the syntax is RE2, which never backtracks: a plain group (?:…) does the same',
  },
  {
    begins: /^(?:[*+?]|\{[\d,]+\})\+/,
    message: 'possessive repetitions are not available',
    hint: 'the syntax is RE2, which never backtracks: leave out the second +',
  },
];

/** If a fragment occurs twice, the first is assumed; for an unclosed group the library gives the rest of the pattern. */
function placeOf(said: string, fragment: string, pattern: string): number {
  if (said.startsWith('trailing backslash')) return pattern.length - 1;
  if (said === 'missing closing )') return pattern.lastIndexOf('(');
  if (said === 'unexpected )') return pattern.lastIndexOf(')');
  return pattern.indexOf(fragment);
}

function words(said: string, fragment: string): string {
  const shown = truncate(fragment, 30);
  switch (said) {
    case 'missing closing )':
      return "'(' is never closed";
    case 'unexpected )':
      return "unexpected ')'";
    case 'missing closing ]':
      return "'[' is never closed";
    case 'missing argument to repetition operator':
      return `'${shown}' has nothing to repeat`;
    case 'invalid nested repetition operator':
      return `a repetition cannot be repeated: '${shown}'`;
    case 'invalid repeat count':
      return `'${shown}' is not a valid number of repetitions, or too many repetitions in the pattern: at most 1000, the smaller number first`;
    case 'invalid escape sequence':
      return `unknown escape '${shown}'`;
    case 'invalid character class range':
      return `'${shown}' is not a valid character class`;
    case 'expression too large':
      return 'too many repetitions in the pattern';
    case 'expression nests too deeply':
      return 'groups are nested too deep';
    default:
      return said.startsWith('trailing backslash') ? 'trailing backslash' : said;
  }
}
