export type { Entry, StoredEvidence, StoredLogLine } from '../state/entry.ts';
