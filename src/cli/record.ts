import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import type { Config } from '../config/config.ts';
import { TocsinError } from '../core/errors.ts';
import { canonicalJson } from '../core/json.ts';
import { namesInstead } from '../core/nearest.ts';
import { type Duration, HOUR, iso } from '../core/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Search } from '../search/search.ts';
import { countOption, timeLimitOption, withExamples } from './arguments.ts';
import type { Attach, CommandLine, GlobalOptions } from './command-line.ts';
import { openConfig } from './open-config.ts';
import { namedRange } from './open-history.ts';
import { openRules } from './open-rules.ts';
import { progressOn } from './progress.ts';
import { documentsToRecord } from './record/documents-of.ts';
import { readSpan } from './record/read-span.ts';
import { isOf, recordedLine } from './record/recorded-line.ts';
import { openRecording, type RecordingOutput } from './record/recording-file.ts';

interface RecordOptions extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  readonly out?: string;
  readonly hash?: readonly string[];
  readonly drop?: readonly string[];
  readonly fields?: readonly string[];
  readonly maxDocuments: number;
  readonly timeLimit: Duration;
}

const UNCHANGED = 'an existing file is unchanged';
/** Most documents of a recording, unless --max-documents says otherwise. */
const MOST = 1_000_000;
/** What decides whether a rule fires; what is only shown is not recorded unless asked for. */
const SHOWN: ReadonlySet<string> = new Set(['evidence', 'message']);
/** Fields of these roles only name groups, so that other values do as well. */
const NAMES_GROUPS: ReadonlySet<string> = new Set(['group_by', 'series', 'evidence', 'message']);

/** `tocsin record`: the documents that a rule reads, in a file that `--documents` takes. */
export const attachRecord: Attach = (line) => {
  const command = new Command('record')
    .description(
      'Write the documents that a rule reads, one JSON document per line, for `dry-run --documents`, `pr --documents` and tests.',
    )
    .argument('<rule>', 'name or ID of a rule, or its file')
    .requiredOption(
      '--from <moment>',
      'start of the dry run: ISO 8601, or now-7d; earlier documents that the rule needs are included',
    )
    .option('--to <moment>', 'end, in the same format', 'now')
    .option('--out <file>', 'the file (default: stdout)')
    .option('--hash <fields...>', 'replace the values of these fields with hashes; equal values get the same hash')
    .option('--drop <fields...>', 'leave these fields out')
    .option(
      '--fields <fields...>',
      'also keep these fields (default: only the time and those that decide whether the rule fires)',
    )
    .addOption(countOption('--max-documents <count>', 'documents', MOST))
    .addOption(timeLimitOption(HOUR))
    .action(async (name: string, _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<RecordOptions>();
      line.limitTime?.(options.timeLimit);
      await record(name, line, options).catch((thrown: unknown) => {
        throw orInterrupted(thrown, line.signal);
      });
    });
  return withExamples(command, [
    ['Record the documents that one rule reads in a week', 'tocsin record stub-5xx --from now-7d --out week.ndjson'],
    [
      'Record whole documents without personal data',
      "tocsin record stub-5xx --from now-7d --fields '*' --drop user client.ip --out week.ndjson",
    ],
    ['Hash customer IDs', 'tocsin record stub-5xx --from now-7d --hash customer.id --out week.ndjson'],
    ['Replay the rule over the recording', 'tocsin dry-run rules/stub-5xx.yaml --from now-7d --documents week.ndjson'],
  ]);
};

async function record(name: string, line: CommandLine, options: RecordOptions): Promise<void> {
  const range = namedRange(options, line);
  const config = await openConfig(line, options, 'elasticsearch');
  const rule = await ruleNamed(name, config, line);
  const fields = fieldsOf(rule, options);
  const { embeddedSearch } = await import('../backends/embedded/search.ts');
  const span = await readSpan(rule, range, { config, clock: line.clock, signal: line.signal, emptySearch: embeddedSearch });
  const progress = progressOn(line, options.color);
  const backend = await createBackend(config);
  let out: RecordingOutput | undefined;
  try {
    const info = await backend.info(line.signal);
    if (!info.ok)
      throw new TocsinError(`search/${info.problem.code}`, `Elasticsearch cannot be reached: ${info.problem.message}`, {
        hint: info.problem.hint,
      });
    out = await openRecording(options.out, line);
    const count = await writeAll(rule, backend.search, out, {
      span,
      fields,
      hashed: options.hash ?? [],
      dropped: options.drop ?? [],
      most: options.maxDocuments,
      signal: line.signal,
      progress: (done, documents) => progress.show(done, `${documents.toLocaleString('en-US')} documents`),
    });
    await out.keep();
    progress.clear();
    line.stderr.write(
      `${count.toLocaleString('en-US')} documents of ${iso(span.from)} – ${iso(span.to)}; replay them with --from ${iso(range.from)} --to ${iso(range.to)}\n`,
    );
  } finally {
    progress.clear();
    await out?.discard();
    await backend.close();
  }
}

/** What is done before the first document, such as finding out what the rule asks, is part of the recording. */
function orInterrupted(thrown: unknown, signal: AbortSignal): unknown {
  return signal.aborted
    ? new TocsinError('cli/interrupted', 'the recording was interrupted', { hint: UNCHANGED, cause: thrown })
    : thrown;
}

interface Writing {
  readonly span: { readonly from: number; readonly to: number };
  readonly fields: readonly string[];
  readonly hashed: readonly string[];
  readonly dropped: readonly string[];
  readonly most: number;
  readonly signal: AbortSignal;
  progress(done: number, count: number): void;
}

/** Writes what a rule reads within a span; gives the number of documents. */
export async function writeAll(
  rule: Rule,
  search: Search,
  out: Pick<RecordingOutput, 'write'>,
  { span, fields, hashed, dropped, most, signal, progress }: Writing,
): Promise<number> {
  const recording = { timeField: rule.source.timeField, hashed, dropped, salt: randomBytes(32) };
  const every = rule.schedule.kind === 'every' ? rule.schedule.every : rule.window;
  const step = Math.max(1_000, Math.min(rule.window, every));
  let count = 0;
  for await (const rows of documentsToRecord(rule, { search, signal, fields, span, step, most, progress })) {
    count += rows.length;
    await out.write(rows.map((row) => recordedLine(row, recording)).join(''));
  }
  return count;
}

async function ruleNamed(name: string, config: Config, line: CommandLine): Promise<Rule> {
  const isFile = /\.ya?ml$/i.test(name);
  const { rules } = await openRules(isFile ? [name] : [], config, line.folder);
  const rule = isFile ? (rules.length === 1 ? rules[0] : undefined) : rules.find((one) => one.id === name || one.name === name);
  if (rule === undefined) {
    const names = rules.map((one) => one.name);
    const hint = isFile
      ? 'a file with one rule and no errors: `tocsin check` shows them'
      : `${namesInstead(name, names)}; \`tocsin check\` shows what is wrong with rules that do not load`;
    throw new TocsinError('cli/unknown-rule', `there is no rule ${JSON.stringify(name)}`, { hint });
  }
  if (rule.type === 'esql')
    throw new TocsinError('record/esql', 'the documents of an ES|QL rule cannot be recorded', {
      hint: 'ES|QL cannot search files: replay the rule on the cluster',
    });
  return rule;
}

/** The fields to write. Throws TocsinError for fields without whose values the rule would do something else. */
export function fieldsOf(
  rule: Rule,
  { fields = [], drop = [], hash = [] }: Pick<RecordOptions, 'fields' | 'drop' | 'hash'>,
): readonly string[] {
  const named = rule.namedFields ?? [];
  const needed = named.filter(({ role }) => !SHOWN.has(role));
  for (const field of drop)
    if (isOf([field], rule.source.timeField) || needed.some((one) => isOf([field], one.field))) throw refuse('drop', field);
  for (const field of hash)
    if (isOf([field], rule.source.timeField) || named.some((one) => isOf([field], one.field) && !NAMES_GROUPS.has(one.role)))
      throw refuse('hash', field);
  const text = canonicalJson(rule.filter);
  if (fields.length === 0 && /"(?:multi_match|simple_query_string|query_string|combined_fields)":/.test(text))
    throw new TocsinError('record/any-field', 'the query of this rule searches fields that it does not name', {
      hint: "list the relevant fields, such as --fields message, or all: --fields '*'",
    });
  const all = new Set([...needed.map(({ field }) => field), ...fields, ...hash, rule.source.timeField]);
  return [...all].filter((field) => !drop.includes(field));
}

function refuse(what: 'drop' | 'hash', field: string): TocsinError {
  const message = `the rule’s decisions depend on the values of ${field}`;
  return what === 'hash'
    ? new TocsinError('record/hash', message, { hint: 'only fields that identify groups can be hashed' })
    : new TocsinError('record/drop', message, { hint: 'keep it, or --hash a field of group_by' });
}
