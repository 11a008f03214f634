import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { TocsinError } from '../../core/errors.ts';
import { namesInstead } from '../../core/nearest.ts';
import { formatProblem } from '../../core/problems.ts';
import { type Duration, HOUR } from '../../core/time.ts';
import { isThere } from '../../files/open-file.ts';
import { writeFileText } from '../../files/write-file.ts';
import { play } from '../../replay/play.ts';
import { paletteOf } from '../../reports/look.ts';
import { ruleTestsText } from '../../reports/rule-tests-text.ts';
import { isGood } from '../../rule-tests/report.ts';
import { runRuleTests } from '../../rule-tests/run-rule-tests.ts';
import { isRuleTest, testFileBeside } from '../../rules/read-files.ts';
import type { Rule } from '../../rules/rule.ts';
import { deliverySettings } from '../../service/destinations.ts';
import { countOption, timeLimitOption, withExamples } from '../arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, lookOf } from '../command-line.ts';
import { configFile, openConfig } from '../open-config.ts';
import { type HistoryOptions, MAX_DOCUMENTS, namedRange, openHistory } from '../open-history.ts';
import { nearPath, openRulesOf } from '../open-rules.ts';
import { progressOn } from '../progress.ts';
import { type ProposedTest, proposeTest } from './init/propose.ts';
import { configuredDelivery } from './open-tests.ts';

interface InitOptions extends GlobalOptions, HistoryOptions {
  readonly timeLimit: Duration;
  readonly rule?: string;
  readonly force?: boolean;
}

/** `tocsin test init`: a first test of a rule, made of documents that are there. */
export const attachTestInit: Attach = (line, settle) => {
  const command = new Command('init')
    .description(
      'Write a first test for a rule: find an incident in which it fired, keep a few documents with only the fields that the rule uses, and expect what the rule does with them.',
    )
    .argument('<file>', 'the rule file; the test is written beside it, as NAME.test.yaml')
    .option('--from <moment>', 'start of the time range: ISO 8601 (UTC unless a zone is given), or now-7d', 'now-1d')
    .option('--to <moment>', 'end, in the same format', 'now')
    .option('--rule <name>', 'the rule, if the file has several')
    .option('--documents <files...>', 'read documents from files instead of the cluster: one JSON document per line')
    .option('--mapping <file>', 'with --documents: the mapping as JSON')
    .option('--force', 'replace an existing test file')
    .addOption(timeLimitOption(HOUR))
    .addOption(countOption('--max-documents <count>', 'documents of --documents', MAX_DOCUMENTS))
    .action(async (path: string, _local: unknown, self: Command) => {
      await testInit(path, line, optionsOf(self));
      settle(0);
    });
  return withExamples(command, [
    ['Write a test from the documents of the last day', 'tocsin test init rules/stub-5xx.yaml'],
    [
      'Write a test from a known incident',
      'tocsin test init rules/stub-5xx.yaml --from 2026-01-31T10:00Z --to 2026-01-31T12:00Z',
    ],
    ['Without a cluster', 'tocsin test init rules/stub-5xx.yaml --documents logs.ndjson --from 2026-01-31 --to 2026-02-01'],
    ['Run the test while you edit it', 'tocsin test rules/stub-5xx.yaml --watch'],
  ]);
};

/**
 * `test` takes its options wherever they are written, those behind `init` as well: what was given there is meant for `init`, where it has such an
 * option, and the defaults of `test` are not.
 */
function optionsOf(command: Command): InitOptions {
  const { parent } = command;
  const ownNames = new Set(command.options.map((option) => option.attributeName()));
  const taken = (parent?.options ?? []).filter((option) => parent?.getOptionValueSource(option.attributeName()) === 'cli');
  const stray = taken.find((option) => !ownNames.has(option.attributeName()));
  if (stray !== undefined) {
    throw new TocsinError('cli/usage', `\`tocsin test init\` has no option ${stray.long ?? stray.flags}`, {
      hint: '`tocsin test init --help` lists its options',
    });
  }
  const given = taken.map((option) => [option.attributeName(), parent?.getOptionValue(option.attributeName())]);
  return { ...command.optsWithGlobals<InitOptions>(), ...command.opts<Partial<InitOptions>>(), ...Object.fromEntries(given) };
}

/** Writes the test and runs it. Throws TocsinError where it cannot be made, does not pass, or would replace a file. */
async function testInit(path: string, line: CommandLine, options: InitOptions): Promise<void> {
  line.limitTime?.(options.timeLimit);
  const near = nearPath(path, line.folder);
  const file = testFileOf(near);
  if (options.force !== true && (await isThere(file))) {
    throw new TocsinError('test-init/exists', `${file} already exists`, {
      hint: 'use --force to replace it, or add a test by hand',
    });
  }
  const range = namedRange(options, line);
  const config = await openConfig(line, options, options.documents === undefined ? 'elasticsearch' : 'none');
  const { rules, rule } = await chosenRule(near, line, options.rule);
  const hasConfig = (await configFile(line, options)) !== undefined;
  const delivery = hasConfig ? configuredDelivery(config) : undefined;
  const progress = progressOn(line, options.color);
  const opened = await openHistory(options, rules, config, line, progress);
  try {
    const { search, ranges } = opened;
    const report = await play({
      ...{
        rules: [rule],
        failures: [],
        settings: deliverySettings(config),
        search,
        range,
        warmUp: 0,
        clock: line.clock,
        signal: line.signal,
      },
      ...(ranges !== undefined && { ranges }),
      progress: (done) => progress.show(done, 'looking where it fires'),
    });
    const [story] = report.rules;
    if (story === undefined || (story.windows > 0 && story.failed === story.windows))
      throw unanswered(story?.problems[0]?.message);
    const proposed = await proposeTest({ rule, rules, story, range, search, delivery, file, signal: line.signal });
    progress.clear();
    await writeAndRun(file, proposed, { line, options, delivery });
  } finally {
    progress.clear();
    await opened.close();
  }
}

interface Writing {
  readonly line: CommandLine;
  readonly options: InitOptions;
  readonly delivery: ReturnType<typeof configuredDelivery> | undefined;
}

/** A test that does not pass is not written: it would say something else than what was seen. */
async function writeAndRun(file: string, proposed: ProposedTest, { line, options, delivery }: Writing): Promise<void> {
  const folder = await realpath(dirname(file));
  const within = [folder];
  const ports = { within, signal: line.signal, clock: line.clock, ...(delivery === undefined ? {} : { delivery }) };
  const report = await runRuleTests([{ file, text: proposed.text }], ports);
  const look = lookOf(line.stdout, line.env, options.color);
  if (!isGood(report)) {
    line.stderr.write(ruleTestsText(report, look));
    throw new TocsinError('test-init/not-as-seen', 'the generated test does not pass and was not written', {
      hint: 'write it by hand: docs/testing-rules.md',
    });
  }
  const written = await writeFileText(file, proposed.text, { within, replace: options.force === true });
  if (!written.ok)
    throw new TocsinError('test-init/unwritable', `${file} cannot be written: ${written.message}`, { hint: written.hint });
  line.stdout.write(ruleTestsText(report, look));
  line.stdout.write(
    nextSteps(file, proposed)
      .map((text) => `${paletteOf(look).faint(text)}\n`)
      .join(''),
  );
}

function nextSteps(file: string, { fires, resolves, documents }: ProposedTest): readonly string[] {
  const what = fires ? (resolves ? 'fires and resolves' : 'fires') : 'does not fire: it never fired in this time';
  const how = fires
    ? 'Next: name the test after what it verifies, and add a test in which the rule does not fire.'
    : 'Next: add documents (`repeat`, `for_each`) or change values until it fires; or look further back with --from.';
  return [
    `Written: ${file}: the rule ${what}, over ${documents} documents.`,
    'Its values come from your documents: review them before you commit the file.',
    how,
    `\`tocsin test ${file} --watch\` runs it as you edit; \`--coverage\` shows what is missing; docs/testing-rules.md explains each key.`,
  ];
}

async function chosenRule(
  path: string,
  line: CommandLine,
  name: string | undefined,
): Promise<{ readonly rules: readonly Rule[]; readonly rule: Rule }> {
  const { rules, problems } = await openRulesOf([path], [], line.folder);
  const [error] = problems.filter(({ severity }) => severity === 'error');
  if (error !== undefined) throw new TocsinError(error.code, formatProblem(error));
  const named = rules.filter((rule) => name === undefined || rule.name === name || rule.id === name);
  const [rule] = named;
  const names = rules.map((one) => one.name).join(', ');
  if (rule === undefined)
    throw new TocsinError('test-init/rule', name === undefined ? `no rule in ${path}` : `unknown rule ${name} in ${path}`, {
      hint:
        name === undefined || names === ''
          ? 'name a rule file'
          : namesInstead(
              name,
              rules.map((one) => one.name),
            ),
    });
  if (named.length > 1)
    throw new TocsinError('test-init/rule', `${path} has several rules`, { hint: `name one with --rule: ${names}` });
  if (rule.type === 'esql') {
    throw new TocsinError('test-init/esql', 'ES|QL needs a cluster, and the fields that it uses are unknown', {
      hint: 'write the test by hand, and run it with `tocsin test --elasticsearch URL`',
    });
  }
  return { rules: rules.filter(({ position }) => position.file === rule.position.file), rule };
}

/** The name of a rule file's test. */
function testFileOf(path: string): string {
  if (/\.ya?ml$/i.test(path) && !isRuleTest(path)) return testFileBeside(path);
  throw new TocsinError('test-init/rule', `not a rule file: ${path}`, { hint: 'such as rules/stub-5xx.yaml' });
}

function unanswered(why: string | undefined): TocsinError {
  return new TocsinError(
    'test-init/unanswered',
    `no window of the rule could be evaluated${why === undefined ? '' : `: ${why}`}`,
    {
      hint: '`tocsin doctor` and `tocsin dry-run` show more',
    },
  );
}
