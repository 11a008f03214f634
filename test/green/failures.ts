import type { Failure } from './failure.ts';
import { PROCESS_FAILURES } from './process-failures.ts';
import { RECEIVER_FAILURES } from './receiver-failures.ts';
import { RULE_FAILURES } from './rule-failures.ts';
import { STORE_FAILURES } from './store-failures.ts';

/** Every problem of the table, in its order. */
export const FAILURES: readonly Failure[] = [...STORE_FAILURES, ...RULE_FAILURES, ...RECEIVER_FAILURES, ...PROCESS_FAILURES];
