import { clockTimeScenarios } from './clock-times.ts';
import { clockScenarios } from './clocks.ts';
import { elasticsearchScenarios } from './elasticsearch.ts';
import { escalationScenarios } from './escalation.ts';
import { fileScenarios } from './files.ts';
import { killScenarios } from './kills.ts';
import { receiverScenarios } from './receivers.ts';
import { renameScenarios } from './renames.ts';
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
  ...escalationScenarios,
  ...clockTimeScenarios,
  ...renameScenarios,
  ...clockScenarios,
  ...fileScenarios,
  ...replicaScenarios,
  ...telemetryScenarios,
];
