import { clockScenarios } from './clocks.ts';
import { elasticsearchScenarios } from './elasticsearch.ts';
import { fileScenarios } from './files.ts';
import { killScenarios } from './kills.ts';
import { receiverScenarios } from './receivers.ts';
import { replicaScenarios } from './replicas.ts';
import type { Scenario } from './scenario.ts';
import { stateScenarios } from './state.ts';
import { telemetryScenarios } from './telemetry.ts';

/** Every scenario, in the order of the table. */
export const scenarios: readonly Scenario[] = [
  ...killScenarios,
  ...elasticsearchScenarios,
  ...stateScenarios,
  ...receiverScenarios,
  ...clockScenarios,
  ...fileScenarios,
  ...replicaScenarios,
  ...telemetryScenarios,
];
