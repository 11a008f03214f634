import { andMore } from '../messages/labels.ts';
import type { Message } from '../messages/message.ts';
import { firstLine, leadSentence } from '../messages/sentence.ts';
import { forPeople, onlyAlert } from '../messages/summary.ts';
import { written } from '../messages/when.ts';
import { boundedMessage } from './bounded.ts';
import { clip } from './clean-text.ts';

/** A message in a few characters: the title, why it was sent, how many more there are, and the first link, if all of that fits. */
export function shortText(message: Message, most: number): string {
  const bounded = forPeople(boundedMessage(message));
  const text = [firstLine(bounded), written(leadSentence(bounded), bounded)].join('\n');
  const others = bounded.more > 0 ? `\n${andMore(bounded.more)}` : '';
  const [link] = onlyAlert(bounded)?.links ?? bounded.links;
  const room = most - others.length;
  const body = clip(text, room);
  const withLink = link === undefined ? body : `${body}\n${link.url}`;
  return `${withLink.length <= room ? withLink : body}${others}`;
}
