import type { RuleStates } from '../evaluation/rule-states.ts';
import type { Acknowledgements } from '../notify/acknowledgements.ts';
import type { AlertGroups } from '../notify/alert-groups.ts';
import type { History } from '../notify/history.ts';
import type { Silences } from '../notify/silences.ts';
import type { ReceivedAlerts } from '../received/received-alerts.ts';
import type { FieldUnits } from '../search/field-units.ts';
import type { RangeSearch } from '../search/range/range-query.ts';
import type { Search } from '../search/search.ts';
import type { Leases } from './leases.ts';
import type { SignInStore } from './sign-in-store.ts';

/** Everything a backend offers: the documents of the stack, and Tocsin's own. Elasticsearch and the embedded one are both this. */
export interface Backend {
  readonly search: Search;
  /** One question over many windows. */
  readonly ranges?: RangeSearch;
  /** The units that mappings name. */
  readonly fieldUnits?: FieldUnits;
  readonly ruleStates: RuleStates;
  readonly alertGroups: AlertGroups;
  readonly silences: Silences;
  readonly acknowledgements: Acknowledgements;
  /** Alerts that other systems have sent. */
  readonly received: ReceivedAlerts;
  readonly history: History;
  readonly leases: Leases;
  readonly signIns: SignInStore;
}
