import { describe, expect, it } from 'vitest';
import { readRecordedMessage } from '../../../src/engine/history/read-records.ts';

const record = (title: unknown) => ({
  '@timestamp': '2026-01-01T12:00:00.000Z',
  message: '[FIRING:2] boom',
  tocsin: { receiver: 'team', outcome: 'delivered', ...(title !== undefined && { title }) },
});

describe('the title of a recorded message', () => {
  it('is read by its parts', () => {
    const read = readRecordedMessage(record({ text: 'boom', status: ['2 firing'] }));
    expect(read).toMatchObject({ title: '[FIRING:2] boom', parts: { text: 'boom', status: ['2 firing'] } });
  });

  it.each([
    ['was recorded before there were parts', undefined],
    ['is another thing', 7],
    ['has no text', { status: ['firing'] }],
    ['has an empty text', { text: '', status: [] }],
  ])('is the whole line where it %s', (_what, title) => {
    const read = readRecordedMessage(record(title));
    expect(read?.title).toBe('[FIRING:2] boom');
    expect(read).not.toHaveProperty('parts');
  });

  it('has no status where that is not a list', () => {
    expect(readRecordedMessage(record({ text: 'boom', status: 'firing' }))?.parts).toEqual({ text: 'boom', status: [] });
  });
});
