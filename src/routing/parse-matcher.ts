import { compileRegex } from './regex.ts';
import type { Matcher } from './route.ts';

/** What is wrong with a text and at which character (0-based); `hint`: what to write instead, where that is known. */
interface NoMatcher {
  readonly ok: false;
  readonly message: string;
  readonly offset: number;
  readonly hint?: string;
}

/** Matchers read from text, or what is wrong with it. */
export type ParsedMatchers = { readonly ok: true; readonly matchers: readonly Matcher[] } | NoMatcher;

/** One matcher read from text, or what is wrong with it. */
export type ParsedMatcher = { readonly ok: true; readonly matcher: Matcher } | NoMatcher;

/** Writes a matcher as Alertmanager does: `severity="critical"`; a name with unusual characters is quoted. */
export function formatMatcher(matcher: Matcher): string {
  const name = /^[\p{L}_:][\p{L}\p{N}_:.-]*$/u.test(matcher.label) ? matcher.label : JSON.stringify(matcher.label);
  return `${name}${matcher.op}${JSON.stringify(matcher.value)}`;
}

/** Reads one matcher in Alertmanager's syntax: `severity=~"crit.*"`, `service.name=stub`, `"a label"!="x"`. */
export function parseMatcher(text: string): ParsedMatcher {
  const parsed = parseMatchers(text);
  if (!parsed.ok) return parsed;
  const [matcher, second] = parsed.matchers;
  if (matcher === undefined) return { ok: false, message: 'expected a matcher such as severity="critical"', offset: 0 };
  return second === undefined ? { ok: true, matcher } : { ok: false, message: 'expected one matcher, got several', offset: 0 };
}

const BARE = /^[^\s{}!=~,\\"'`]+/;
const QUOTED = /^"(?:[^"\\\n]|\\.)*"/;

/** Reads a list of matchers, with or without braces: `{severity="critical", team!~"a|b"}`; all of them must fit. */
export function parseMatchers(text: string): ParsedMatchers {
  const braced = /^\s*\{/.test(text);
  let at = /^\s*\{?\s*/.exec(text)?.[0].length ?? 0;
  const end = braced ? text.lastIndexOf('}') : text.trimEnd().length;
  const fail = (message: string, offset = at): NoMatcher => ({ ok: false, message, offset });
  if (braced && (end < 0 || text.slice(end + 1).trim() !== '')) return fail("'{' is never closed", text.indexOf('{'));
  const matchers: Matcher[] = [];
  while (at < end) {
    const name = word(text, at, end);
    if (!name.ok) return fail(name.message ?? 'expected the name of a label', at);
    if (name.text === '') return fail('the name of a label is empty');
    at = skipSpace(text, name.next);
    const op = /^(?:=~|!~|!=|=)/.exec(text.slice(at, end))?.[0] as Matcher['op'] | undefined;
    if (op === undefined) return fail(`expected =, !=, =~ or !~ after ${JSON.stringify(name.text)}`);
    at = skipSpace(text, at + op.length);
    const value = word(text, at, end);
    if (!value.ok) return fail(value.message ?? `expected a value after ${op}; quote values with spaces or special characters`);
    if (op === '=~' || op === '!~') {
      const regex = compileRegex(value.text);
      if (!regex.ok) {
        const { message, hint, offset } = regex;
        const failed = fail(`invalid regular expression: ${message}`, at + offset + (text[at] === '"' ? 1 : 0));
        return hint === undefined ? failed : { ...failed, hint };
      }
    }
    matchers.push({ label: name.text, op, value: value.text });
    at = skipSpace(text, value.next);
    if (at < end && text[at] !== ',') return fail('expected a comma between matchers');
    at = skipSpace(text, at + 1);
  }
  return { ok: true, matchers };
}

function skipSpace(text: string, at: number): number {
  return at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
}

type Word =
  | { readonly ok: true; readonly text: string; readonly next: number }
  | { readonly ok: false; readonly message?: string };

function word(text: string, at: number, end: number): Word {
  const rest = text.slice(at, end);
  const bare = BARE.exec(rest)?.[0];
  if (bare !== undefined) return { ok: true, text: bare, next: at + bare.length };
  if (!rest.startsWith('"')) return { ok: false };
  const quoted = QUOTED.exec(rest)?.[0];
  if (quoted === undefined) return { ok: false, message: 'unclosed quote in the value' };
  return { ok: true, text: unquote(quoted), next: at + quoted.length };
}

/** As Alertmanager unquotes: `\"`, `\\` and `\n`; any other escape stays, so that `\.` reaches the expression. */
function unquote(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(["\\n])/g, (_all, char: string) => (char === 'n' ? '\n' : char));
}
