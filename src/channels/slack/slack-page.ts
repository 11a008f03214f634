import { escapeHtml } from '../../core/html-text.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { NO_PICTURE, pictureUrl } from '../chart-key.ts';
import { withImage } from './app-chart.ts';
import { slackView } from './slack-view.ts';

const STYLE = `
:root{color-scheme:light dark;--back:#fff;--text:#1d1c1d;--faint:#616061;--edge:#ddd;--link:#1264a3;--code:#c01343;--codeback:#f6f6f6}
@media (prefers-color-scheme:dark){:root{--back:#1a1d21;--text:#d1d2d3;--faint:#9a9b9e;--edge:#3c3f44;--link:#64b5f6;--code:#e8912d;--codeback:#222529}}
body{font:15px/1.46 Lato,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:var(--back);color:var(--text);margin:0;padding:16px;overflow-wrap:anywhere}
main{max-width:720px;display:grid;grid-template-columns:44px 1fr}a{color:var(--link);text-decoration:none}
.avatar{width:36px;height:36px;border-radius:6px;background:#7a1f3d;color:#fff;display:grid;place-items:center;font-weight:700}
.who{margin:0 0 2px}.app{background:var(--codeback);color:var(--faint);border-radius:3px;font-size:11px;padding:1px 4px}
h4{margin:2px 0 6px;font-size:18px;line-height:1.35}.attachment{border-left:4px solid;padding-left:12px}.section{margin:6px 0}
.context{color:var(--faint);font-size:13px;margin:4px 0}.fields{display:grid;grid-template-columns:1fr 1fr;gap:6px 16px}
code{background:var(--codeback);border:1px solid var(--edge);border-radius:3px;padding:1px 3px;color:var(--code);font-size:12px}.context code{font-size:11px}
pre{background:var(--codeback);border:1px solid var(--edge);border-radius:4px;padding:8px;margin:4px 0;white-space:pre-wrap;font-size:12px;line-height:1.5}
q{display:block;border-left:4px solid var(--edge);padding-left:10px;quotes:none}
@media (max-width:480px){main{display:block}.avatar{display:none}.fields{grid-template-columns:1fr}}`;

/** A page that shows the body of an incoming webhook about as Slack does. */
export function slackPage(payload: Json, title: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body><main><div class="avatar">T</div><div><p class="who"><b>Tocsin</b> <span class="app">APP</span></p>${slackView(payload)}</div></main></body></html>
`;
}

/** A page that shows the message of an app about as Slack does, with its chart. */
export function slackAppPage(payload: JsonObject, title: string): string {
  const { message, chart } = payload;
  const { png, text } = isObject(chart) ? (chart as JsonObject) : {};
  if (!isObject(message) || typeof png !== 'string' || png === NO_PICTURE) return slackPage(message ?? null, title);
  const image = { type: 'image', alt_text: String(text), image_url: pictureUrl({ png }) };
  return slackPage(withImage(message as JsonObject, image), title);
}

/** The address of Slack's Block Kit Builder with the body of an incoming webhook in it. */
export function blockKitBuilder(payload: Json): string {
  return `https://app.slack.com/block-kit-builder/#${encodeURIComponent(JSON.stringify(payload))}`;
}
