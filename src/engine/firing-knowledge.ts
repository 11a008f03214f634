import type { RuleId } from '../core/ids.ts';
import type { Version } from '../core/stored.ts';
import type { Instant } from '../core/time.ts';
import type { RuleDocument } from '../evaluation/rule-states.ts';
import { createInhibitor, type Inhibitor } from '../notify/inhibition.ts';
import type { InhibitRule } from '../routing/route.ts';

/** What this process knows to fire, here and on other replicas, as far as inhibit rules ask for it. */
export interface WhatFires {
  readonly inhibitor: Inhibitor;
  /** The versions of the stored documents that were read. */
  readonly versions: Map<RuleId, Version>;
  /** The documents that were evaluated here, and when: a search may not find them yet. */
  readonly here: Map<RuleId, { readonly document: RuleDocument; readonly at: Instant }>;
  /** When what fires was last read as a whole; undefined: not yet. */
  readAt: Instant | undefined;
  /** The read that is under way: turns overlap. */
  reading: Promise<string | undefined> | undefined;
}

/** Makes the knowledge of a process that has read nothing yet. */
export function newWhatFires(rules: readonly InhibitRule[]): WhatFires {
  return { inhibitor: createInhibitor(rules), versions: new Map(), here: new Map(), readAt: undefined, reading: undefined };
}
