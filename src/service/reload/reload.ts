import { CONFIG_CODES } from '../../config/codes.ts';
import type { Config } from '../../config/config.ts';
import { asError } from '../../core/errors.ts';
import { hashId, type RuleId } from '../../core/ids.ts';
import { type Checked, formatProblem, type Problem } from '../../core/problems.ts';
import type { Clock, Instant } from '../../core/time.ts';
import { movesAfter } from '../../engine/moves.ts';
import type { FileFailure, TurnPorts } from '../../engine/turn-ports.ts';
import type { RuleSet } from '../../rules/load-rules.ts';
import { mergeReload, type Reloaded } from '../../rules/reload.ts';
import type { FileSilences } from '../../silence-files/file-silence.ts';
import type { Log } from '../log.ts';
import { inBrokenFiles, type KnownFiles, knownAfter, knownAtStart } from './in-broken-files.ts';

/** Where configuration and rules come from, at the start and at each reload. */
export interface FileSources {
  config(): Promise<Checked<Config>>;
  /** With the set loaded before, unchanged files are not compiled again and an unchanged set comes back as it is. */
  rules(config: Config, previous?: RuleSet): Promise<RuleSet>;
  /** Without it there are no files of silences. */
  silences?(config: Config): Promise<FileSilences>;
}

/** What is in force, and the problems of the current files: rule files, and the configuration. */
export interface Loaded {
  readonly config: Config;
  readonly ruleSet: RuleSet;
  readonly failures: readonly FileFailure[];
  /** Rules that files that do not load may have beside the loaded ones; undefined: it is not known which. */
  readonly inBrokenFiles?: ReadonlySet<RuleId> | undefined;
}

/** How the last reload of the configuration went. */
export interface ConfigReload {
  /** Why the current file is not in force; undefined: it is. */
  readonly failure: FileFailure | undefined;
  /** When the configuration in force was last read whole. */
  readonly succeededAt: Instant;
}

/** Reads configuration and rules again, and keeps what is in force where the new does not hold. */
export interface Reloader {
  /** What is in force now; the same object as long as nothing changed. Never rejects; a call while files are read reads them again afterwards. */
  reload(): Promise<Loaded>;
  current(): Loaded;
  configReload(): ConfigReload;
}

/** What reloading needs beside what was loaded at the start. */
export interface ReloaderParts {
  readonly sources: FileSources;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
}

/** Rules and what does not hold of their files. */
type LoadedRules = Omit<Loaded, 'config'>;

/** Subject of the configuration's health alert, wherever its file is and whichever of the files that it names cannot be read. */
const CONFIG_FILE = 'tocsin.yaml';

/** Problems of one file that an alert shows. */
const MOST_PROBLEMS = 5;

/** Subject of what is wrong with no single rule file. */
const ALL_RULE_FILES = 'all rule files';

/** Starts with what was loaded; each problem is logged when it appears and not at every look. */
export function createReloader(config: Config, ruleSet: RuleSet, { sources, log, clock }: ReloaderParts): Reloader {
  let known = knownAtStart(ruleSet);
  let rules: LoadedRules = loadedRules(ruleSet, known);
  let current: Loaded = { config, ...rules };
  let running: Promise<Loaded> | undefined;
  let following: Promise<Loaded> | undefined;
  let seen = configKey(config);
  let taken = seen;
  let configReload: ConfigReload = { failure: undefined, succeededAt: clock.now() };
  let rulesFailure = problemsKey(ruleSet.problems);
  let broken = '';

  const nextConfig = async (): Promise<Config> => {
    const checked = await sources.config();
    noteConfig(checked);
    if (!checked.ok || configKey(checked.value) === seen) return current.config;
    seen = configKey(checked.value);
    const { config: next, ignored } = keepFixed(current.config, checked.value);
    log.info('configuration reloaded');
    if (ignored.length > 0) log.warn({ sections: ignored }, 'changes of these sections need a restart');
    return next;
  };
  const noteConfig = (checked: Checked<Config>): void => {
    const before = configReload;
    const failure = checked.ok ? undefined : configFailure(checked.problems);
    // The same object as long as it is the same problem.
    const isSame = failure?.file === before.failure?.file && failure?.message === before.failure?.message;
    configReload = {
      failure: isSame ? before.failure : failure,
      succeededAt: checked.ok ? clock.now() : before.succeededAt,
    };
    if (isSame) return;
    if (checked.ok) log.info('the configuration is valid again');
    else
      log.error(
        { problems: checked.problems.filter(({ severity }) => severity === 'error').map(formatProblem) },
        'invalid configuration: the last good one remains active',
      );
  };
  const nextRules = async (next: Config): Promise<LoadedRules> => {
    const merged = mergeReload(current.ruleSet, await sources.rules(next, current.ruleSet));
    const { set, refused } = merged;
    const failure = problemsKey(set.problems) + (refused ?? '');
    if (set === rules.ruleSet && failure === rulesFailure) return rules;
    if (failure !== rulesFailure) logProblems(merged, log);
    else if (refused !== undefined) return rules;
    rulesFailure = failure;
    const { changed, added, removed } = merged;
    if (changed.length + added.length + removed.length > 0) log.info({ changed, added, removed }, 'rules reloaded');
    if (refused === undefined) {
      known = knownAfter(known, rules.ruleSet, set);
      return loadedRules(set, known);
    }
    return {
      ruleSet: rules.ruleSet,
      failures: [...fileFailures(rules.ruleSet), { file: ALL_RULE_FILES, message: refused }],
    };
  };
  const take = (config: Config, next: LoadedRules, more: readonly FileFailure[]): Loaded => {
    rules = next;
    const failures = [...next.failures, ...(configReload.failure === undefined ? [] : [configReload.failure]), ...more];
    const same = config === current.config && next.ruleSet === current.ruleSet && isSameList(failures, current.failures);
    const inBrokenFiles = more.length === 0 ? next.inBrokenFiles : undefined;
    if (!same) current = { config, ruleSet: next.ruleSet, failures, inBrokenFiles };
    return current;
  };
  const reload = async (): Promise<Loaded> => {
    const next = await nextConfig();
    const loaded = take(next, await nextRules(next), []);
    taken = seen;
    if (broken !== '') log.info('configuration and rules can be read again');
    broken = '';
    return loaded;
  };
  const brokeOff = (error: Error): Loaded => {
    if (error.message !== broken) log.error({ err: error }, 'the reload failed: configuration and rules are unchanged');
    broken = error.message;
    // A configuration that was read without its rules is not in force yet.
    seen = taken;
    const message = `configuration and rules cannot be read and are unchanged: ${error.message}`;
    const known = current.failures.find((one) => one.file === ALL_RULE_FILES && one.message === message);
    return take(current.config, rules, [known ?? { file: ALL_RULE_FILES, message }]);
  };
  const begin = (): Promise<Loaded> => {
    running = reload()
      .catch((thrown: unknown) => brokeOff(asError(thrown)))
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return {
    current: () => current,
    configReload: () => configReload,
    reload: () => {
      if (running === undefined) return begin();
      // The files that are being read may have changed since.
      following ??= running.then(() => {
        following = undefined;
        return begin();
      });
      return following;
    },
  };
}

function loadedRules(ruleSet: RuleSet, known: KnownFiles): LoadedRules {
  return { ruleSet, failures: fileFailures(ruleSet), inBrokenFiles: inBrokenFiles(ruleSet, known) };
}

/** The problem of a configuration that does not load, under the name of the file in which it first shows. */
function configFailure(problems: readonly Problem[]): FileFailure {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const message = errors.slice(0, MOST_PROBLEMS).map(withoutValues).join('\n');
  return { file: CONFIG_FILE, message: message === '' ? 'it cannot be read' : message };
}

/** A configuration holds secrets, and what does not parse or has a wrong type may be one; pages and alerts show where it is and not what it is. */
function withoutValues(problem: Problem): string {
  if (problem.code === CONFIG_CODES.yaml) return formatProblem({ ...problem, message: 'invalid YAML (the log says more)' });
  return formatProblem({ ...problem, message: problem.message.replace(/,? got .*$/s, '') });
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

/** Rule files that do not load, each with its errors, for health and pages. */
export function fileFailures({ files, problems }: Pick<RuleSet, 'files' | 'problems'>): readonly FileFailure[] {
  return files.flatMap(({ file, ok, brokenBy }) => {
    if (ok) return [];
    const errors = problems.filter(
      ({ severity, at }) => severity === 'error' && (at?.file === file || at?.file === (brokenBy ?? file)),
    );
    const message = errors.slice(0, MOST_PROBLEMS).map(formatProblem).join('\n');
    return [{ file, message: message === '' ? 'this file does not load' : message }];
  });
}

/** Sections that the process was started with: the port, the names of documents. */
const FIXED = ['namespace', 'server', 'log', 'state'] as const;

/**
 * The new configuration with what cannot change while the process runs as it was, and what of it was to change. The login and the
 * certificates of the cluster may; another address may be another cluster, with other state in it.
 */
export function keepFixed(old: Config, next: Config): { readonly config: Config; readonly ignored: readonly string[] } {
  const isNew = (section: keyof Config) => contentKey(old[section]) !== contentKey(next[section]);
  const moves = contentKey(old.elasticsearch.urls) !== contentKey(next.elasticsearch.urls);
  const ignored = [...(moves ? ['elasticsearch'] : []), ...FIXED.filter(isNew)];
  const elasticsearch = isNew('elasticsearch') && !moves ? next.elasticsearch : old.elasticsearch;
  const { namespace, server, log, state } = old;
  // What the process was started with stays in use, and must stay out of the log.
  const secrets = new Map([...old.secrets, ...next.secrets].map((secret) => [secret.reveal(), secret]));
  return {
    config: Object.freeze({ ...next, namespace, elasticsearch, server, log, state, secrets: [...secrets.values()] }),
    ignored,
  };
}

/** Destinations that are new, or whose configuration is another one: a rotated secret counts. */
export function changedDestinations(old: Config, next: Config): readonly string[] {
  if (old === next) return [];
  return [...next.destinations.keys()].filter(
    (id) => contentKey(old.destinations.get(id)) !== contentKey(next.destinations.get(id)),
  );
}

function configKey({ secrets: _listed, ...sections }: Config): string {
  return contentKey(sections);
}

/** Hash of a value with the secrets in it: a rotated password is a change. */
export function contentKey(value: unknown): string {
  return hashId(revealed(value));
}

function revealed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('reveal' in value && typeof value.reveal === 'function') return value.reveal();
  if (value instanceof Map || value instanceof Set) return [...value].map(revealed);
  if (Array.isArray(value)) return value.map(revealed);
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

function problemsKey(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join('\n');
}

function logProblems({ set, refused }: Reloaded, log: Log): void {
  const errors = set.problems.filter(({ severity }) => severity === 'error').map(formatProblem);
  const warnings = set.problems.filter(({ severity }) => severity === 'warning').map(formatProblem);
  if (refused !== undefined) log.error({ problems: errors }, refused);
  else if (errors.length > 0)
    log.error({ problems: errors }, 'some rule files do not load; their last good version remains active');
  else log.info('all rule files load');
  if (warnings.length > 0) log.warn({ problems: warnings }, 'rule files with warnings');
}

/** Says which destinations a reload took away, how many alerts they hold as far as this replica knows, and where those go. */
export function logMoves(before: Config, ports: TurnPorts, log: Log): void {
  for (const { destination, alerts, to } of movesAfter(before.destinations.keys(), ports))
    log.warn(
      { destination, alerts, to },
      'a destination is no longer configured: its alerts move to the receivers that match now',
    );
}
