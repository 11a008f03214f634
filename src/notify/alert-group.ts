export type {
  AlertGroupDocument,
  Escalation,
  Facts,
  InflightMessage,
  Leaving,
  NotifiedAlert,
  QueuedEntry,
  Remainder,
  Retry,
} from '../state/alert-group-document.ts';
