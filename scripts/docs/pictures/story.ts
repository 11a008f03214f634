import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from '../../../src/alerts/finding.ts';
import type { Instant, TimeRange } from '../../../src/core/time.ts';
import { openBudget } from '../../../src/rule-tests/budget.ts';
import { makeDocuments } from '../../../src/rule-tests/make-documents.ts';
import { playTest } from '../../../src/rule-tests/play-test.ts';
import { readTestFile } from '../../../src/rule-tests/read-test-file.ts';
import { openEmbedded } from '../../../src/rule-tests/test-backend.ts';
import type { TimelineEvent } from '../../../src/rule-tests/timeline.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';

/** The folder of the examples: rules with a rule test beside each. */
export const EXAMPLES = fileURLToPath(new URL('../../../docs/examples', import.meta.url));

/** A window that was evaluated: its first value, and whether it was evaluated when its time had passed. */
export interface Bar {
  readonly window: TimeRange;
  readonly value: number | undefined;
  readonly finding: Finding['kind'];
  readonly late: boolean;
}

/** What one rule did: windows, changes of its alert, and those that a second look found. */
export interface TrackStory {
  readonly name: string;
  readonly conditions: readonly string[];
  readonly bars: readonly Bar[];
  readonly status: readonly Band[];
  readonly revisit: readonly Band[];
  readonly gaps: readonly TimeRange[];
}

/** A stretch of time in which an alert had a status, and its severity. */
export interface Band extends TimeRange {
  readonly status: string;
  readonly severity: string;
}

/** A message in one or two words, at the time it was sent. */
export interface Sent {
  readonly at: Instant;
  readonly words: string;
  readonly good: boolean;
}

/** All that a picture shows of an example. */
export interface PictureStory {
  readonly title: string;
  readonly range: TimeRange;
  readonly tracks: readonly TrackStory[];
  readonly documents: readonly { readonly at: Instant; readonly arrivedAt: Instant | undefined }[];
  readonly failures: readonly (TimeRange & { readonly what: string })[];
  readonly sent: readonly Sent[];
}

/** Plays the first test of an example through the engine, and gives what happened. */
export async function storyOf(example: string): Promise<PictureStory> {
  const [rulesText, testText] = await Promise.all([textOf(`${example}.yaml`), textOf(`${example}.test.yaml`)]);
  const { rules, problems } = compileRules([{ file: `${example}.yaml`, text: rulesText }]);
  const read = readTestFile({ file: `${example}.test.yaml`, text: testText });
  if (!read.ok || problems.length > 0) throw new Error(`docs/examples/${example}: ${JSON.stringify(problems)}`);
  const [test] = read.value.tests;
  if (test === undefined) throw new Error(`docs/examples/${example}.test.yaml has no test`);
  const { signal } = new AbortController();
  const result = await playTest(test, rules, { open: openEmbedded, signal, within: [], budget: openBudget() });
  if (!result.ok) throw new Error(`docs/examples/${example}: ${JSON.stringify(result.problems)}`);
  const made = await makeDocuments(test.documents, { timeFields: ['@timestamp'], within: [], budget: openBudget() });
  const { timeline } = result.played;
  const range = { from: test.start, to: test.checks.at(-1)?.at ?? test.start };
  return {
    title: test.name,
    range,
    tracks: rules.map((rule) =>
      trackOf(
        rule.name,
        rule.levels.map(({ condition }) => condition.text),
        timeline,
        range.to,
      ),
    ),
    documents: made.documents.flatMap(({ time, arrivedAt }) => (time === undefined ? [] : [{ at: time, arrivedAt }])),
    failures: timeline.flatMap((event) =>
      event.kind === 'failure' ? [{ from: event.at, to: event.until, what: event.what }] : [],
    ),
    sent: timeline.flatMap((event) => (event.kind === 'notification' ? [sentOf(event)] : [])),
  };
}

function textOf(name: string): Promise<string> {
  return readFile(join(EXAMPLES, name), 'utf8');
}

function trackOf(name: string, conditions: readonly string[], timeline: readonly TimelineEvent[], end: Instant): TrackStory {
  const own = timeline.filter((event) => 'rule' in event && event.rule === name);
  const changes = own.filter((event) => event.kind === 'transition');
  return {
    name,
    conditions,
    bars: own.flatMap((event) => (event.kind === 'window' && event.problem === undefined ? [barOf(event)] : [])),
    status: bandsOf(
      changes.filter(({ late }) => late !== true),
      end,
    ),
    revisit: bandsOf(
      changes.filter(({ late }) => late === true),
      end,
    ),
    gaps: own.flatMap((event) => (event.kind === 'gap' ? [{ from: event.from, to: event.to }] : [])),
  };
}

function barOf(event: TimelineEvent & { readonly kind: 'window' }): Bar {
  const [first] = event.groups;
  const value = Object.values(first?.values ?? {}).find((one) => typeof one === 'number');
  return {
    window: event.window,
    value: typeof value === 'number' ? value : undefined,
    finding: first?.finding.kind ?? 'absent',
    late: event.at > event.tick,
  };
}

function bandsOf(changes: readonly (TimelineEvent & { readonly kind: 'transition' })[], end: Instant): readonly Band[] {
  return changes
    .map(({ tick, to, severity }, index) => ({ from: tick, to: changes[index + 1]?.tick ?? end, status: to, severity }))
    .filter(({ status, from, to }) => status !== 'inactive' && to > from);
}

const WORDS: Readonly<Record<string, string>> = { first: 'firing', more_alerts: 'firing' };

function sentOf({ at, reason, title, late }: TimelineEvent & { readonly kind: 'notification' }): Sent {
  const words = title.startsWith('[ENDED') ? 'fired and resolved' : (WORDS[reason] ?? reason);
  const about = title.includes('Tocsin:') ? 'health: ' : '';
  return {
    at,
    words: `${about}${words}${late === true ? ', evaluated late' : ''}`,
    good: reason === 'resolved' || reason === 'better',
  };
}
