import { describe, expect, it } from 'vitest';
import { payloadView } from '../../../src/channels/payload-view.ts';
import { channels } from '../../../src/channels/registry.ts';
import { slackAppPayload } from '../../../src/channels/slack/app-payload.ts';
import { keptPayload } from '../../../src/engine/history/kept-payload.ts';
import { channelWithOptions, SECRET } from '../../support/channel-options.ts';
import { INCIDENT } from '../../support/messages/incident.ts';

const message = INCIDENT['first'];
if (message === undefined) throw new Error('the incident has no first message');

describe('what was sent, as people see it', () => {
  it.each(Object.keys(channels))('of %s has no secret, is kept whole, and is shown', (name) => {
    const { channel, options } = channelWithOptions(name);
    const { text, cut } = keptPayload(channel.render(message, undefined, options));
    const view = payloadView(name, JSON.parse(text), 'a title');
    expect(cut).toBe(false);
    expect(view.text.length).toBeGreaterThan(20);
    expect([text, JSON.stringify(view)].join()).not.toContain(SECRET);
    expect(view.page !== undefined).toBe(name === 'slack' || name === 'email');
  });

  it('of a Slack app is the message of the incident, whatever else goes into its thread', () => {
    const payload = slackAppPayload(message, undefined, { channel: 'C1', buttons: true });
    expect(payloadView('slack', payload, 'a title').page).toContain('stub fails on /todos/');
  });

  it.each(['slack', 'email', 'console', 'gone', '__proto__'])(
    'of %s may be anything that someone wrote into the history',
    (name) => {
      for (const payload of [{}, { html: 7, lines: 'x' }, { blocks: [null, 3], attachments: {} }, { message: [] }])
        expect(() => payloadView(name, payload as never, '')).not.toThrow();
    },
  );

  it('leaves the pictures of a mail out of its page', () => {
    const { page } = payloadView('email', { html: '<img src="cid:chart@example.com" alt="Chart: used">' }, '');
    expect(page).toBe('<img src="data:," alt="Chart: used">');
  });
});
