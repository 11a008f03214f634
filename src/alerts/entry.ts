export type { Entry, StoredEvidence, StoredLogLine, ValueChange } from '../state/entry.ts';
