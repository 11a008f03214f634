import { basename, join, resolve, sep } from 'node:path';
import { Command, Option } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import type { Config } from '../config/config.ts';
import { CONFIG_DEFAULTS } from '../config/defaults.ts';
import { NO_POLICY } from '../config/lint.ts';
import type { ConfigParts, LoadedConfig } from '../config/load.ts';
import { TocsinError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import type { Duration, Instant } from '../core/time.ts';
import { mutualInhibitions } from '../lint/inhibit-rules.ts';
import { labelProblems, routingProblems } from '../lint/routing-problems.ts';
import { settleFindings } from '../lint/settle.ts';
import { lintSilences } from '../lint/silences.ts';
import { intervalProblems } from '../lint/time-intervals.ts';
import { checkGithub } from '../reports/check-github.ts';
import { checkGitlab } from '../reports/check-gitlab.ts';
import { checkJson } from '../reports/check-json.ts';
import { type CheckReport, hasFailed } from '../reports/check-report.ts';
import { checkSarif } from '../reports/check-sarif.ts';
import { checkText } from '../reports/check-text.ts';
import type { RuleSet } from '../rules/load-rules.ts';
import type { Rule } from '../rules/rule.ts';
import { formatOption, timeLimitOption, withExamples } from './arguments.ts';
import { checkCluster } from './check/check-cluster.ts';
import { fixFiles } from './check/fix-files.ts';
import { offlineFindings } from './check/offline-findings.ts';
import {
  type Attach,
  type CommandLine,
  type ExitCode,
  type GlobalOptions,
  type Printers,
  print,
  type Result,
} from './command-line.ts';
import { checkConfig, configFile } from './open-config.ts';
import { nearPath, openRules, openRulesOf } from './open-rules.ts';
import { openSilences } from './open-silences.ts';
import { version } from './version.ts';

type Format = 'text' | 'json' | 'github' | 'sarif' | 'gitlab';

interface CheckOptions extends GlobalOptions {
  readonly strict: boolean;
  readonly failOn: CheckReport['failOn'];
  readonly fix: boolean;
  readonly dryRun: boolean;
  readonly cluster: boolean;
  readonly timeLimit: Duration;
  readonly format: Format;
}

const PRINTERS: Printers<CheckReport, Format> = {
  text: checkText,
  json: checkJson,
  github: checkGithub,
  sarif: (report) => checkSarif(report, version()),
  gitlab: checkGitlab,
};

/** `tocsin check`: all problems of all rule files and of the configuration. */
export const attachCheck: Attach = (line, settle) => {
  const command = new Command('check')
    .description('Check rule files and tocsin.yaml. Shows every problem with its position and the next step.')
    .argument(
      '[paths...]',
      'rule files, files of silences, folders or a tocsin.yaml (default: all of tocsin.yaml, else rules/ and silences/)',
    )
    .option('--strict', 'treat warnings as errors, the same as --fail-on warning', false)
    .addOption(
      new Option('--fail-on <severity>', 'lowest severity that fails the check')
        .choices(['error', 'warning', 'note'])
        .default('error'),
    )
    .option('--fix', 'repair rule files where only one correction is possible', false)
    .option('--dry-run', 'with --fix: show the changes and write nothing', false)
    .option(
      '--cluster',
      'also check against Elasticsearch: indices, fields, matching documents, and whether `delay` is long enough',
      false,
    )
    .addOption(timeLimitOption(10 * 60_000))
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (paths: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<CheckOptions>();
      line.limitTime?.(options.timeLimit);
      if (options.dryRun && !options.fix)
        throw new TocsinError('cli/usage', '--dry-run needs --fix', { hint: 'tocsin check --fix --dry-run' });
      const failOn = options.strict && options.failOn === 'error' ? 'warning' : options.failOn;
      const result = await check(paths, line, { ...options, failOn });
      print(result.data, options.format, PRINTERS, line, options);
      settle(result.exitCode);
    });
  return withExamples(command, [
    ['Check everything in this folder', 'tocsin check'],
    ['Check one file', 'tocsin check rules/stub-5xx.yaml'],
    ['Annotate a pull request', 'tocsin check --format github --strict'],
    ['Show possible repairs', 'tocsin check --fix --dry-run'],
    ['Also check against the cluster', 'tocsin check --cluster'],
  ]);
};

/**
 * Checks rule files and the configuration, each as far as the other lets it, and with `cluster` what Elasticsearch says of the rules
 * that load. Exit code 2: it could not be asked.
 */
export async function check(paths: readonly string[], line: CommandLine, options: Asked): Promise<Result<CheckReport>> {
  const { data, exitCode, files, folders } = await checkOnce(paths, line, options);
  if (options.fix !== true) return { data, exitCode };
  const { problems, ...fixes } = await fixFiles(data.problems, files, folders, options.dryRun !== true);
  const after = fixes.written && fixes.files.length > 0 ? await checkOnce(paths, line, options) : { data, exitCode };
  // Lines have moved by what was repaired above them.
  const isLeft = (one: Problem) =>
    fixes.left.some(({ code, message, at }) => code === one.code && message === one.message && at?.file === one.at?.file);
  const left = after.data.problems.filter(isLeft);
  const report = { ...after.data, problems: [...after.data.problems, ...problems], fixes: { ...fixes, left } };
  return { data: report, exitCode: after.exitCode === 2 ? 2 : hasFailed(report) ? 1 : 0 };
}

type Asked = GlobalOptions & Pick<CheckOptions, 'failOn'> & Partial<Pick<CheckOptions, 'cluster' | 'fix' | 'dryRun'>>;

/** One look at everything, with the rule files that were read and the paths in which they were found. */
async function checkOnce(paths: readonly string[], line: CommandLine, options: Asked) {
  const given = paths.filter(isConfigFile);
  const others = paths.filter((path) => !isConfigFile(path));
  const configs = given.length === 0 ? [await configFile(line, options)] : given;
  const problems: Problem[] = [];
  let config: LoadedConfig | undefined;
  for (const file of configs) {
    const needed = options.cluster === true ? 'elasticsearch' : 'none';
    config = await checkConfig(line, { ...options, ...(file !== undefined && { config: file }) }, needed);
    problems.push(...config.problems);
  }
  const known: Partial<Config> = config?.ok === true ? config.value : partsOf(config);
  const places = silencePlaces(known, line);
  const silencePaths = others.filter((path) =>
    isAmong(
      resolve(line.folder, path),
      places.paths.map((place) => resolve(line.folder, place)),
    ),
  );
  const rulePaths = others.filter((path) => !silencePaths.includes(path));
  const noRules = paths.length > 0 && rulePaths.length === 0;
  const rules = noRules ? undefined : await rulesOf(rulePaths, config, line);
  problems.push(...(rules?.problems ?? []));
  const complete = rules !== undefined && rulePaths.length === 0 && isWhole(rules);
  const folders = rulePaths.length > 0 ? rulePaths : rulesIn(known, line);
  const asked = silencePaths.length > 0 ? { paths: silencePaths, optional: false } : paths.length === 0 ? places : undefined;
  const silences = asked && (await openSilences({ ...known, silences: asked }, line.folder, config?.ok === true));
  problems.push(...(silences?.problems ?? []));
  const areAll = complete && !(config?.ok === true && config.value.receivedAlerts !== undefined);
  if (silences !== undefined)
    problems.push(...lintSilences(silences.silences, areAll ? rules.rules : undefined, line.clock.now()));
  if (config !== undefined && rules !== undefined) {
    problems.push(...routingProblemsOf(config, rules.rules, complete, line.clock.now()));
    problems.push(...(await offlineFindings(rules.rules, known, folders)));
  }
  const answer =
    options.cluster === true && config?.ok === true ? await askCluster(rules?.rules ?? [], config.value, line) : undefined;
  problems.push(...(answer?.problems ?? []));
  const settled = settleFindings(
    problems,
    [...(config?.ignores ?? []), ...(rules?.ignores ?? [])],
    rules?.ignored ?? [],
    known.lint ?? NO_POLICY,
    {
      rules: complete && config?.ok === true,
      cluster: answer?.ok === true,
      broken: new Set((rules?.files ?? []).flatMap(({ file, ok }) => (ok ? [] : [file]))),
    },
  );
  const data: CheckReport = {
    files: rules?.files.length ?? 0,
    configurations: configs.flatMap((file) => (file === undefined ? [] : [nearPath(file, line.folder)])),
    rules: rules?.rules.length ?? 0,
    ...settled,
    problems: byPlace(settled.problems),
    failOn: options.failOn,
  };
  const exitCode: ExitCode = answer?.ok === false ? 2 : hasFailed(data) ? 1 : 0;
  return { data, exitCode, files: rules?.files ?? [], folders };
}

async function askCluster(rules: readonly Rule[], config: Config, line: CommandLine) {
  const backend = await createBackend(config);
  try {
    const info = await backend.info(line.signal);
    const asked = { search: backend.search, mappings: backend.inspection };
    if (info.ok) return { ok: true, problems: await checkCluster(rules, asked, line.clock.now(), line.signal) };
    const { code, message, hint } = info.problem;
    const problem: Problem = {
      code: `search/${code}`,
      severity: 'error',
      message: `Elasticsearch cannot be reached: ${message}`,
      hint,
    };
    return { ok: false, problems: [problem] };
  } finally {
    await backend.close();
  }
}

/** The receivers of a broken configuration are not known, so rules are checked without them: where its `rules` are, or by default. */
async function rulesOf(paths: readonly string[], config: LoadedConfig | undefined, line: CommandLine) {
  if (config?.ok === true) return openRules(paths, config.value, line.folder);
  return openRulesOf(paths, rulesIn(partsOf(config), line), line.folder);
}

/** Where the configuration is broken, where silences are by default. */
function silencePlaces({ silences }: Partial<Config>, line: CommandLine): Config['silences'] {
  return silences ?? { paths: [join(line.folder, CONFIG_DEFAULTS.silences)], optional: true };
}

/** Says whether a path is one of these files and folders, or lies in one. */
function isAmong(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}${sep}`));
}

function rulesIn({ rules }: Partial<Pick<Config, 'rules'>>, line: CommandLine): readonly string[] {
  return rules ?? [join(line.folder, CONFIG_DEFAULTS.rules)];
}

/** File by file in the order in which they are spoken of, each from top to bottom. */
function byPlace(problems: readonly Problem[]): readonly Problem[] {
  const order = new Map<string | undefined, number>();
  for (const { at } of problems) if (!order.has(at?.file)) order.set(at?.file, order.size);
  const place = ({ at }: Problem) => order.get(at?.file) ?? 0;
  return [...problems].sort(
    (a, b) => place(a) - place(b) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
}

function isWhole({ files, unread }: RuleSet): boolean {
  return files.every(({ ok }) => ok) && unread.length === 0;
}

function routingProblemsOf(config: LoadedConfig, rules: readonly Rule[], complete: boolean, now: Instant): readonly Problem[] {
  if (config.ok)
    return [
      ...routingProblems(config.value, rules, complete),
      ...intervalProblems(config.value, now),
      ...mutualInhibitions(config.value, rules),
    ];
  const { routing, routePlaces } = partsOf(config);
  return routing === undefined
    ? []
    : labelProblems({ routing, ...(routePlaces !== undefined && { routePlaces }) }, rules, complete);
}

function partsOf(config: LoadedConfig | undefined): ConfigParts {
  return config?.ok === false ? (config.parts ?? {}) : {};
}

function isConfigFile(path: string): boolean {
  return /^tocsin\.ya?ml$/i.test(basename(path));
}
