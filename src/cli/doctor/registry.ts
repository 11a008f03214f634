import type { DoctorCheck } from './check.ts';
import { clocksCheck } from './clocks.ts';
import { configurationCheck } from './configuration.ts';
import { dataCheck } from './data.ts';
import { evaluationsCheck } from './evaluations.ts';
import { fieldsCheck } from './fields.ts';
import { heartbeatCheck } from './heartbeat.ts';
import { kibanaCheck } from './kibana.ts';
import { nodesCheck } from './nodes.ts';
import { notificationsCheck } from './notifications.ts';
import { privilegesCheck } from './privileges.ts';
import { receiversCheck } from './receivers.ts';
import { replicasCheck } from './replicas.ts';
import { signInCheck } from './sign-in.ts';
import { slackAppCheck } from './slack-app.ts';
import { stateCheck } from './state.ts';
import { traceLogsCheck } from './trace-logs.ts';
import { waitingCheck } from './waiting-for-data.ts';

/** Every check, in the order of the report. */
export const DOCTOR_CHECKS: readonly DoctorCheck[] = [
  configurationCheck,
  nodesCheck,
  clocksCheck,
  privilegesCheck,
  stateCheck,
  dataCheck,
  fieldsCheck,
  waitingCheck,
  traceLogsCheck,
  receiversCheck,
  replicasCheck,
  evaluationsCheck,
  notificationsCheck,
  kibanaCheck,
  heartbeatCheck,
  slackAppCheck,
  signInCheck,
];
