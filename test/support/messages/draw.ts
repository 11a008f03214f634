import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { emailChannel } from '../../../src/channels/email/email.ts';
import { slackChannel } from '../../../src/channels/slack/slack.ts';
import { slackPage } from '../../../src/channels/slack/slack-page.ts';
import { slackView } from '../../../src/channels/slack/slack-view.ts';
import type { ChartContent } from '../../../src/charts/chart-content.ts';
import { CHART_SIZE, chartText, messageChart } from '../../../src/charts/message-chart.ts';
import type { Json } from '../../../src/core/json.ts';
import { secret } from '../../../src/core/secret.ts';
import type { Message, MessageChart } from '../../../src/messages/message.ts';
import { firstLine } from '../../../src/messages/sentence.ts';
import { pngDrawer } from '../../../src/service/draw-png.ts';
import { inBrowser, type Window, withCircles } from '../demo/browser.ts';
import { INCIDENT } from './incident.ts';

/** The pictures of messages in the documentation. Draw them again with `npx tsx test/support/messages/draw.ts`. */
const IMAGES = path.resolve(import.meta.dirname, '../../../docs/images');
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

/** What a chart of the pictures shows, ending with the message. */
interface Drawn extends Pick<ChartContent, 'label' | 'unit'> {
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

async function chartOf(message: Message | undefined, { label, unit, limit, fired, valueAt }: Drawn): Promise<MessageChart> {
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
    isOver: false,
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
  const picture = `<p class="file">chart.png</p><img src="data:image/png;base64,${errors.png}" alt="" width="440">`;
  const page = slackPage(slackPayloadOf(resolved), 'thread');
  const replies = `<section class="thread"><p>3 replies</p>${reply(picture)}${reply(slackView(slackPayloadOf(worse)))}${reply(slackView(slackPayloadOf(resolved)))}</section>`;
  const style =
    '<style>.thread{border-left:2px solid var(--edge);margin:12px 0 0;padding-left:16px}.thread>p{color:var(--link);font-weight:700;margin:0 0 8px}' +
    '.reply{display:grid;grid-template-columns:36px 1fr;margin:0 0 14px}.reply .avatar{width:26px;height:26px;font-size:13px}.reply h4{font-size:15px}' +
    '.file{color:var(--faint);font-size:13px;margin:0 0 4px}.reply img{border-radius:6px;max-width:100%}</style>';
  return page.replace('</main>', `${style}${replies}</main>`.replace('<section', '<div></div><section'));
}

async function shoot(name: string, html: string, window: Window): Promise<void> {
  await inBrowser(withCircles(html).replaceAll('✅', '<span style="color:#2e7d32">✔</span>'), window, async (page) => {
    const image = await page.screenshot({ fullPage: true });
    await writeFile(path.join(IMAGES, name), image);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    if (Number(wide) > window.width) throw new Error(`${name} is ${wide} pixels wide, and its window ${window.width}`);
  });
}

const one = kind('memory');
const several = kind('memory-of-several');
const worse = kind('worse');
const resolved = kind('resolved');
const chart = await chartOf(one, MEMORY);
const errors = await chartOf(worse, ERRORS);

await shoot('message-slack.png', slackPage(slackPayloadOf(one), firstLine(kind('memory'))), DESK);
await shoot('message-slack-several.png', slackPage(slackPayloadOf(several), firstLine(kind('memory-of-several'))), DESK);
await shoot('message-slack-thread.png', threadPage(), DESK);
await shoot('message-mail.png', mailOf(one), DESK);
await shoot('message-mail-dark.png', mailOf(one), { ...DESK, colorScheme: 'dark' });
await shoot('message-mail-phone.png', mailOf(one), PHONE);
