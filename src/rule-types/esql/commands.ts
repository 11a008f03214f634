import { truncate } from '../../core/truncate.ts';
import type { ReadTools } from '../rule-type.ts';

const PATH = 'esql';
/** Blanks and comments before the first command. */
const LEADING = /^(?:\s+|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/;
const SOURCE = /^(?:FROM|TS|ROW|SHOW|METRICS)\b[^|]*/i;

/**
 * Reads the key `esql`: the commands after the source, beginning with `|`. A text that names its own source is reported: there
 * would be two answers to the question where a rule looks, and links and evidence would follow the other one.
 */
export function readCommands(value: unknown, tools: ReadTools): string {
  const text = typeof value === 'string' ? value.replace(LEADING, '').trimEnd() : '';
  const source = SOURCE.exec(text)?.[0].trim();
  if (source !== undefined) {
    const shown = truncate(source, 60);
    tools.problem(PATH, 'the source is set by `index`, so the query must not have its own', `leave out \`${shown}\``);
  } else if (/^\|?\s*$/.test(text)) {
    tools.problem(PATH, 'expected ES|QL commands', 'such as | STATS errors = COUNT(*) BY service.name');
  }
  const now = wallClockIn(text);
  if (now !== undefined)
    tools.problem(
      PATH,
      `\`${now}\` is the wall clock of Elasticsearch, not the time of the evaluation`,
      'use NOW(), as in | WHERE end < NOW() + 14 days, or put it into `query`',
    );
  return text.startsWith('|') ? text : `| ${text}`;
}

const STRING = String.raw`"{3}[\s\S]*?"{3}|"(?:\\.|[^"\\])*"`;
/** Comments, quoted names and strings, each string with what makes a query of it: a function before it, or the operator `:`. */
const PARTS = new RegExp(
  '//[^\\n]*|/\\*[\\s\\S]*?\\*/|`(?:[^`]|``)*`|' +
    String.raw`(\b(?:KQL|QSTR)\s*\(\s*|\bMATCH(?:_PHRASE)?\s*\([^()"]*,\s*|:\s*)?(${STRING})`,
  'gi',
);
/** In KQL and Lucene `now` is a moment beside a comparison, in a range, or with date math; anywhere else it is a word. */
const NOW_IN_QUERY = /(?:[<>]=?|[[{]|\bTO\b)\s*\\*"?now\b|\bnow\s*(?:\\?\/[yMwdhHms]|[+-]\s*\d+[yMwdhHms])/;
const NOW_AS_VALUE = /^"+now(?:[+-]\d+[yMwdhHms]|\/[yMwdhHms])/;

/** The first query in a text of ES|QL that holds `now`, which is not a function of ES|QL and cannot be set to the time of the evaluation. */
function wallClockIn(text: string): string | undefined {
  for (const [whole, lead, string] of text.matchAll(PARTS)) {
    if (lead === undefined || string === undefined) continue;
    const isQuery = /^(?:KQL|QSTR)/i.test(lead);
    if ((isQuery ? NOW_IN_QUERY : NOW_AS_VALUE).test(string)) return truncate(whole, 80);
  }
  return undefined;
}

/** An assignment, and what makes it a plain count: COUNT of anything, perhaps of rows that meet a condition, and no arithmetic after it. */
const ASSIGNED = /(?<![\w.])([a-z_]\w*)\s*=(?![=~])\s*(COUNT(?:_DISTINCT)?\s*\([^()]*\)(?=\s*(?:,|\||$|(?:WHERE|BY)\b)))?/gi;

/** The columns that only ever hold a count, such as `errors` of `STATS errors = COUNT(*) WHERE …`; one that is assigned anything else does not. */
export function countedColumns(text: string): ReadonlySet<string> {
  const bare = text.replace(PARTS, (part) => (/^(?:\/\/|\/\*)/.test(part) ? ' ' : '""'));
  const [counted, others] = [new Set<string>(), new Set<string>()];
  for (const [, name = '', count] of bare.matchAll(ASSIGNED)) (count === undefined ? others : counted).add(name);
  return new Set([...counted].filter((name) => !others.has(name)));
}
