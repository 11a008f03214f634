import type { Config } from '../../config/config.ts';
import { TocsinError } from '../../core/errors.ts';
import { namesInstead } from '../../core/nearest.ts';
import type { Problem } from '../../core/problems.ts';
import { type Duration, iso, type TimeRange } from '../../core/time.ts';
import { visible } from '../../core/visible.ts';
import { spentBeforeAnAnswer, startBudget } from '../../replay/budget.ts';
import type { Play } from '../../replay/play.ts';
import type { DryRunReport } from '../../reports/dry-run/dry-run-report.ts';
import type { RuleSet } from '../../rules/load-rules.ts';
import type { Rule } from '../../rules/rule.ts';
import { deliverySettings } from '../../service/destinations.ts';
import type { CommandLine, GlobalOptions, Result } from '../command-line.ts';
import { openConfig } from '../open-config.ts';
import { type HistoryOptions, namedRange, openHistory } from '../open-history.ts';
import { openRules } from '../open-rules.ts';
import { progressOn } from '../progress.ts';
import { showErrors } from '../show-errors.ts';

/** Which rules are played over which time. */
export interface SubjectOptions extends GlobalOptions, HistoryOptions {
  readonly warmUp: Duration;
  readonly arrival?: string;
  readonly budget?: Duration;
  readonly timeLimit: Duration;
  readonly rule?: readonly string[];
  readonly against?: string;
}

/** What is played: the rules of the working tree, and where the configuration says they look. */
export interface Subject {
  readonly config: Config;
  readonly range: TimeRange;
  readonly set: RuleSet;
  /** Errors of rule files. */
  readonly errors: number;
  /** Rules of a revision. */
  readonly others?: readonly Rule[];
}

/** Opens what is played. Throws TocsinError where there is nothing to play, or no rule of a name. */
export async function openSubject(paths: readonly string[], line: CommandLine, options: SubjectOptions): Promise<Subject> {
  line.limitTime?.(options.timeLimit);
  const range = namedRange(options, line);
  const config = await openConfig(line, options, options.documents === undefined ? 'elasticsearch' : 'none');
  const all = await openRules(paths, config, line.folder);
  const errors = showErrors(all.problems, line, options);
  const set = namedOnly(all, options.rule);
  for (const name of options.rule ?? []) {
    if (all.rules.some((rule) => rule.name === name)) continue;
    const names = all.rules.map((rule) => rule.name);
    throw new TocsinError('cli/no-rule', `unknown rule ${visible(name)}`, {
      hint: names.length === 0 ? 'no rule in these files' : visible(namesInstead(name, names)),
    });
  }
  if (set.rules.length === 0 && errors.length === 0 && options.against === undefined) {
    throw new TocsinError('cli/no-rules', 'no rules to run', {
      hint: 'name rule files or folders, or set `rules` in tocsin.yaml',
    });
  }
  return { config, range, set, errors: errors.length };
}

/** The rules of these names; all without names. */
export function namedOnly(set: RuleSet, names: readonly string[] | undefined): RuleSet {
  return names === undefined ? set : { ...set, rules: set.rules.filter(({ name }) => names.includes(name)) };
}

/** Errors in a revision are not errors of the working tree: its rules count as absent there. */
export function warnOf(problems: readonly Problem[], line: CommandLine, options: GlobalOptions): void {
  if (showErrors(problems, line, options).length === 0) return;
  line.stderr.write('warning: the revision has errors: the rules of these files count as absent there\n');
}

/** Opens the documents, gives what all runs over them have in common, and notes what was asked of a cluster. */
export async function overHistory<D extends object>(
  { config, range, set, others = [] }: Subject,
  line: CommandLine,
  options: SubjectOptions,
  run: (common: Omit<Play, 'rules' | 'failures'>) => Promise<Result<D>>,
): Promise<Result<D & Pick<DryRunReport, 'asked'>>> {
  const progress = progressOn(line, options.color);
  const budget = options.budget === undefined ? undefined : startBudget(options.budget, line.clock, line.signal);
  try {
    const surroundings = { ...line, signal: options.documents === undefined ? (budget?.signal ?? line.signal) : line.signal };
    const opened = await openHistory(options, [...set.rules, ...others], config, surroundings, progress).catch((thrown) => {
      throw budget?.signal.aborted === true && !line.signal.aborted ? spentBeforeAnAnswer(budget) : thrown;
    });
    try {
      const { data, exitCode } = await run({
        settings: deliverySettings(config),
        search: opened.search,
        ranges: opened.ranges,
        range,
        warmUp: options.warmUp,
        arrival: options.arrival,
        budget,
        clock: line.clock,
        signal: line.signal,
        progress: (done) =>
          progress.show(
            done,
            `${iso(range.from - options.warmUp + done * (range.to - range.from + options.warmUp)).slice(0, 16)}Z`,
          ),
      });
      const asked = opened.asked?.();
      return { data: { ...data, ...(asked !== undefined && { asked }) }, exitCode };
    } finally {
      await opened.close();
    }
  } finally {
    budget?.end();
    progress.clear();
  }
}
