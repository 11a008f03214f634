import { hashId } from '../core/ids.ts';
import type { Spec } from './rule-type.ts';

/**
 * What the memory of a rule is about, as a hash: its documents, and what the type looks at in them. A rule that was edited to
 * look at something else must not compare it with what it remembers of the other.
 */
export function subjectOf(spec: Pick<Spec<unknown>, 'source' | 'filter'>, ...looksAt: readonly unknown[]): string {
  return hashId(spec.source.indices, spec.source.timeField, spec.filter, ...looksAt);
}
