import type { RuleId } from '../../core/ids.ts';
import type { Play, PlayedRules } from '../../replay/play.ts';
import type { Rule } from '../../rules/rule.ts';
import { sandboxMaterial } from '../../sandbox/material.ts';
import { type PackedSandbox, packSandbox } from '../../sandbox/pack.ts';
import { recordAnswers } from '../../sandbox/record-answers.ts';

/** Most rules whose answers are kept side by side: they share the room. */
const MOST_SANDBOXES = 10;

/** Keeps the answers of rules that are played together. */
export interface SandboxBook {
  /** Wraps the search that the turns ask. */
  readonly around: NonNullable<Play['around']>;
  /** The sandbox of each rule, when all were played. */
  materials(played: PlayedRules, common: Pick<Play, 'settings' | 'warmUp'>): ReadonlyMap<RuleId, PackedSandbox>;
}

/** Starts a book of some rules; undefined where there are too many of them. */
export function sandboxBook(rules: readonly Rule[]): SandboxBook | undefined {
  if (rules.length > MOST_SANDBOXES) return undefined;
  const recorders = rules.map((rule) => ({ rule, recorder: recordAnswers(rule, rules.length) }));
  return {
    around: (search, now) => recorders.reduce((inner, { recorder }) => recorder.over(inner, now), search),
    materials: ({ rules: stories, from, to }, { settings, warmUp }) =>
      new Map(
        recorders.flatMap(({ rule, recorder }) => {
          const story = stories.find(({ id }) => id === rule.id);
          if (story === undefined) return [];
          const material = sandboxMaterial({ rule, story, range: { from, to }, warmUp, settings }, recorder);
          return [[rule.id, packSandbox(material)] as const];
        }),
      ),
  };
}
