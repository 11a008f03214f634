export type {
  ConversationDocument,
  Facts,
  HeldEntry,
  Leaving,
  Remainder,
  Retry,
  Sending,
  ToldAlert,
} from '../state/conversation-document.ts';
