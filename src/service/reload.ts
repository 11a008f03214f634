import type { Config } from '../config/config.ts';
import { asError } from '../core/errors.ts';
import { hashId } from '../core/ids.ts';
import { type Checked, formatProblem, type Problem } from '../core/problems.ts';
import type { FileTrouble } from '../engine/turn-ports.ts';
import type { RuleSet } from '../rules/load-rules.ts';
import { mergeReload, type Reloaded } from '../rules/reload.ts';
import type { Log } from './log.ts';

/** Where configuration and rules come from, at the start and at each reload. */
export interface Sources {
  config(): Promise<Checked<Config>>;
  /** With the set loaded before, unchanged files are not compiled anew and an unchanged set comes back as it is. */
  rules(config: Config, previous?: RuleSet): Promise<RuleSet>;
}

/** What is in force, and what does not hold of the files as they stand. */
export interface Loaded {
  readonly config: Config;
  readonly ruleSet: RuleSet;
  readonly troubles: readonly FileTrouble[];
}

/** Reads configuration and rules anew, and keeps what is in force where the new does not hold. */
export interface Reloader {
  /** What is in force now; the same object as long as nothing changed. Never rejects; a call during another joins it. */
  reload(): Promise<Loaded>;
  current(): Loaded;
}

/** Starts with what was loaded; each problem is logged when it appears and not at every look. */
export function createReloader(config: Config, ruleSet: RuleSet, sources: Sources, log: Log): Reloader {
  let current: Loaded = { config, ruleSet, troubles: fileTroubles(ruleSet) };
  let running: Promise<Loaded> | undefined;
  let seen = configKey(config);
  let configTrouble = '';
  let rulesTrouble = problemsKey(ruleSet.problems);

  const nextConfig = async (): Promise<Config> => {
    const checked = await sources.config();
    const trouble = checked.ok ? '' : problemsKey(checked.problems);
    if (trouble !== configTrouble) {
      configTrouble = trouble;
      if (checked.ok) log.info('the configuration can be read again');
      else
        log.error(
          { problems: checked.problems.map(formatProblem) },
          'the configuration is not valid: the last good one stays in force',
        );
    }
    if (!checked.ok || configKey(checked.value) === seen) return current.config;
    seen = configKey(checked.value);
    const { config: next, ignored } = keepFixed(current.config, checked.value);
    log.info('the configuration has changed and is in force');
    if (ignored.length > 0)
      log.warn({ sections: ignored }, 'these sections of the configuration change with the next start only');
    return next;
  };
  const nextRules = async (next: Config): Promise<Omit<Loaded, 'config'>> => {
    const merged = mergeReload(current.ruleSet, await sources.rules(next, current.ruleSet));
    const { set, refused } = merged;
    const trouble = problemsKey(set.problems) + (refused ?? '');
    if (set === current.ruleSet && trouble === rulesTrouble) return current;
    if (trouble !== rulesTrouble) logProblems(merged, log);
    else if (refused !== undefined) return current;
    rulesTrouble = trouble;
    const { changed, added, removed } = merged;
    if (changed.length + added.length + removed.length > 0) log.info({ changed, added, removed }, 'rules reloaded');
    if (refused === undefined) return { ruleSet: set, troubles: fileTroubles(set) };
    return {
      ruleSet: current.ruleSet,
      troubles: [...fileTroubles(current.ruleSet), { file: 'all rule files', message: refused }],
    };
  };
  const reload = async (): Promise<Loaded> => {
    const next = await nextConfig();
    const { ruleSet: rules, troubles } = await nextRules(next);
    const changed = next !== current.config || rules !== current.ruleSet || troubles !== current.troubles;
    if (changed) current = { config: next, ruleSet: rules, troubles };
    return current;
  };
  return {
    current: () => current,
    reload: () => {
      running ??= reload()
        .catch((thrown: unknown) => {
          log.error({ err: asError(thrown) }, 'the reload broke off: everything stays as it was');
          return current;
        })
        .finally(() => {
          running = undefined;
        });
      return running;
    },
  };
}

/** Rule files that do not load, each with its errors, for health and pages. */
export function fileTroubles({ files, problems }: Pick<RuleSet, 'files' | 'problems'>): readonly FileTrouble[] {
  return files.flatMap(({ file, ok, brokenBy }) => {
    if (ok) return [];
    const errors = problems.filter(
      ({ severity, at }) => severity === 'error' && (at?.file === file || at?.file === (brokenBy ?? file)),
    );
    const message = errors.slice(0, 5).map(formatProblem).join('\n');
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
function contentKey(value: unknown): string {
  return hashId(revealed(value));
}

function revealed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('reveal' in value && typeof value.reveal === 'function') return value.reveal();
  if (value instanceof Map) return [...value].map(revealed);
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
    log.error({ problems: errors }, 'some rule files do not load; their last good version stays in force');
  else log.info('all rule files load');
  if (warnings.length > 0) log.warn({ problems: warnings }, 'rule files with warnings');
}
