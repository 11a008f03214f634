import { describe, expect, it, test } from 'vitest';
import { actionOfId, buttonRow, episodesOfValue } from '../../../src/channels/slack/buttons.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { secret } from '../../../src/core/secret.ts';
import { hasLine, messageWithLine } from '../../../src/slack-app/pressed.ts';
import { BOT_TOKEN } from '../../support/slack-server.ts';
import { sampleMessage } from '../channels/samples.ts';

describe('the buttons of a message', () => {
  const alert = sampleMessage().alerts[0];
  const many = (count: number) =>
    sampleMessage({
      alerts: Array.from({ length: count }, (_, at) => ({
        ...alert,
        id: `${at}`.padStart(32, 'a'),
        episode: 'f'.repeat(32),
        status: 'firing',
      })) as never,
    });

  it('name the firing alerts within the limits of Slack', () => {
    const [row] = buttonRow(many(20));
    if (row?.type !== 'actions') throw new Error('no row');
    const [button] = row.elements;
    expect(row.elements).toHaveLength(5);
    expect(button?.value.length).toBeLessThanOrEqual(2_000);
    expect(episodesOfValue(button?.value ?? '')).toHaveLength(20);
    expect(row.block_id.length).toBeLessThanOrEqual(255);
  });

  it('are none where nothing fires, and none without slack_app', () => {
    expect(buttonRow(sampleMessage({ alerts: [{ ...alert, status: 'resolved' }] as never }))).toEqual([]);
    const options = slackChannel.read({ bot_token: secret(BOT_TOKEN), channel: 'C1' });
    expect(slackChannel.render(many(2), undefined, options)['buttons']).toBeUndefined();
    const app = options.app && { ...options.app, buttons: true as const };
    expect(slackChannel.render(many(2), undefined, { ...options, ...(app && { app }) })['buttons']).toHaveLength(1);
  });

  test.each(['', '1', '2 a.b', '1 a', '1 a.b.c', '1 a.b ', '1  a.b', '1 ä.b', '1 a.123456789', `1 ${'a'.repeat(65)}.b`])(
    'are not read from %j',
    (value) => {
      expect(episodesOfValue(value)).toBeUndefined();
    },
  );

  test.each(['tocsin.', 'tocsin.constructor', 'acknowledge', 'tocsin.Acknowledge'])('have no action %s', (id) => {
    expect(actionOfId(id)).toBeUndefined();
  });
});

describe('who pressed', () => {
  const header = { type: 'header', text: { type: 'plain_text', text: 'Boom' } };
  const message = { text: 'Boom', blocks: [header], attachments: [{ id: 1, color: '#c62828', blocks: [] }] };

  it('is a line below the title, at most five of them, the newest last', () => {
    let now = messageWithLine(message, 'line 0');
    for (let at = 1; at < 8; at++) now = now && messageWithLine(now, `line ${at}`);
    expect(now).toEqual({
      text: 'Boom',
      blocks: [
        header,
        {
          ...{ type: 'context', block_id: 'tocsin.pressed' },
          elements: [{ type: 'mrkdwn', verbatim: true, text: 'line 3 · line 4 · line 5 · line 6 · line 7' }],
        },
      ],
      attachments: [{ color: '#c62828', blocks: [] }],
    });
    expect([now && hasLine(now, 'line 7'), now && hasLine(now, 'line 2')]).toEqual([true, false]);
  });

  it.each([[{}], [{ blocks: 'none' }], [{ blocks: [] }], [{ blocks: Array(50).fill(header) }]])(
    'is not written into %#',
    (one) => {
      expect(messageWithLine(one as never, 'line')).toBeUndefined();
    },
  );
});
