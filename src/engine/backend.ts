import type { RuleStates } from '../cycle/rule-states.ts';
import type { Conversations } from '../notifications/conversations.ts';
import type { Projections } from '../notifications/projections.ts';
import type { Silences } from '../notifications/silences.ts';
import type { Search } from '../search/search.ts';
import type { Leases } from './leases.ts';

/** Everything a backend offers: the documents of the stack, and Tocsin's own. Elasticsearch and the embedded one are both this. */
export interface Backend {
  readonly search: Search;
  readonly ruleStates: RuleStates;
  readonly conversations: Conversations;
  readonly silences: Silences;
  readonly projections: Projections;
  readonly leases: Leases;
}
