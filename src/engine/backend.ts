import type { RuleStates } from '../cycle/rule-states.ts';
import type { AlertGroups } from '../notifications/alert-groups.ts';
import type { History } from '../notifications/history.ts';
import type { Silences } from '../notifications/silences.ts';
import type { Search } from '../search/search.ts';
import type { Leases } from './leases.ts';

/** Everything a backend offers: the documents of the stack, and Tocsin's own. Elasticsearch and the embedded one are both this. */
export interface Backend {
  readonly search: Search;
  readonly ruleStates: RuleStates;
  readonly alertGroups: AlertGroups;
  readonly silences: Silences;
  readonly history: History;
  readonly leases: Leases;
}
