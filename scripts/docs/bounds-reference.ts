import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from './markdown.ts';

type Unit = 'bytes' | 'ms' | '';

interface Bound {
  readonly what: string;
  /** Where the number is defined: a file below src, and the name of the constant or key in it. */
  readonly at: readonly [file: string, name: string];
  readonly unit: Unit;
  /** What happens beyond it. */
  readonly beyond: string;
}

const BOUNDS: readonly Bound[] = [
  { what: 'a rule file', at: ['rules/read-files.ts', 'MAX_BYTES'], unit: 'bytes', beyond: 'a problem; the others load' },
  { what: 'rule files', at: ['rules/read-files.ts', 'MAX_FILES'], unit: '', beyond: 'a problem; those that follow are left out' },
  {
    what: '`tocsin.yaml`, a secret, a certificate',
    at: ['config/read-bounded.ts', 'MAX_BYTES'],
    unit: 'bytes',
    beyond: 'a problem; only regular files are read',
  },
  { what: 'words and signs of a YAML file', at: ['yaml/bounds.ts', 'MAX_TOKENS'], unit: '', beyond: 'a problem' },
  { what: 'levels of a YAML file', at: ['yaml/bounds.ts', 'MAX_DEPTH'], unit: '', beyond: 'a problem' },
  { what: 'values of a YAML document, aliases expanded', at: ['yaml/value.ts', 'MAX_NODES'], unit: '', beyond: 'a problem' },
  {
    what: 'a condition, characters',
    at: ['conditions/compile.ts', 'MAX_LENGTH'],
    unit: '',
    beyond: 'a problem; there are no loops and no expressions in it',
  },
  { what: 'a template, characters', at: ['templates/liquid.ts', 'MAX_SOURCE'], unit: '', beyond: 'a problem' },
  {
    what: 'processor time of one template',
    at: ['templates/render-limit.ts', 'MAX_TIME'],
    unit: 'ms',
    beyond: 'the default text and a note; not tried again in that message',
  },
  {
    what: 'what a template gives, characters',
    at: ['templates/compile.ts', 'MAX_OUTPUT'],
    unit: '',
    beyond: 'the default text and a note',
  },
  { what: 'an expression of a matcher, characters', at: ['routing/regex.ts', 'MAX_PATTERN'], unit: '', beyond: 'a problem' },
  { what: 'states of an expression', at: ['routing/regex.ts', 'MAX_STATES'], unit: '', beyond: 'a problem' },
  {
    what: 'characters times states of an expression over one text',
    at: ['routing/regex.ts', 'MAX_STEPS'],
    unit: '',
    beyond: 'the matcher does not match, whether positive or negative; the check of a rule test fails',
  },
  {
    what: 'characters times states of all expressions of a run of rule tests',
    at: ['rule-tests/budget.ts', 'MAX_EXPRESSION_STEPS'],
    unit: '',
    beyond: 'the run ends, exit code 2',
  },
  {
    what: 'comparisons of a run of rule tests',
    at: ['rule-tests/budget.ts', 'MAX_COMPARISONS'],
    unit: '',
    beyond: 'the run ends, exit code 2',
  },
  {
    what: 'characters of the documents of a run of rule tests',
    at: ['rule-tests/budget.ts', 'MAX_CHARACTERS'],
    unit: '',
    beyond: 'the run ends, exit code 2',
  },
  {
    what: 'documents of one entry of a rule test',
    at: ['rule-tests/read-documents.ts', 'MOST'],
    unit: '',
    beyond: 'a problem; nothing is left out in silence',
  },
  {
    what: 'a file of documents of a rule test',
    at: ['rule-tests/make-documents.ts', 'MAX_FILE'],
    unit: 'bytes',
    beyond: 'a problem',
  },
  {
    what: 'a rule test file',
    at: ['rule-tests/find-test-files.ts', 'MAX_BYTES'],
    unit: 'bytes',
    beyond: 'a problem; the others run',
  },
  {
    what: 'a file of snapshots',
    at: ['rule-tests/snapshots/snapshot-book.ts', 'MAX_BYTES'],
    unit: 'bytes',
    beyond: 'a problem; nothing of it is changed',
  },
  {
    what: 'rule test files',
    at: ['rule-tests/find-test-files.ts', 'MAX_FILES'],
    unit: '',
    beyond: 'a problem; those that follow are left out',
  },
  { what: 'entries of folders that are searched', at: ['files/find-files.ts', 'MAX_ENTRIES'], unit: '', beyond: 'a problem' },
  {
    what: 'a line of a documents file, characters',
    at: ['backends/embedded/ndjson.ts', 'MAX_LINE'],
    unit: '',
    beyond: 'a problem; it is not held',
  },
  {
    what: 'an answer of Elasticsearch, unpacked',
    at: ['backends/elasticsearch/answer-body.ts', 'MOST_BYTES'],
    unit: 'bytes',
    beyond: '`too_large`; several documents are read in parts',
  },
  { what: 'a field in evidence, characters', at: ['evaluation/evidence/evidence.ts', 'TEXT_LIMIT'], unit: '', beyond: 'cut' },
  {
    what: 'evidence waiting in one alert group, characters',
    at: ['notify/shrink.ts', 'EVIDENCE_WAITING'],
    unit: '',
    beyond: 'older evidence goes, entries stay',
  },
  { what: 'alerts in one message', at: ['messages/message-of.ts', 'LISTED'], unit: '', beyond: 'counted' },
  {
    what: 'characters of what was sent that history keeps with a message',
    at: ['engine/history/kept-payload.ts', 'MOST_KEPT_OF_PAYLOAD'],
    unit: '',
    beyond: 'texts are cut; its page says so',
  },
  {
    what: 'JSON of a webhook',
    at: ['channels/webhook/body.ts', 'MAX_BYTES'],
    unit: 'bytes',
    beyond: 'evidence goes, then alerts, which are counted',
  },
  {
    what: 'an answer of an HTTP destination',
    at: ['channels/http-client/answer.ts', 'MAX_ANSWER'],
    unit: 'bytes',
    beyond: 'the rest is not read',
  },
  {
    what: 'numbers of the sandbox of a rule',
    at: ['sandbox/record-answers.ts', 'MOST_NUMBERS'],
    unit: '',
    beyond: 'no sandbox for it; the page says so',
  },
  {
    what: 'characters of the data of all sandboxes of a page',
    at: ['reports/sandbox/sandbox-html.ts', 'MOST_DATA'],
    unit: '',
    beyond: 'no sandbox for the rules that follow; the page says so',
  },
  { what: 'connections to the server', at: ['server/server.ts', 'MOST_CONNECTIONS'], unit: '', beyond: 'closed at once' },
  { what: 'a request to the server', at: ['server/server.ts', 'requestTimeout'], unit: 'ms', beyond: '408, closed' },
];

/** Table of what is bounded, with the numbers as the code has them. */
export function boundsTable(): string {
  const rows = BOUNDS.map(({ what, at, unit, beyond }) => [what, written(numberAt(...at), unit), beyond]);
  return table(['what', 'at most', 'beyond it'], rows);
}

function numberAt(file: string, name: string): number {
  const text = readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8');
  const found = new RegExp(`\\b${name}(?:: \\w+)?(?: =|:) ([\\d_ *]+)[;,]`).exec(text)?.[1];
  if (found === undefined) throw new Error(`src/${file} has no number ${name}: fix the row of scripts/docs/bounds-reference.ts`);
  return found.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1);
}

function written(value: number, unit: Unit): string {
  if (unit === 'ms') return value % 1_000 === 0 ? `${value / 1_000} s` : `${value} ms`;
  if (unit === '') return value.toLocaleString('en-US');
  return value >= 1_048_576 ? `${value / 1_048_576} MiB` : `${value / 1_024} KiB`;
}
