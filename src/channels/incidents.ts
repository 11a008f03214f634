import type { Message } from '../messages/message.ts';

/** What a message does to the incident that a destination keeps under its `dedupKey`; what moved is another destination's from now on. */
export function incidentStep({ status }: Pick<Message, 'status'>): 'open' | 'close' {
  return status === 'firing' || status === 'event' ? 'open' : 'close';
}
