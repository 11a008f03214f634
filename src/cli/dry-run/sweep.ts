import { storyUntil } from '../../backtest/story-until.ts';
import { sweepCurve } from '../../backtest/sweep-curve.ts';
import { conditionWith, readSweep, type SweepSpec, type SweepValue, valueIn } from '../../backtest/sweep-spec.ts';
import { TocsinError } from '../../core/errors.ts';
import { isObject } from '../../core/json.ts';
import type { Play } from '../../replay/play.ts';
import type { SweepReport } from '../../reports/dry-run/sweep.ts';
import type { Rule } from '../../rules/rule.ts';
import type { VariantSource } from '../../rules/rule-variants.ts';
import { playTogether } from './play-together.ts';

/** A rule with each value of a sweep in it. */
export interface SweptRule {
  readonly spec: SweepSpec;
  readonly rule: Rule;
  /** In the order of the values. */
  readonly variants: readonly Rule[];
  /** The value that the rule has as it is; undefined where it is written in another way. */
  readonly current: number | undefined;
}

/** Reads the words of `--sweep`. Throws TocsinError for an invalid sweep. */
export function sweepOf(words: readonly string[]): SweepSpec {
  const read = readSweep(words);
  if (read.ok) return read.spec;
  throw new TocsinError('cli/sweep', read.complaint.message, { hint: read.complaint.hint });
}

/** Puts each value of a sweep into a rule. Throws TocsinError where the rule has no place for it, or would have an error with it. */
export function sweptRule(spec: SweepSpec, rule: Rule, source: VariantSource): SweptRule {
  const variants = spec.values.map((value) => {
    const { rule: variant, problems } = source.variant(keysWith(spec, value, source.keys));
    if (variant !== undefined) return withoutEvidence(variant);
    const error = problems.find(({ severity }) => severity === 'error');
    throw new TocsinError(
      'cli/sweep',
      `with ${spec.name}=${value.text}, ${error?.path ?? 'the rule'}: ${error?.message ?? 'is invalid'}`,
      {
        hint: error?.hint ?? 'correct the condition',
      },
    );
  });
  return { spec, rule: withoutEvidence(rule), variants, current: currentOf(spec, rule) };
}

/** Plays a rule as it is and with each value side by side, and makes the curve of what each did. */
export async function playSweep(swept: SweptRule, common: Omit<Play, 'rules' | 'failures'>): Promise<Omit<SweepReport, 'asked'>> {
  const rules = [swept.rule, ...swept.variants];
  const { reports, questions } = await playTogether(
    rules.map((rule) => ({ rules: [rule], failures: [] })),
    common,
  );
  const to = reports.reduce((least, report) => Math.min(least, report.to), common.range.to);
  const [story, ...stories] = reports.flatMap((report) => report.rules.map((one) => storyUntil(one, to)));
  if (story === undefined) throw new Error('a rule was played and has no story');
  const range = { from: common.range.from, to };
  const stopped = reports.find((report) => report.stopped !== undefined)?.stopped;
  return {
    rule: swept.rule.name,
    spec: swept.spec,
    ...range,
    warmUp: common.warmUp,
    ...sweepCurve(swept.spec.values, stories, { story, number: swept.current }, range),
    questions,
    ...(stopped !== undefined && { stopped }),
  };
}

/** What an alert is notified with is nothing that a curve shows, and the only thing that would be asked value by value. */
function withoutEvidence(rule: Rule): Rule {
  return { ...rule, evidence: { ...rule.evidence, samples: 0, top: [], logs: false } };
}

function keysWith(spec: SweepSpec, value: SweepValue, keys: VariantSource['keys']): Readonly<Record<string, unknown>> {
  if (spec.unit === 'duration') return { [spec.name]: value.text };
  const text = value.number < 0 ? `(${value.text})` : value.text;
  const levels = Array.isArray(keys['levels']) ? keys['levels'].filter(isObject) : undefined;
  const changed: Record<string, unknown> = {};
  for (const condition of spec.conditions) {
    const written = conditionWith(condition.text, spec.name, text);
    if (condition.of === 'recover' || (condition.of === undefined && levels === undefined)) {
      changed[condition.of ?? 'condition'] = written;
      continue;
    }
    const known = levels?.map((level) => String(level['severity'])) ?? [];
    if (condition.of === undefined || !known.includes(condition.of)) throw noLevel(condition.of, known);
    const before: unknown = changed['levels'] ?? levels;
    changed['levels'] = (Array.isArray(before) ? before.filter(isObject) : []).map((level) =>
      level['severity'] === condition.of ? { ...level, condition: written } : level,
    );
  }
  return changed;
}

function noLevel(of: string | undefined, known: readonly string[]): TocsinError {
  const hint =
    known.length === 0
      ? "the rule has one condition: --sweep 'count >= N' N=1..50"
      : `name the level of the condition: --sweep '${known[0]}: used > N' N=80..99; the rule has ${known.join(', ')}`;
  return new TocsinError('cli/sweep', of === undefined ? 'the rule has several levels' : `the rule has no level ${of}`, { hint });
}

function currentOf(spec: SweepSpec, { levels, recover, lifecycle, leveled }: Rule): number | undefined {
  if (spec.unit === 'duration') {
    const times: Readonly<Record<string, unknown>> = {
      for: lifecycle.for,
      keep_firing_for: lifecycle.keepFiringFor,
      no_data_after: lifecycle.noDataAfter,
      settle: lifecycle.settle,
    };
    const time = Object.entries(times).find(([key]) => key === spec.name)?.[1];
    return typeof time === 'number' ? time : undefined;
  }
  const values = spec.conditions.map(({ of, text }) => {
    const level = leveled ? levels.find(({ severity }) => severity === of) : levels[0];
    const condition = of === 'recover' ? recover : level?.condition;
    return condition === undefined ? undefined : valueIn(condition.text, text, spec.name);
  });
  const [first] = values;
  return values.every((value) => value === first) ? first : undefined;
}
