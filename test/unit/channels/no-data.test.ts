import { describe, expect, it } from 'vitest';
import { htmlBody } from '../../../src/channels/email/html-body.ts';
import { slackPayload } from '../../../src/channels/slack/payload.ts';
import { webhookBody } from '../../../src/channels/webhook/body.ts';
import type { Message, MessageAlert, Title } from '../../../src/messages/message.ts';
import { headline, titled } from '../../../src/messages/title.ts';
import { whySent } from '../../../src/messages/wording.ts';
import { AT, sampleAlert, sampleMessage } from './samples.ts';

const GREEN = '#2e7d32';
const over = (status: MessageAlert['status']): MessageAlert =>
  sampleAlert({
    status,
    change: 'resolved',
    endedAt: AT,
    ending: 'ended because there is no more data; not known to have recovered',
  });

/** A message in which nothing fires any more. */
function ended(alerts: readonly MessageAlert[], title: Title): Message {
  return sampleMessage({ status: 'resolved', reason: 'resolved', firing: 0, resolved: alerts.length, alerts, more: 0, title });
}

const MIXED = titled(
  [
    { status: 'resolved', count: 1 },
    { status: 'no_data', count: 1 },
  ],
  'stub-5xx',
);

describe('what ended because there is no more data', () => {
  const message = ended([over('no_data')], titled([{ status: 'no_data', count: 1 }], 'stub fails'));

  it('has one mark, and says that nobody knows', () => {
    expect(headline(message.title)).toBe('[NO DATA] stub fails');
    expect(whySent(message)).toMatch(/^Ended after .+ because there is no more data: not known to have recovered$/);
  });

  it.each([
    ['alone', message],
    ['beside one that recovered', ended([over('no_data'), over('resolved')], MIXED)],
    ['among several', ended([over('no_data'), over('no_data')], titled([{ status: 'no_data', count: 2 }], 'stub-5xx'))],
  ])('is not green %s', (_name, one) => {
    expect(JSON.stringify(slackPayload(one)['attachments'])).not.toContain(`"color":"${GREEN}"`);
    expect(String(slackPayload(one)['text'])).not.toContain('✅');
    expect(htmlBody(one).split('</td>')[0]).not.toContain(GREEN);
  });

  it('is resolved for programs, with the reason', () => {
    const body = JSON.parse(JSON.stringify(webhookBody(message)));
    expect(body.alerts[0]).toMatchObject({
      status: 'resolved',
      ending: 'ended because there is no more data; not known to have recovered',
    });
  });
});
