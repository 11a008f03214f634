export type { ConversationDocument, Facts, HeldEntry, Sending, ToldAlert } from '../state/conversation-document.ts';
