import type { RuleStory } from '../../../src/backtest/rule-story.ts';

/** The story of a rule that was evaluated and never fired, and what of it is otherwise. */
export function quietStory(otherwise: Partial<RuleStory> = {}): RuleStory {
  return {
    ...{ id: 'a', name: 'a', paused: false, windows: 10, failed: 0, gaps: [], problems: [] },
    ...{ standing: [], transitions: [], late: [], levels: undefined, flapping: [], notifications: [] },
    ...otherwise,
  };
}
