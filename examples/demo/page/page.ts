import { humanDuration } from '../../../src/core/duration.ts';
import { escapeHtml } from '../../../src/core/html-text.ts';
import { paletteOf } from '../../../src/reports/look.ts';
import { clockOf, type StoryEvent, storyLine } from '../story.ts';
import { messageCard } from './cards.ts';
import { chart } from './chart.ts';
import { between, type Delivery, type Picture } from './picture.ts';
import { STYLE } from './style.ts';

/** What the page is made of. `explained`: what `tocsin explain` prints; `rule`: the YAML of the rule. */
export interface PageParts {
  readonly picture: Picture;
  readonly events: readonly StoryEvent[];
  readonly explained: string;
  readonly rule: string;
}

/** One self-contained page: the incident on a time line, and what each person got. Without scripts, and nothing is fetched. */
export function demoPage({ picture, events, explained, rule }: PageParts): string {
  const { deliveries } = picture;
  const columns = [...new Set(deliveries.map(({ receiver }) => receiver))];
  return htmlPage(
    'Tocsin demo: one incident',
    `<header><p class="small">Tocsin demo</p><h1>${escapeHtml(headline(picture))}</h1></header>
<main>
<section aria-label="The incident">
<dl class="facts">${facts(picture)
      .map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`)
      .join('')}</dl>
<figure>${chart(picture, 'wide')}${chart(picture, 'narrow')}
<figcaption>${key('ok', 'requests each minute')} ${key('fail', 'that failed')} ${key('firing', 'while the alert fires')}</figcaption></figure>
<ol class="deliveries">${deliveries.map(deliveryLine).join('')}</ol>
</section>
<section aria-labelledby="got"><h2 id="got">What each person got</h2>
<div class="columns">${columns.map((receiver) => column(receiver, deliveries)).join('')}</div></section>
<section aria-labelledby="details"><h2 id="details">Details</h2>
${folded('Why it became critical: what tocsin explain prints', explained)}
${folded('The rule', rule)}
${folded('What the demo printed', events.map((event) => storyLine(event, paletteOf({ color: false }))).join('\n'))}
</section>
</main>
<footer class="small">Sent by the real engine over real SMTP and HTTP; the shop and its telemetry are invented. All times are UTC.</footer>`,
  );
}

/** A page with the demo's style around some content, which must be HTML. */
export function htmlPage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${content}
</body>
</html>
`;
}

function headline({ moments: { released, rolledBack, firing } }: Picture): string {
  const lasted = between(released, rolledBack);
  const found = between(released, firing);
  if (lasted === undefined || found === undefined) return 'The demo did not come to its end';
  return `A release broke payments for ${humanDuration(lasted)}. The team was notified after ${humanDuration(found)}.`;
}

function facts({ moments, deliveries }: Picture): readonly (readonly [string, string])[] {
  const took = (from: number | undefined, to: number | undefined, words: string) => {
    const duration = between(from, to);
    return duration === undefined ? 'not' : `${humanDuration(duration)} ${words}`;
  };
  const worst = deliveries.find(({ meaning }) => meaning === 'worse')?.arrived.at;
  const count = (channel: Delivery['channel']) => deliveries.filter((one) => one.channel === channel).length;
  return [
    ['First notified', took(moments.released, moments.firing, 'after the release')],
    ['On call notified', took(moments.released, worst, 'after the release')],
    ['Resolved', took(moments.rolledBack, moments.resolved, 'after the rollback')],
    ['Messages', `${count('slack')} on Slack, ${count('mail')} by mail`],
  ];
}

function key(kind: string, words: string): string {
  return `<span><i class="key ${kind}"></i>${words}</span>`;
}

const MEANINGS = { firing: 'warning', worse: 'now critical', still: 'still critical', resolved: 'resolved' } as const;

function deliveryLine({ number, arrived, channel, receiver, meaning }: Delivery): string {
  const how = `${channel === 'slack' ? 'Slack' : 'mail'} to ${escapeHtml(receiver)}`;
  const link = `<a href="#message-${number}">${clockOf(arrived.at)} ${MEANINGS[meaning]}</a>`;
  return `<li><span class="number ${meaning}">${number}</span><div>${link} <span class="small">${how}</span></div></li>`;
}

function column(receiver: string, deliveries: readonly Delivery[]): string {
  return `<div>${deliveries
    .filter((one) => one.receiver === receiver)
    .map(messageCard)
    .join('')}</div>`;
}

function folded(title: string, text: string): string {
  return `<details><summary>${escapeHtml(title)}</summary><pre tabindex="0">${escapeHtml(text)}</pre></details>`;
}
