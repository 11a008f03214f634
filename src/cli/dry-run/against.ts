import { join, relative, resolve } from 'node:path';
import { compareStories, receiversOfAll } from '../../backtest/compare-stories.ts';
import type { RuleStory } from '../../backtest/rule-story.ts';
import { storyUntil } from '../../backtest/story-until.ts';
import type { Config } from '../../config/config.ts';
import { TocsinError } from '../../core/errors.ts';
import type { Problem } from '../../core/problems.ts';
import type { TurnLog } from '../../engine/turn-log.ts';
import { isThere } from '../../files/open-file.ts';
import type { Play } from '../../replay/play.ts';
import type { DryRunComparison } from '../../reports/dry-run/comparison.ts';
import { commitOf, openRepository } from '../../revisions/git.ts';
import { type WrittenRevision, withRevision } from '../../revisions/write-out.ts';
import type { RuleSet } from '../../rules/load-rules.ts';
import { fileFailures } from '../../service/reload/reload.ts';
import type { CommandLine } from '../command-line.ts';
import { openRules } from '../open-rules.ts';
import { playTogether } from './play-together.ts';
import { measuredBy, valueBook } from './value-book.ts';

/** The rules of a revision. */
export interface RulesAt {
  readonly commit: string;
  readonly set: RuleSet;
}

/**
 * Reads the rules of the same paths as they are in a revision; a path that it does not have holds no rules there. Problems name files by the
 * revision: `main:rules/a.yaml`. Throws TocsinError without a repository, and for a path outside of it.
 */
export async function rulesAt(ref: string, paths: readonly string[], config: Config, line: CommandLine): Promise<RulesAt> {
  const repository = await openRepository(line.folder, line.env, line.signal);
  const commit = await commitOf(repository, ref);
  const wanted = (paths.length > 0 ? paths : config.rules).map((path) => withinRepository(path, line.folder, repository.prefix));
  // What lies beside the folder is read from the top of the repository on, and only then.
  const inside = wanted.every((path) => !path.startsWith('..'));
  const asked = inside ? repository : { ...repository, prefix: '' };
  return withRevision(asked, commit, async (revision) => {
    const there = wanted.map((path) => join(revision.folder, inside ? '' : repository.prefix, path));
    const found = (await Promise.all(there.map(isThere))).flatMap((is, place) => (is ? [there[place] ?? ''] : []));
    const set = await openRules(found, { ...config, rules: [] }, line.folder);
    return { commit, set: { ...set, problems: set.problems.map((problem) => asOf(problem, ref, revision)) } };
  });
}

/** Plays the rules of a revision and those of the working tree side by side and compares what they did. */
export async function playAgainst(
  ref: string,
  before: RulesAt,
  after: RuleSet,
  common: Omit<Play, 'rules' | 'failures'>,
): Promise<Omit<DryRunComparison, 'asked'>> {
  const books = [before.set, after].map(({ rules }) => valueBook(rules, common.range));
  const sets = [before.set, after].map((set, place) => ({
    rules: set.rules,
    failures: fileFailures(set),
    observe: (log: TurnLog) => books[place]?.take(log),
  }));
  const { reports, questions } = await playTogether(sets, common);
  const to = reports.reduce((least, report) => Math.min(least, report.to), common.range.to);
  const [old = [], present = []] = reports.map(({ rules }) => rules.map((story) => storyUntil(story, to)));
  const range = { from: common.range.from, to };
  const rules = compareStories(old, present, range);
  const measured = (stories: readonly RuleStory[], place: number) => ({ stories, measured: measuredBy(stories, books[place]) });
  const stopped = reports.find((report) => report.stopped !== undefined)?.stopped;
  return {
    ref,
    commit: before.commit,
    ...range,
    warmUp: common.warmUp,
    rules,
    receivers: receiversOfAll(rules),
    sides: { before: measured(old, 0), after: measured(present, 1) },
    questions,
    ...(stopped !== undefined && { stopped }),
  };
}

function withinRepository(path: string, folder: string, prefix: string): string {
  const near = relative(resolve(folder), resolve(folder, path));
  const levels = prefix.split('/').filter((name) => name !== '').length;
  const ups = near.split(/[\\/]/).filter((name) => name === '..').length;
  if (ups <= levels && resolve(folder, near) === resolve(folder, path)) return near;
  throw new TocsinError('git/outside', `${path} is outside of this repository, so no revision contains it`, {
    hint: 'run it in the repository of the rules',
  });
}

function asOf(problem: Problem, ref: string, { folder, top }: WrittenRevision): Problem {
  const { at } = problem;
  if (at === undefined) return problem;
  const near = relative(resolve(folder), resolve(at.file));
  return { ...problem, at: { ...at, file: `${ref}:${near.startsWith('..') ? relative(top, resolve(at.file)) : near}` } };
}
