import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { channels } from '../../../src/channels/registry.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { slackAppPage, slackPage } from '../../../src/channels/slack/slack-page.ts';
import { slackView } from '../../../src/channels/slack/slack-view.ts';
import type { ChartContent } from '../../../src/charts/chart-content.ts';
import { CHART_SIZE, chartText, messageChart } from '../../../src/charts/message-chart.ts';
import { escapeHtml } from '../../../src/core/html-text.ts';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message, MessageChart } from '../../../src/messages/message.ts';
import { firstLine } from '../../../src/messages/sentence.ts';
import { pngDrawer } from '../../../src/service/draw-png.ts';
import { inBrowser, type Window, withCircles } from '../demo/browser.ts';
import { INCIDENT } from './incident.ts';

/** The pictures of messages in the documentation. Draw them again with `npx tsx test/support/messages/draw.ts`. */
const IMAGES = path.resolve(import.meta.dirname, '../../../docs/images');
/**
 * The same messages as they were before their wording was in sentences, as the channels of that time rendered them: Slack, mail and webhooks. No program makes
 * them any more.
 */
const BEFORE = path.resolve(import.meta.dirname, '../../fixtures/messages-before');
const MINUTE = 60_000;
// A picture is as high as what it shows.
const DESK: Window = { width: 760, height: 100 };
const PHONE: Window = { width: 375, height: 100 };

function kind(name: string | undefined): Message {
  const message = INCIDENT[name ?? ''];
  if (message === undefined) throw new Error(`the incident has no ${name}`);
  return message;
}

function slackPayloadOf(message: Message | undefined): Json {
  return slackChannel.render(
    message ?? kind(undefined),
    undefined,
    slackChannel.read({ api_url: secret('https://hooks.slack.com/x') }),
  );
}

/** The message of an app as it is in its channel, with its chart. */
function appPage(message: Message, shown: MessageChart): string {
  const options = slackChannel.read({ bot_token: secret('xoxb-example'), channel: 'C024BE91L' });
  return slackAppPage(slackChannel.render({ ...message, chart: shown }, undefined, options), firstLine(message));
}

/** What becomes of an incident, and what else is said: a message for each. */
const KINDS = ['first', 'worse', 'reminder', 'resolved', 'no-data', 'silent-source'];

function kindsPage(): string {
  const bare = ({ alerts, ...message }: Message) => ({
    ...message,
    alerts: alerts.map(({ evidence: _evidence, ...alert }) => alert),
  });
  const views = KINDS.map((name) => slackView(slackPayloadOf(bare(kind(name)))));
  return slackPage(slackPayloadOf(bare(kind('first'))), 'kinds').replace(
    /<\/p>[\s\S]*<\/div><\/main>/,
    `</p>${views.join('<hr style="border:0;border-top:1px solid var(--edge);margin:14px 0">')}</div></main>`,
  );
}

interface CardText {
  readonly text: string;
  readonly weight?: string;
  readonly size?: string;
  readonly color?: string;
  readonly isSubtle?: boolean;
  readonly fontType?: string;
}
const CARD_COLORS: Readonly<Record<string, string>> = {
  attention: '#c4314b',
  warning: '#9a6700',
  good: '#237b4b',
  accent: '#5b5fc7',
};

/** A card about as Teams shows it. */
function teamsPage(message: Message): string {
  const { channel, options } = destination('msteamsv2', { webhook_url: secret('https://teams.example.com/x') });
  const [attachment] = channel.render(message, undefined, options)['attachments'] as unknown as readonly {
    readonly content: {
      readonly body: readonly { readonly inlines: readonly CardText[] }[];
      readonly actions?: readonly { readonly title: string }[];
    };
  }[];
  const run = ({ text, weight, size, color, isSubtle, fontType }: CardText) =>
    `<span style="${weight === 'Bolder' ? 'font-weight:700;' : ''}${size === 'Large' ? 'font-size:19px;' : size === 'Small' ? 'font-size:12px;' : ''}${fontType === 'Monospace' ? 'font-family:monospace;' : ''}color:${color === undefined ? (isSubtle === true ? '#616161' : '#242424') : CARD_COLORS[color.toLowerCase()]}">${escapeHtml(text).replaceAll('\n', '<br>')}</span>`;
  const body = (attachment?.content.body ?? []).map(
    ({ inlines }) => `<p style="margin:0 0 8px">${inlines.map(run).join('')}</p>`,
  );
  const actions = (attachment?.content.actions ?? []).map(
    ({ title }) =>
      `<span style="border:1px solid #d1d1d1;border-radius:4px;padding:4px 12px;margin-right:8px;font-weight:600">${escapeHtml(title)}</span>`,
  );
  return `<!doctype html><html lang="en"><body style="background:#f5f5f5;font:14px/1.4 'Segoe UI',system-ui,sans-serif;margin:0;padding:16px"><div style="background:#fff;border:1px solid #e0e0e0;border-radius:6px;padding:14px 16px;max-width:640px;overflow-wrap:anywhere">${body.join('')}<div style="margin-top:12px">${actions.join('')}</div></div></body></html>`;
}

/** What PagerDuty gets, without the details of each alert, which are as long as those of a mail. */
function pagerDutyPage(message: Message): string {
  const { channel, options } = destination('pagerduty', { routing_key: secret('R0') });
  const { payload, ...event } = channel.render(message, undefined, options) as Readonly<Record<string, object>>;
  const { custom_details: details, ...rest } = payload as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const shown = { ...event, payload: { ...rest, custom_details: { ...details, alerts: '…' } } };
  return jsonPage(shown);
}

function jsonPage(shown: unknown): string {
  return `<!doctype html><html lang="en"><body style="font:13px/1.5 ui-monospace,Menlo,monospace;margin:0;padding:16px;background:#fff;color:#1b1f24"><pre style="margin:0;white-space:pre-wrap;overflow-wrap:anywhere">${escapeHtml(JSON.stringify(shown, null, 2))}</pre></body></html>`;
}

const picked = (body: JsonObject, ...keys: readonly string[]): JsonObject => ({
  ...Object.fromEntries(keys.map((key) => [key, body[key] ?? null])),
  '…': '…',
});

/** What a webhook got, without identifiers and what is empty. */
function webhookPage(body: JsonObject): string {
  const alerts = (body['alerts'] as readonly JsonObject[]).map((alert) =>
    picked(alert, 'severity', 'title', 'text', 'description', 'group', 'values', 'facts', 'started_at'),
  );
  return jsonPage({ ...picked(body, 'status', 'severity', 'headline', 'why', 'at', 'firing'), alerts });
}

const before = (name: string) => readFile(path.join(BEFORE, name), 'utf8');
const jsonBefore = async (name: string) => JSON.parse(await before(name)) as JsonObject;

function destination(name: string, keys: Readonly<Record<string, unknown>>) {
  const channel = channels[name];
  if (channel === undefined) throw new Error(`no channel ${name}`);
  return { channel, options: channel.read(keys) };
}

/** What a chart of the pictures shows, ending with the message. */
interface Drawn extends Pick<ChartContent, 'label' | 'unit'>, Partial<Pick<ChartContent, 'isOver'>> {
  readonly limit: number;
  readonly fired: number;
  valueAt(minute: number): number;
}

const MINUTES = 90;
/** Memory that fills up for an hour and a half. */
const MEMORY: Drawn = {
  ...{ label: 'used of limit', unit: 'ratio', limit: 0.95, fired: MINUTES },
  valueAt: (minute) => (minute === MINUTES ? 0.973 : 0.58 + (minute / MINUTES) ** 1.6 * 0.355 + 0.008 * Math.sin(minute * 1.7)),
};
/** Errors, which begin at once. */
const ERRORS: Drawn = {
  ...{ label: 'documents', unit: undefined, limit: 5, fired: MINUTES - 1 },
  valueAt: (minute) => (minute < MINUTES - 4 ? Number(minute % 13 === 4) : Math.min(7, (minute - MINUTES + 4) * 3 + 1)),
};

/** The same once it is over. */
const ERRORS_OVER: Drawn = {
  ...ERRORS,
  ...{ fired: MINUTES - 12, isOver: true },
  valueAt: (minute) =>
    minute < MINUTES - 15 ? Number(minute % 13 === 4) : minute < MINUTES - 3 ? Math.min(7, (minute - MINUTES + 15) * 3 + 1) : 0,
};

async function chartOf(
  message: Message | undefined,
  { label, unit, limit, fired, valueAt, isOver = false }: Drawn,
): Promise<MessageChart> {
  const { at } = message ?? kind(undefined);
  const from = at - MINUTES * MINUTE;
  const points = Array.from({ length: MINUTES + 1 }, (_, minute) => ({ at: from + minute * MINUTE, value: valueAt(minute) }));
  const content: ChartContent = {
    label,
    unit,
    range: { from, to: at },
    lines: [{ name: '', points }],
    limit: points.map((point) => ({ at: point.at, value: limit })),
    bad: 'above',
    firing: { from: from + fired * MINUTE, to: at },
    isOver,
    reader: {},
  };
  const png = await pngDrawer({ warn: () => undefined })((missing) => messageChart(content, missing), CHART_SIZE.width * 2);
  if (png === undefined) throw new Error('charts cannot be drawn here');
  return { png: Buffer.from(png).toString('base64'), text: chartText(content), ...CHART_SIZE };
}

/** A mail as a client shows it: the picture stands where the mail refers to it. */
function mailOf(message: Message | undefined): string {
  const options = emailChannel.read({ smarthost: 'localhost:25', from: 'tocsin@example.com', to: 'team@example.com' });
  const payload = emailChannel.render({ ...(message ?? kind(undefined)), chart }, undefined, options);
  return String(payload['html']).replace(/src="cid:[^"]*"/, `src="data:image/png;base64,${chart.png}"`);
}

/** An incident by an app: its message as it is at the end, and its history. */
function threadPage(): string {
  const reply = (inner: string, who = true) =>
    `<div class="reply">${who ? '<div class="avatar">T</div>' : '<div></div>'}<div>${inner}</div></div>`;
  const page = appPage(resolved, errors);
  const replies = `<section class="thread"><p>2 replies</p>${reply(slackView(slackPayloadOf(worse)))}${reply(slackView(slackPayloadOf(resolved)))}</section>`;
  const style =
    '<style>.thread{border-left:2px solid var(--edge);margin:12px 0 0;padding-left:16px}.thread>p{color:var(--link);font-weight:700;margin:0 0 8px}' +
    '.reply{display:grid;grid-template-columns:36px 1fr;margin:0 0 14px}.reply .avatar{width:26px;height:26px;font-size:13px}.reply h4{font-size:15px}' +
    '</style>';
  return page.replace('</main>', `${style}${replies}</main>`.replace('<section', '<div></div><section'));
}

async function shoot(name: string, html: string, window: Window): Promise<void> {
  await inBrowser(
    withCircles(html)
      .replaceAll('✅', '<span style="color:#2e7d32">✔</span>')
      .replaceAll('❔', '<span style="color:#607d8b">?</span>'),
    window,
    async (page) => {
      const image = await page.screenshot({ fullPage: true });
      await writeFile(path.join(IMAGES, name), image);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      if (Number(wide) > window.width) throw new Error(`${name} is ${wide} pixels wide, and its window ${window.width}`);
    },
  );
}

const one = kind('memory');
const several = kind('memory-of-several');
const worse = kind('worse');
const resolved = kind('resolved');
const chart = await chartOf(one, MEMORY);
const errors = await chartOf(resolved, ERRORS_OVER);

await shoot('message-slack.png', appPage(one, chart), DESK);
await shoot('message-slack-several.png', slackPage(slackPayloadOf(several), firstLine(kind('memory-of-several'))), DESK);
await shoot('message-slack-thread.png', threadPage(), DESK);
await shoot('message-kinds.png', kindsPage(), DESK);
await shoot('message-teams.png', teamsPage(one), DESK);
await shoot('message-pagerduty.png', pagerDutyPage(one), DESK);
await shoot('message-mail.png', mailOf(one), DESK);
await shoot('message-mail-dark.png', mailOf(one), { ...DESK, colorScheme: 'dark' });
await shoot('message-mail-phone.png', mailOf(one), PHONE);

const mailBefore = await before('one.mail.html');
await shoot('message-before.png', slackPage(await jsonBefore('one.slack.json'), 'before'), DESK);
await shoot('message-before-several.png', slackPage(await jsonBefore('several.slack.json'), 'before'), DESK);
await shoot('message-before-mail.png', mailBefore, DESK);
await shoot('message-before-mail-dark.png', mailBefore, { ...DESK, colorScheme: 'dark' });
await shoot('message-before-mail-phone.png', mailBefore, PHONE);
await shoot('message-before-webhook.png', webhookPage(await jsonBefore('one.webhook.json')), DESK);
