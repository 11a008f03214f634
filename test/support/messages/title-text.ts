import type { Title } from '../../../src/messages/message.ts';

/**
 * A title in the notation of tests, from its parts alone: `[FIRING] boom: a`, `[FIRING:2, still] boom`, `[EVENTS:3] login`. What people read
 * is held by `test/golden`, so that other words for it change no test that is about something else.
 */
export function titleText({ marks, text }: Title): string {
  const alone = marks.length === 1 && marks[0]?.count === 1;
  const notes = marks.map(({ status, count, remarks = [] }) => {
    const name = `${(status === 'moved' ? 'handed over' : status.replaceAll('_', ' ')).toUpperCase()}${status === 'event' && count > 1 ? 'S' : ''}`;
    const shown = status === 'event' ? count > 1 : !alone;
    return `${name}${shown ? `:${count}` : ''}${remarks.length > 0 ? `, ${remarks.join(' ')}` : ''}`;
  });
  return marks.length === 0 ? text : `[${notes.join(', ')}] ${text}`;
}
