import { describe, expect, test } from 'vitest';
import { boundedMessage } from '../../../src/channels/bounded.ts';
import { consoleChannel } from '../../../src/channels/console/console.ts';
import { htmlBody } from '../../../src/channels/email/html-body.ts';
import { slackMention } from '../../../src/channels/slack/mrkdwn.ts';
import { slackPayload } from '../../../src/channels/slack/payload.ts';
import type { Message } from '../../../src/messages/message.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { Mention } from '../../../src/templates/markup.ts';
import { sampleAlert, sampleMessage } from './samples.ts';

const MENTIONS = { oncall: 'S0614TZR7', lead: 'U024BE7LH', all: 'here' };

/** A message whose rule says this, about a document that holds `value`. */
function saying(source: string, value = ''): Message {
  const compiled = compileTemplate(source, ['value', 'mention']);
  if (!compiled.ok) throw new Error(compiled.message);
  const mention = Object.fromEntries([...Object.keys(MENTIONS), 'nobody'].map((name) => [name, new Mention(name)]));
  const rendered = compiled.template.renderMarkup?.({ value, mention });
  if (rendered?.ok !== true) throw new Error('it does not render');
  const { text, markup } = rendered;
  return boundedMessage({
    ...sampleMessage({ alerts: [sampleAlert({ text, ...(markup !== undefined && { markup }) })] }),
    mentions: MENTIONS,
  });
}

const slack = (message: Message) => JSON.stringify(slackPayload(message));

describe('a text that its rule formats', () => {
  const message = saying(
    '**Look** at `{{ value }}`:\n- [the page](https://example.com/x?a=1&b=2)\n- {{ mention.oncall }}',
    'a*b`c',
  );

  test('in Slack', () => {
    expect(slack(message)).toContain(
      '*Look* at `a*bˋc`:\\n• <https://example.com/x?a=1&amp;b=2|the page>\\n• <!subteam^S0614TZR7>',
    );
  });

  test('in a mail', () => {
    const html = htmlBody(message);
    expect(html).toMatch(
      /<b>Look<\/b> at <span [^>]*>a\*b`c<\/span>:<br>\n• <a [^>]*href="https:\/\/example\.com\/x\?a=1&#38;b=2"/,
    );
    expect(html).toContain('<b>@oncall</b>');
  });

  test('elsewhere without the signs', () => {
    expect(JSON.stringify(consoleChannel.render(message, undefined, {}))).toContain('Look at a*b`c:');
  });
});

describe('a mention', () => {
  test.each([
    ['oncall', '<!subteam^S0614TZR7>'],
    ['lead', '<@U024BE7LH>'],
    ['all', '<!here>'],
    ['nobody', '@nobody'],
  ])('of %s is %s', (name, written) => {
    expect(slack(saying(`{{ mention.${name} }}: look`))).toContain(`${written}: look`);
  });

  test.each(['<!channel>', '<@U024BE7LH>', '@here', '{{ mention.all }}', '\uE000\uE002all\uE001', '<!subteam^S0614TZR7>'])(
    'is never made by a document that holds %j',
    (value) => {
      for (const source of [
        'It says {{ value }}',
        '**It** says {{ value }}',
        '**{{ value }}**',
        '`{{ value }}`',
        '- {{ value }}',
      ]) {
        expect(slack(saying(source, value))).not.toMatch(/<[!@](?!date)/);
        expect(htmlBody(saying(source, value))).not.toContain('<!channel>');
      }
    },
  );

  test.each(['<!channel>', 'U1|x>', 'x', '', 'u024be7lh', 'U024BE7LH> <!channel', `U${'A'.repeat(40)}`])(
    'is not made of the ID %j',
    (id) => {
      expect(slackMention(id)).toBeUndefined();
    },
  );
});

test('a text that is cut is shown without formatting', () => {
  const message = saying(`**bold** ${'x'.repeat(5_000)}`);
  expect(message.alerts[0]?.markup).toBeUndefined();
  expect(message.alerts[0]?.text?.length).toBe(4_000);
});
