import type { JsonObject } from '../../core/json.ts';
import { escapeHtml } from './escape-html.ts';
import type { DemoMail } from './mail-server.ts';
import { slackView } from './slack-view.ts';

/** A message that arrived at one of the demo's servers, in the order of arrival. */
export type Arrived =
  | { readonly kind: 'slack'; readonly at: string; readonly file: string; readonly message: JsonObject }
  | { readonly kind: 'mail'; readonly at: string; readonly file: string; readonly mail: DemoMail };

/** One self-contained page that shows what people got, as they would see it. Scripts and remote content are off. */
export function demoPage(arrived: readonly Arrived[], timeline: string): string {
  const slack = arrived.filter((one) => one.kind === 'slack');
  const mails = arrived.filter((one) => one.kind === 'mail');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'">
<title>Tocsin demo: what people got</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>What people got</h1>
<p>${slack.length} Slack messages and ${mails.length} mails, as they arrived at a real HTTP server and a real SMTP server. Times are the demo’s.</p></header>
<main>
<section><h2>Slack</h2>${slack.map(slackCard).join('\n')}</section>
<section><h2>Mail</h2>${mails.map(mailCard).join('\n')}</section>
</main>
<section class="timeline"><h2>Timeline</h2><pre>${escapeHtml(timeline)}</pre></section>
</body>
</html>
`;
}

function slackCard(one: Arrived & { readonly kind: 'slack' }): string {
  return `<article class="slack"><div class="avatar">T</div><div class="body">
<p class="who"><b>Tocsin</b> <span class="app">APP</span> <span class="when">${escapeHtml(one.at)}</span> <a href="${escapeHtml(one.file)}">JSON</a></p>
${slackView(one.message)}</div></article>`;
}

function mailCard({ at, file, mail }: Arrived & { readonly kind: 'mail' }): string {
  return `<article class="mail"><p class="who"><b>${escapeHtml(mail.subject)}</b></p>
<p class="meta">${escapeHtml(mail.from)} → ${escapeHtml(mail.to)} · ${escapeHtml(at)} · <a href="${escapeHtml(file)}">.eml</a></p>
<iframe sandbox="" loading="lazy" title="${escapeHtml(mail.subject)}" srcdoc="${escapeHtml(mail.html)}"></iframe></article>`;
}

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; background: #f4f5f7; color: #1d1c1d; }
header, .timeline { max-width: 1500px; margin: 0 auto; padding: 16px 24px 0; }
h1 { margin: 0; font-size: 24px; } h2 { font-size: 18px; }
main { max-width: 1500px; margin: 0 auto; padding: 0 24px; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 24px; }
@media (max-width: 900px) { main { grid-template-columns: 1fr; } }
article { background: #fff; border: 1px solid #e1e3e6; border-radius: 8px; padding: 12px 16px; margin: 0 0 16px; overflow-wrap: anywhere; }
.slack { display: flex; gap: 10px; } .slack .body { flex: 1; min-width: 0; }
.avatar { width: 36px; height: 36px; border-radius: 6px; background: #7a1f3d; color: #fff; display: grid; place-items: center; font-weight: 700; }
.who { margin: 0 0 4px; } .app { background: #e8e8e8; border-radius: 3px; font-size: 10px; padding: 1px 4px; } .when, .meta, .context { color: #616061; font-size: 13px; }
.slack h3 { margin: 4px 0; font-size: 17px; } .attachment { border-left: 4px solid; padding-left: 12px; }
.section { margin: 6px 0; } .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px; }
.actions { margin-top: 8px; } .button { display: inline-block; border: 1px solid #bbb; border-radius: 4px; padding: 3px 10px; margin-right: 6px; color: inherit; text-decoration: none; }
code { background: #f4f4f4; border: 1px solid #e4e4e4; border-radius: 3px; padding: 0 3px; color: #b3123f; font-size: 12px; }
pre { background: #f8f8f8; border: 1px solid #e4e4e4; border-radius: 4px; padding: 8px; white-space: pre-wrap; font-size: 12px; }
.meta { margin: 0 0 8px; } iframe { width: 100%; height: 560px; border: 1px solid #e1e3e6; border-radius: 4px; background: #fff; }
`;
