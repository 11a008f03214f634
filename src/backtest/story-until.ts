import type { Instant } from '../core/time.ts';
import type { RuleStory } from './rule-story.ts';

/** A story as it was at an earlier end: what came after it is left out. */
export function storyUntil(story: RuleStory, end: Instant): RuleStory {
  const isBefore = ({ at }: { readonly at: Instant }) => at <= end;
  return {
    ...story,
    transitions: story.transitions.filter(isBefore),
    late: story.late.filter(isBefore),
    levels: story.levels?.filter(isBefore),
    notifications: story.notifications.filter(isBefore),
  };
}
