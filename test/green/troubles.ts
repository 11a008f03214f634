import { PROCESS_TROUBLES } from './process-troubles.ts';
import { RECEIVER_TROUBLES } from './receiver-troubles.ts';
import { RULE_TROUBLES } from './rule-troubles.ts';
import { STORE_TROUBLES } from './store-troubles.ts';
import type { Trouble } from './trouble.ts';

/** Every trouble of the table, in its order. */
export const TROUBLES: readonly Trouble[] = [...STORE_TROUBLES, ...RULE_TROUBLES, ...RECEIVER_TROUBLES, ...PROCESS_TROUBLES];
