export type {
  ConversationDocument,
  Facts,
  HeldEntry,
  Leaving,
  Remainder,
  Repeated,
  Retry,
  Sending,
  ToldAlert,
} from '../state/conversation-document.ts';
