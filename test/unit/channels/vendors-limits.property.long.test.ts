import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { channels } from '../../../src/channels/registry.ts';
import type { Message, MessageAlert } from '../../../src/messages/message.ts';
import { channelWithOptions } from '../../support/channel-options.ts';
import { runs } from '../../support/thorough.ts';
import { AT, firingTitle, sampleAlert, sampleMessage } from './samples.ts';

/** How a vendor counts. */
const UNITS = {
  bytes: (text: string) => Buffer.byteLength(text),
  units: (text: string) => text.length,
  characters: (text: string) => [...text].length,
} as const;

/** What a text of a payload may be: where it is, how many, and in what. A path with `*` is of every item. */
type Limit = readonly [path: string, most: number, unit: keyof typeof UNITS];

/**
 * The limits that vendors document, each with its source; those that are counted in characters are held in UTF-16 units where the documentation does not say which, which
 * is never fewer.
 */
const LIMITS: Readonly<Record<string, { readonly source: string; readonly most: readonly Limit[] }>> = {
  slack: {
    source: 'https://docs.slack.dev/reference/block-kit/blocks: 50 blocks, 3,000 of a section, 150 of a header',
    most: [
      ['attachments.*.blocks.*.text.text', 3_000, 'units'],
      ['blocks.*.text.text', 150, 'units'],
      ['text', 40_000, 'units'],
    ],
  },
  email: {
    source: 'https://www.rfc-editor.org/rfc/rfc5322#section-2.1.1: a line of 998, the subject is folded',
    most: [['subject', 998, 'units']],
  },
  webhook: { source: 'docs/configuration.md: 256 KiB', most: [['', 256 * 1024, 'bytes']] },
  console: { source: 'a terminal', most: [] },
  pagerduty: {
    source: 'https://developer.pagerduty.com/docs/send-alert-event and /docs/events-api-v2-overview#size-limits',
    most: [
      ['payload.summary', 1_024, 'units'],
      ['dedup_key', 255, 'units'],
      ['', 512 * 1024, 'bytes'],
    ],
  },
  msteamsv2: {
    source: 'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook: 28 KB',
    most: [['', 28 * 1_024, 'bytes']],
  },
  opsgenie: {
    source: 'https://docs.opsgenie.com/docs/alert-api#create-alert',
    most: [
      ['body.message', 130, 'units'],
      ['body.alias', 512, 'units'],
      ['body.description', 15_000, 'units'],
      ['body.entity', 512, 'units'],
      ['body.source', 100, 'units'],
      ['body.tags.*', 50, 'units'],
      ['note', 25_000, 'units'],
    ],
  },
  discord: {
    source: 'https://discord.com/developers/docs/resources/message#embed-object-embed-limits: 6,000 of an embed together',
    most: [
      ['embeds.*.title', 256, 'units'],
      ['embeds.*.description', 4_096, 'units'],
    ],
  },
  telegram: { source: 'https://core.telegram.org/bots/api#sendmessage: 4,096 after entities', most: [['text', 4_096, 'units']] },
  mattermost: {
    source: 'https://developers.mattermost.com/integrate/webhooks/incoming/: 16,383',
    most: [
      ['attachments.*.text', 16_383, 'units'],
      ['attachments.*.title', 4_000, 'units'],
    ],
  },
  rocketchat: { source: 'Message_MaxAllowedSize, 5,000 by default', most: [['attachments.*.text', 5_000, 'units']] },
  google_chat: {
    source: 'https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages: 32,000 bytes with cards',
    most: [['', 32_000, 'bytes']],
  },
  matrix: {
    source: 'https://spec.matrix.org/latest/client-server-api/#size-limits: 65,536 of an event',
    most: [['content', 60_000, 'bytes']],
  },
  ntfy: {
    source: 'https://docs.ntfy.sh/publish/#limitations: 4,096 bytes',
    most: [
      ['message', 4_096, 'bytes'],
      ['title', 1_024, 'bytes'],
    ],
  },
  pushover: {
    source: 'https://pushover.net/api#limits: characters of up to four bytes',
    most: [
      ['message', 1_024, 'characters'],
      ['title', 250, 'characters'],
      ['url', 512, 'units'],
      ['url_title', 100, 'characters'],
    ],
  },
  github: {
    source: 'https://docs.github.com/rest/issues/issues#create-an-issue: 256, and 65,536 of a body',
    most: [
      ['title', 256, 'units'],
      ['body', 65_536, 'bytes'],
      ['comment', 65_536, 'bytes'],
    ],
  },
  gitlab: {
    source: 'https://docs.gitlab.com/api/issues/: 255, and 1,048,576',
    most: [
      ['title', 255, 'units'],
      ['body', 1_048_576, 'units'],
      ['comment', 1_000_000, 'units'],
    ],
  },
  jira: {
    source: 'https://support.atlassian.com/jira/kb/jira-limits: 255 of a summary, 32,767 of a text',
    most: [
      ['title', 255, 'units'],
      ['body', 32_767, 'units'],
      ['comment', 32_767, 'units'],
    ],
  },
  servicenow: {
    source: 'sys_dictionary: short_description 160, description and work_notes 4,000',
    most: [
      ['title', 160, 'units'],
      ['body', 4_000, 'units'],
      ['comment', 4_000, 'units'],
    ],
  },
  thehive: {
    source: 'https://docs.strangebee.com/thehive/api-docs/: 512, and 1,048,576',
    most: [
      ['title', 512, 'units'],
      ['body', 1_048_576, 'units'],
      ['comment', 1_048_576, 'units'],
    ],
  },
  twilio: { source: 'https://www.twilio.com/docs/messaging/api/message-resource: 1,600', most: [['body', 1_600, 'units']] },
  sns: {
    source: 'https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: fewer than 100 of a subject, 262,144 bytes',
    most: [
      ['subject', 99, 'bytes'],
      ['text', 262_144, 'bytes'],
    ],
  },
  apprise: { source: 'https://github.com/caronc/apprise/wiki/Development_BaseClass: 32,768', most: [['body', 32_768, 'units']] },
  alertmanager: { source: 'https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml: none', most: [] },
  http: { source: 'docs/configuration.md: 256 KiB', most: [['body', 256 * 1024, 'bytes']] },
  exec: { source: 'docs/destinations.md: 256 KiB', most: [['', 256 * 1024, 'bytes']] },
};

/** Texts at a path of a payload; what is no text counts as its JSON. */
function textsAt(value: unknown, path: readonly string[]): readonly string[] {
  const [first, ...rest] = path;
  if (value === undefined || value === null) return [];
  if (first === undefined || first === '') return [typeof value === 'string' ? value : JSON.stringify(value)];
  if (first === '*') return Array.isArray(value) ? value.flatMap((item) => textsAt(item, rest)) : [];
  return textsAt((value as Readonly<Record<string, unknown>>)[first], rest);
}

/** Telegram counts what is left when its entities are read. */
function counted(name: string, text: string): string {
  if (name !== 'telegram') return text;
  return text.replace(/<[^>]*>/g, '').replace(/&(?:amp|lt|gt|quot);/g, '&');
}

/** Tags that are opened and closed in order, and entities that are whole. */
function brokenMarkup(html: string): string | undefined {
  const open: string[] = [];
  for (const [tag, end = '', name = ''] of html.matchAll(/<(\/?)([a-z0-9]+)[^<>]*>/g)) {
    if (name === 'br' || name === 'img' || name === 'meta' || name === 'hr') continue;
    if (end === '') open.push(name);
    else if (open.pop() !== name) return `${tag} closes nothing`;
  }
  if (open.length > 0) return `${open.join(', ')} stays open`;
  const rest = html.replace(/<[^<>]*>/g, '');
  if (/[<>]/.test(rest)) return 'a tag is cut';
  const [entity] = /&(?!(?:amp|lt|gt|quot|#\d+|#x[0-9a-f]+|nbsp|middot|hellip);).{0,8}/.exec(rest) ?? [];
  return entity === undefined ? undefined : `${entity} is no entity`;
}

const HTML: Readonly<Record<string, readonly string[]>> = {
  telegram: ['text'],
  matrix: ['content.formatted_body'],
  google_chat: ['cardsV2.*.card.sections.*.widgets.*.textParagraph.text'],
};
const FENCED: Readonly<Record<string, readonly string[]>> = {
  discord: ['embeds.*.description'],
  mattermost: ['attachments.*.text'],
  rocketchat: ['attachments.*.text'],
  github: ['body', 'comment'],
  gitlab: ['body', 'comment'],
  thehive: ['body', 'comment'],
};
const at = (payload: unknown, paths: readonly string[] = []) => paths.flatMap((path) => textsAt(payload, path.split('.')));

const PARTS = [
  ...[
    'x',
    'é',
    '日',
    '😀',
    '👨‍👩‍👧‍👦',
    '🇩🇪',
    'שלום ',
    'مرحبا ',
    '\u200b',
    '\u200d',
    '\u202e',
    '\ufe0f',
    'e\u0301',
    '\ud800',
    '\n',
    '\t',
    ' ',
  ],
  ...[
    '*',
    '_',
    '`',
    '```',
    '<',
    '&',
    '<&>',
    '&amp;',
    '"',
    '\\',
    '://',
    '@all ',
    '|',
    '#',
    '[x](y)',
    '</b>',
    '<!channel>',
    '￿',
    '\0',
  ],
];
const long = fc
  .tuple(fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 8 }), fc.constantFrom(1, 40, 700))
  .map(([parts, times]) => parts.join('').repeat(times));

const alertOf = (text: string, label: string, n: number): MessageAlert =>
  sampleAlert({
    ...{
      id: `a${n}`,
      episode: `e${n}`,
      title: text,
      text,
      description: `d${text}`,
      rule: label,
      severity: n % 3 === 0 ? label : 'critical',
    },
    group: { [label]: text, second: label },
    labels: { ...Object.fromEntries(Array.from({ length: 60 }, (_, place) => [`${label}${place}`, text])), alertname: label },
    values: { [label]: text, count: 7 },
    measured: { value: text, limit: text },
    facts: Array.from({ length: 30 }, () => ({ label, value: text })),
    details: [{ label, value: text }],
    links: Array.from({ length: 9 }, (_, place) => ({
      label,
      url: `https://example.com/${place}?q=(${encodeURIComponent('😀<&>"')})`,
    })),
    evidence: {
      documents: Array.from({ length: 9 }, () => ({ at: AT, fields: { message: text, [label]: text } })),
      top: [{ field: label, values: Array.from({ length: 20 }, () => ({ value: text, count: 1 })) }],
      traceIds: [label],
      logs: Array.from({ length: 20 }, () => ({ at: AT, level: label, service: label, text, traceId: label, count: 2 })),
    },
  });

/** Up to fifty alerts of one text and one label, in a message whose own texts are as long. */
const worst: fc.Arbitrary<Message> = fc.tuple(long, long, fc.constantFrom(1, 2, 20, 50)).map(([text, label, count]) =>
  sampleMessage({
    ...{
      title: firingTitle(text),
      text: `m${text}`,
      severity: 'critical',
      receiver: label,
      notes: [text, label, text],
      firing: 300,
      more: 250,
    },
    alerts: Array.from({ length: count }, (_, n) => alertOf(text, label, n)),
    groupLabels: { [label]: text },
    chart: { png: 'aVZCT1J3MEtHZ28=', text, width: 480, height: 210 },
  }),
);

test('every kind of destination has its limits here', () => {
  expect(Object.keys(LIMITS).sort()).toEqual(Object.keys(channels).sort());
});

it.each(Object.keys(channels))('%s never gets more than it takes, nor half a character or half of its markup', (name) => {
  const { channel, options } = channelWithOptions(name);
  fc.assert(
    fc.property(worst, (message) => {
      const {
        chart: _picture,
        images: _pictures,
        ...payload
      } = channel.render(message, undefined, options) as Readonly<Record<string, unknown>>;
      for (const [path, most, unit] of LIMITS[name]?.most ?? [])
        for (const text of textsAt(payload, path.split('.')))
          expect(UNITS[unit](counted(name, text)), `${path}: ${text.slice(0, 80)}`).toBeLessThanOrEqual(most);
      // JSON of half a character is an escape of it; an invisible one is seen as such.
      const json = JSON.stringify(payload);
      expect(/.{0,20}\\ud[89a-f][0-9a-f]{2}/.exec(json)?.[0]).toBeUndefined();
      expect(JSON.parse(json)).toEqual(payload);
      for (const html of at(payload, HTML[name])) expect(brokenMarkup(html), html.slice(-200)).toBeUndefined();
      for (const text of at(payload, FENCED[name])) expect((text.match(/^```$/gm) ?? []).length % 2, text.slice(-200)).toBe(0);
    }),
    { numRuns: runs(12) },
  );
});
