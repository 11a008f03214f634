import { hashId } from '../core/ids.ts';
import type { Target } from '../routing/route.ts';
import type { ConversationDocument } from './conversation.ts';

/** Identity of a conversation: namespace, destination, route and group labels. */
export function conversationId(namespace: string, target: Pick<Target, 'destination' | 'route' | 'group_labels'>): string {
  return hashId('conversation', namespace, target.destination, target.route, target.group_labels);
}

/** The document of a conversation in which nothing was said yet. */
export function newConversation(target: Target): ConversationDocument {
  return {
    v: 1,
    receiver: target.receiver,
    destination: target.destination,
    route: target.route,
    group_labels: target.group_labels,
    taken: {},
    alerts: {},
    untold: [],
    refused: [],
    sending: null,
    told_at: null,
    due: null,
    receipt: null,
    incident: null,
    dead: null,
  };
}
