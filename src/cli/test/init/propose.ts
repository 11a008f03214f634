import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { RuleStory, StatusChange } from '../../../backtest/rule-story.ts';
import { TocsinError } from '../../../core/errors.ts';
import { formatProblem } from '../../../core/problems.ts';
import { DAY, type Duration, HOUR, type Instant, iso, MINUTE, type TimeRange } from '../../../core/time.ts';
import { openBudget } from '../../../rule-tests/budget.ts';
import type { TestDelivery } from '../../../rule-tests/delivery.ts';
import type { Played } from '../../../rule-tests/observation.ts';
import { type PlayPorts, playTest } from '../../../rule-tests/play-test.ts';
import { leaveOut } from '../../../rule-tests/proposal/leave-out.ts';
import {
  blankProposalText,
  type Proposal,
  type ProposedDocument,
  proposalText,
} from '../../../rule-tests/proposal/proposal-text.ts';
import { readTestFile } from '../../../rule-tests/read-test-file.ts';
import { openEmbedded } from '../../../rule-tests/test-backend.ts';
import type { Rule } from '../../../rules/rule.ts';
import type { Search } from '../../../search/search.ts';
import { takeDocuments } from './take-documents.ts';

/** What a test is proposed from. */
export interface Proposing {
  readonly rule: Rule;
  /** All rules of its file: a test of the file plays them too. */
  readonly rules: readonly Rule[];
  /** What the rule would have done in `range`, by a dry run over `search`. */
  readonly story: RuleStory;
  readonly range: TimeRange;
  readonly search: Search;
  readonly delivery: TestDelivery | undefined;
  /** The test file to be. */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** A test file's text; `fires`: it holds an episode, else it shows how the rule stays quiet. */
export interface ProposedTest {
  readonly text: string;
  readonly fires: boolean;
  readonly resolves: boolean;
  readonly documents: number;
}

/** Documents that are taken at first, and tries to do with fewer of them. */
const MOST_DOCUMENTS = 2_000;
const TRIES = 40;
/** Documents of a test in which the rule stays quiet: those that match its query, and else those that it leaves out. */
const MOST_QUIET = 20;
const LEFT_OUT = 5;
/** Episodes that are tried, the shortest first. */
const MOST_EPISODES = 3;
/** How much of the time before an episode is taken, each after the one before did not do: types that compare look far back. */
const LOOK_BACK = [1, 6, 30] as const;
const MOST_LOOK_BACK = 8 * DAY;

/**
 * Proposes a test of a rule: the shortest episode of a dry run, played over few of its documents in memory; where none fires, that the rule stays
 * quiet over the busiest of its windows. What it expects is what was seen when it was played.
 */
export async function proposeTest(proposing: Proposing): Promise<ProposedTest> {
  for (const episode of episodesOf(proposing.story).slice(0, MOST_EPISODES)) {
    const proposed = await fromEpisode(episode, proposing);
    if (proposed !== undefined) return proposed;
  }
  return quiet(proposing);
}

interface Episode {
  readonly fired: StatusChange;
  readonly resolved: StatusChange | undefined;
  readonly began: Instant;
}

/** Those that end in the range first, the shorter ones before the longer. */
function episodesOf({ transitions }: RuleStory): readonly Episode[] {
  const same = (a: StatusChange, b: StatusChange) => JSON.stringify(a.group) === JSON.stringify(b.group);
  const episodes = transitions.flatMap((fired, index): readonly Episode[] => {
    if (fired.to !== 'firing' || fired.from === 'recovering' || fired.from === 'firing') return [];
    const resolved = transitions
      .slice(index)
      .find((later) => later.to === 'inactive' && later.at >= fired.at && same(fired, later));
    const pending = transitions.slice(0, index).findLast((earlier) => earlier.to === 'pending' && same(fired, earlier));
    return [{ fired, resolved, began: pending?.at ?? fired.at }];
  });
  const length = ({ fired, resolved }: Episode) => (resolved === undefined ? Number.POSITIVE_INFINITY : resolved.at - fired.at);
  return episodes.sort((a, b) => (length(a) === length(b) ? a.began - b.began : length(a) - length(b)));
}

async function fromEpisode(episode: Episode, proposing: Proposing): Promise<ProposedTest | undefined> {
  const { rule, search, signal } = proposing;
  const { fired, resolved, began } = episode;
  const until = (resolved?.at ?? fired.at) + rule.delay + HOUR / 60;
  for (const times of LOOK_BACK) {
    const from = began - Math.min(MOST_LOOK_BACK, times * (rule.window + rule.delay + 2 * MINUTE));
    for (const group of Object.keys(fired.group).length === 0 ? [undefined] : [fired.group, undefined]) {
      const documents = await takeDocuments(search, { rule, window: { from, to: until }, group, most: MOST_DOCUMENTS }, signal);
      const proposal: Proposal = {
        name: resolved === undefined ? 'fires' : 'fires, and resolves when the problem ends',
        remarks: remarksOf(rule, { from, to: until }),
        start: Math.floor(from / MINUTE) * MINUTE,
        documents,
        ...(Object.keys(fired.group).length === 0 ? {} : { group: fired.group }),
      };
      const fits = async (fewer: readonly ProposedDocument[]) =>
        isAsSeen(await changesOf({ ...proposal, documents: fewer }, episode, proposing), episode);
      if (!(await fits(documents))) continue;
      const few = await leaveOut(documents, fits, TRIES);
      return await written({ ...proposal, documents: few }, endOf(episode, rule), proposing, resolved !== undefined);
    }
  }
  return undefined;
}

/** Long enough after an episode that its last message is sent. */
function endOf({ fired, resolved }: Episode, rule: Rule): Instant {
  return (resolved?.at ?? fired.at) + rule.delay + 10 * MINUTE;
}

async function changesOf(proposal: Proposal, episode: Episode, proposing: Proposing) {
  const { timeline } = await playText(blankProposalText(proposal, [endOf(episode, proposing.rule)]), proposing);
  const group = JSON.stringify(episode.fired.group);
  return timeline.flatMap((event) =>
    event.kind === 'transition' && event.rule === proposing.rule.name && JSON.stringify(event.group) === group ? [event] : [],
  );
}

/** Fires, at the level at which it did, and resolves if it did: a minute earlier or later does not matter. */
function isAsSeen(changes: Awaited<ReturnType<typeof changesOf>>, { fired, resolved }: Episode): boolean {
  const first = changes.find(({ to }) => to === 'firing');
  if (first === undefined || first.severity !== fired.severity) return false;
  return resolved === undefined || changes.some(({ to, tick }) => to === 'inactive' && tick >= first.tick);
}

/** Checks where something changes or is notified: after each change of the rule's alerts, and after each message. */
async function written(proposal: Proposal, end: Instant, proposing: Proposing, resolves: boolean): Promise<ProposedTest> {
  const first = await playText(blankProposalText(proposal, [end]), proposing);
  const group = proposal.group === undefined ? undefined : JSON.stringify(proposal.group);
  const moments = first.timeline.flatMap((event) => {
    if (event.kind === 'notification') return [event.at];
    const isOwn = event.kind === 'transition' && event.rule === proposing.rule.name && event.to !== 'recovering';
    return isOwn && (group === undefined || JSON.stringify(event.group) === group) ? [event.at] : [];
  });
  const times = [...new Set(moments)].sort((a, b) => a - b).slice(0, 8);
  const { observations } = await playText(blankProposalText(proposal, times), proposing);
  return { text: proposalText(proposal, observations), fires: true, resolves, documents: proposal.documents.length };
}

async function quiet(proposing: Proposing): Promise<ProposedTest> {
  const { rule, range, search, signal } = proposing;
  const taken = await takeDocuments(search, { rule, window: range, most: MOST_DOCUMENTS }, signal);
  // Where its query finds nothing, what it leaves out is the nearest.
  const others: Rule = { ...rule, filter: { match_all: {} } };
  const leftOut = taken.length > 0 ? [] : await takeDocuments(search, { rule: others, window: range, most: LEFT_OUT }, signal);
  const documents = [...busiest(taken, rule.window).slice(0, MOST_QUIET), ...busiest(leftOut, rule.window)];
  const from = documents[0]?.at ?? range.to - rule.window;
  const end = (documents.at(-1)?.at ?? range.to) + rule.delay + 2 * MINUTE;
  const start = Math.floor(from / MINUTE) * MINUTE - MINUTE;
  const how =
    'To make it fire, add documents (`repeat`, `for_each`) or change their values until `tocsin test` shows that it does.';
  const remarks = [
    ...remarksOf(rule, { from: range.from, to: range.to }),
    `The rule did not fire in that time${leftOut.length > 0 ? ', and its query leaves these documents out' : ''}.`,
    how,
  ];
  const proposal: Proposal = { name: 'does not fire for ordinary documents', remarks, start, documents };
  const { observations, timeline } = await playText(blankProposalText(proposal, [end]), proposing);
  const fires = timeline.some((event) => event.kind === 'transition' && event.to === 'firing');
  if (fires) {
    throw new TocsinError('test-init/not-as-seen', `${rule.name} fires over some of its documents, but not over all of them`, {
      hint: 'write the test by hand: docs/testing-rules.md; or name another --from',
    });
  }
  return { text: proposalText(proposal, observations), fires, resolves: false, documents: documents.length };
}

/** The documents of the window that holds most of them: the nearest to firing, for most conditions. */
function busiest(documents: readonly ProposedDocument[], window: Duration): readonly ProposedDocument[] {
  let best: readonly ProposedDocument[] = [];
  let begin = 0;
  for (const [index, { at }] of documents.entries()) {
    while ((documents[begin]?.at ?? at) <= at - window) begin++;
    if (index + 1 - begin > best.length) best = documents.slice(begin, index + 1);
  }
  return best;
}

function remarksOf(rule: Rule, { from, to }: TimeRange): readonly string[] {
  return [
    `Generated by \`tocsin test init\` for ${rule.name}, from documents of ${iso(from)} to ${iso(to)}:`,
    'only the fields that the rule uses. The values are real: review them before you commit this file.',
  ];
}

/** Plays a test of the rules in memory. Throws where it cannot be played. */
async function playText(text: string, proposing: Proposing): Promise<Played> {
  const read = readTestFile({ file: proposing.file, text });
  const [test] = read.ok ? read.value.tests : [];
  if (test === undefined) throw unplayable(read.problems.map(formatProblem).join('; '));
  const folder = dirname(proposing.file);
  const ports: PlayPorts = {
    open: openEmbedded,
    ...(proposing.delivery === undefined ? {} : { delivery: proposing.delivery }),
    signal: proposing.signal,
    within: [await realpath(folder).catch(() => resolve(folder))],
    budget: openBudget(),
  };
  const result = await playTest(test, proposing.rules, ports);
  if (!result.ok) throw unplayable(result.problems.map(formatProblem).join('; '));
  const [failed] = result.played.failed;
  if (failed !== undefined) throw unplayable(failed.problem);
  return result.played;
}

function unplayable(why: string): TocsinError {
  return new TocsinError('test-init/unplayable', `a test of this rule cannot run in memory: ${why}`, {
    hint: 'write it by hand, and run it with `tocsin test --elasticsearch URL`',
  });
}
