import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNotifiable } from '../../../src/alerts/alert-state.ts';
import type { FlappingRule } from '../../../src/alerts/flapping.ts';
import { applyWindow } from '../../../src/evaluation/apply-window.ts';
import type { Change } from '../../../src/evaluation/outbox/outbox-entry.ts';
import { newRuleDocument } from '../../../src/evaluation/rule-document.ts';
import type { OutboxEntry, RuleDocument } from '../../../src/evaluation/rule-states.ts';
import type { Target } from '../../../src/routing/route.ts';
import type { Rule } from '../../../src/rules/rule.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';
import { runs } from '../../support/thorough.ts';

const GROUPS = ['a', 'b'] as const;
const SEVERITIES = ['critical', 'warning'];
/** What a group counts at a tick; null: nothing is known. */
type Count = number | null;
/** One tick: the counts of the groups, or a tick that was never evaluated. */
type Tick = readonly [Count, Count] | 'gap';

const flappingRule: fc.Arbitrary<FlappingRule> = fc.record({
  episodes: fc.integer({ min: 2, max: 4 }),
  within: fc.integer({ min: 3, max: 30 }).map((minutes) => minutes * MINUTE),
  steady: fc.integer({ min: 1, max: 10 }).map((minutes) => minutes * MINUTE),
});
const count: fc.Arbitrary<Count> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 0, 1, 2, 6, 9) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const ticks: fc.Arbitrary<readonly Tick[]> = fc.array(
  fc.oneof({ weight: 15, arbitrary: fc.tuple(count, count) }, { weight: 1, arbitrary: fc.constant('gap' as const) }),
  { minLength: 20, maxLength: 80, size: 'max' },
);
const lifecycle = fc.record({
  for: fc.constantFrom(0, 0, 0, MINUTE),
  keepFiringFor: fc.constantFrom(0, 0, MINUTE, 3 * MINUTE),
});
type Lifecycle = { readonly for: number; readonly keepFiringFor: number };

function rule(flapping: FlappingRule | undefined, lived: Lifecycle): Rule {
  return testRule({
    name: 'boom',
    groupBy: ['host'],
    levels: [
      { severity: 'critical', condition: 'count >= 8' },
      { severity: 'warning', condition: 'count >= 5' },
    ],
    recover: 'count < 2',
    lifecycle: lived,
    ...(flapping !== undefined && { flapping }),
  });
}

const target = (name: string): Target => ({ receiver: name, destination: name, route: '{}', group_labels: {} });

/** Critical alerts go to the pager, the others to the team. */
const route = ({ severity }: Readonly<Record<string, string>>) => [target(severity === 'critical' ? 'pager' : 'team')];

const always = (one: Rule) => () => one;

/** What one tick gave. */
interface Evaluated {
  readonly at: number;
  readonly entries: readonly OutboxEntry[];
  readonly changes: readonly Change[];
  readonly document: RuleDocument;
}

/** Folds ticks into a document, each under the rule of its time; what is outstanding is enqueued at once. */
function fold(
  given: readonly Tick[],
  ruleAt: (index: number) => Rule,
  begun?: { readonly document: RuleDocument; readonly from: number },
) {
  const first = ruleAt(0);
  let document = begun?.document ?? newRuleDocument(first, { at: NOON, now: NOON, every: MINUTE }, 1);
  const evaluated: Evaluated[] = [];
  for (const [index, tick] of given.entries()) {
    if (tick === 'gap' || index < (begun?.from ?? 0)) continue;
    const at = NOON + index * MINUTE;
    const readings = GROUPS.map((host, position) => ({
      group: { host },
      present: true,
      values: { count: tick[position] ?? null },
    }));
    const dueWindow = {
      at,
      window: { from: at - MINUTE, to: at },
      previous: document.evaluated_through,
      purpose: 'live',
    } as const;
    const context = { namespace: 'default', absence: 'absent', every: MINUTE, route } as const;
    const measured = { kind: 'groups', readings, memory: null } as const;
    const applied = applyWindow(ruleAt(index), document, { dueWindow, measured }, context);
    document = { ...applied.document, outbox: [], hasOutbox: false };
    evaluated.push({ at, entries: applied.document.outbox, changes: applied.changes, document });
  }
  return evaluated;
}

/** Quiet for long enough that everything is over and steady. */
const QUIET: readonly Tick[] = Array.from({ length: 40 }, (): Tick => [0, 0]);

/** What one group's receivers are notified by the words of the documentation, from the transitions alone. */
function model(evaluated: readonly Evaluated[], host: string, flapping: FlappingRule): readonly string[] {
  const notified: string[] = [];
  const begins: number[] = [];
  let flaps: { worst: string; changed: number; firing: boolean } | undefined;
  let before: number | undefined;
  for (const { at, changes, document } of evaluated) {
    // A stretch of more than two minutes that nobody looked at counts as one towards steadiness.
    if (flaps !== undefined && before !== undefined && at - before > 2 * MINUTE) flaps.changed += at - before - MINUTE;
    before = at;
    for (const { transition, severity } of changes.filter(
      ({ group, transition: t }) => group['host'] === host && isNotifiable(t),
    )) {
      const { kind } = transition;
      if (kind === 'firing') begins.push(at);
      const recent = begins.filter((begin) => begin > at - flapping.within).length;
      if (flaps === undefined) {
        notified.push(`${at} ${kind} ${severity}`);
        if (kind === 'firing' && recent >= flapping.episodes) flaps = { worst: severity, changed: at, firing: true };
        continue;
      }
      if (kind === 'firing' || kind === 'resolved') Object.assign(flaps, { changed: at, firing: kind === 'firing' });
      if (kind !== 'resolved' && kind !== 'better' && SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(flaps.worst)) {
        flaps.worst = severity;
        notified.push(`${at} worse ${severity}`);
      }
    }
    if (flaps === undefined || at - flaps.changed < flapping.steady) continue;
    const living = Object.values(document.alerts).find(({ group }) => group['host'] === host);
    if (flaps.firing && living?.status === 'recovering') continue;
    notified.push(flaps.firing ? `${at} steady ${living?.level}` : `${at} resolved ${flaps.worst}`);
    flaps = undefined;
  }
  return notified;
}

/** What receivers know, checked at each entry: nothing begins twice, and what ends is what was notified. */
function receivers() {
  const known = new Map<string, string>();
  return {
    known,
    hear({ alert, episode, kind, to }: OutboxEntry) {
      for (const { destination } of to) {
        const key = `${destination} ${alert}`;
        const before = known.get(key);
        if (kind === 'resolved' || kind === 'moved') {
          expect(before, `${kind} of what ${destination} knows`).toBe(episode);
          known.delete(key);
        } else {
          if (kind === 'firing') expect(before, `${destination} knows it as firing already`).toBeUndefined();
          else if (before !== undefined) expect(before, `${kind} of another episode`).toBe(episode);
          known.set(key, episode);
        }
      }
    },
  };
}

describe('flapping', () => {
  it('tells what the model tells, and changes no transition', () => {
    fc.assert(
      fc.property(ticks, flappingRule, lifecycle, (given, flapping, lived) => {
        const all = [...given, ...QUIET];
        const evaluated = fold(all, always(rule(flapping, lived)));
        const plain = fold(all, always(rule(undefined, lived)));
        const changes = (list: readonly Evaluated[]) =>
          list.map((one) => one.changes.map(({ quiet: _quiet, ...change }) => change));
        expect(changes(evaluated)).toEqual(changes(plain));
        for (const host of GROUPS) {
          const notified = evaluated.flatMap(({ entries }) =>
            entries
              .filter(({ group, kind }) => group['host'] === host && kind !== 'moved')
              .map(({ at, kind, level }) => `${at} ${kind} ${level}`),
          );
          expect(notified).toEqual(model(evaluated, host, flapping));
        }
      }),
      { numRuns: runs(150) },
    );
  });

  it('gives each alert that was notified one end, to whom knows it, whatever becomes of the rule’s words meanwhile', () => {
    const words = fc.array(fc.tuple(fc.integer({ min: 1, max: 80 }), fc.option(flappingRule, { nil: undefined })), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(ticks, words, lifecycle, (given, changed, lived) => {
        const sorted = [...changed].sort(([a], [b]) => a - b);
        const rules = new Map(sorted.map(([from, flapping]) => [from, rule(flapping, lived)]));
        const first = rule({ episodes: 2, within: 20 * MINUTE, steady: 5 * MINUTE }, lived);
        const ruleAt = (index: number) => [...rules].findLast(([from]) => from <= index)?.[1] ?? first;
        const notified = receivers();
        for (const { entries } of fold([...given, ...QUIET], ruleAt)) for (const entry of entries) notified.hear(entry);
        expect([...notified.known], 'notified and never ended').toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });

  it('tells the same when it starts over from any document that was stored', () => {
    fc.assert(
      fc.property(ticks, flappingRule, lifecycle, fc.nat(), (given, flapping, lived, cut) => {
        const all = [...given, ...QUIET];
        const evaluated = fold(all, always(rule(flapping, lived)));
        const index = cut % evaluated.length;
        const stored = evaluated[index];
        if (stored === undefined) return;
        const document = JSON.parse(JSON.stringify(stored.document)) as RuleDocument;
        const from = (stored.at - NOON) / MINUTE + 1;
        const again = fold(all, always(rule(flapping, lived)), { document, from });
        expect(again).toEqual(evaluated.slice(index + 1));
      }),
      { numRuns: runs(100) },
    );
  });

  it('remembers of each alert no more begins than make it flap, and nothing once all is old', () => {
    fc.assert(
      fc.property(ticks, flappingRule, lifecycle, (given, flapping, lived) => {
        const evaluated = fold([...given, ...QUIET], always(rule(flapping, lived)));
        for (const { document } of evaluated)
          for (const { begins } of Object.values(document.past ?? {}))
            expect(begins.length).toBeLessThanOrEqual(flapping.episodes);
        expect(evaluated.at(-1)?.document.past).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });
});
