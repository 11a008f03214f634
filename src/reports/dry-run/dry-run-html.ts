import { humanDuration } from '../../core/duration.ts';
import { iso } from '../../core/time.ts';
import { plainLine } from '../plain-text.ts';
import { counted } from '../wording.ts';
import { chartedStories } from './charted-stories.ts';
import type { DryRunReport } from './dry-run-report.ts';
import { headOf, longestGroups } from './story-chart.ts';
import { chartSvg, svgText } from './story-svg.ts';
import { askedSentence, stoppedSentence, summaryRows, summarySentence } from './summary.ts';

const HEAD = ['Rule', 'Windows', 'Failed', 'Episodes', 'Longest', 'Messages', 'Noisiest groups'];
const CHARTS_SHOWN = 100;
/** Colours by meaning, for light and dark; nothing is loaded from anywhere. */
const STYLE = `:root{color-scheme:light dark;--ink:#1f2328;--faint:#656d76;--line:#d0d7de;--value:#0969da;--bad:#cf222e;--page:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--faint:#8d96a0;--line:#30363d;--value:#58a6ff;--bad:#ff7b72;--page:#0d1117}}
body{font:14px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:960px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{text-align:left;border-bottom:1px solid var(--line);padding:.25rem .75rem .25rem 0}
p.faint{color:var(--faint);margin:.25rem 0}svg{width:100%;max-width:720px;height:auto}svg text{font:10px system-ui,sans-serif;fill:var(--faint)}
.end{text-anchor:end}.value{fill:none;stroke:var(--value);stroke-width:1.5}.limit{stroke:var(--bad);stroke-dasharray:4 3}
.band{fill:none;stroke:var(--line)}.fires{fill:var(--bad)}`;

/** A dry run as one page that needs nothing else: the table, and a chart for each rule that measured something. */
export function dryRunHtml(report: DryRunReport): string {
  const range = `${iso(report.from)} – ${iso(report.to)} (${humanDuration(report.to - report.from)})`;
  const rows = summaryRows(report).map((row) => [
    row.rule,
    row.windows,
    row.failed,
    row.episodes,
    row.longest,
    row.messages,
    row.noisiest,
  ]);
  const cells = (tag: 'th' | 'td') => (row: readonly string[]) =>
    `<tr>${row.map((text) => `<${tag}>${pageLine(text)}</${tag}>`).join('')}</tr>`;
  const { stories, others } = chartedStories(report, CHARTS_SHOWN);
  // What was measured is in parts of the range that was asked for.
  const asked = { from: report.from, to: report.stopped?.to ?? report.to };
  const charts = stories.map(({ story, measured }) => {
    const groups = longestGroups(story, report).map((line) => `<p class="faint">${pageLine(line)}</p>`);
    return `<h2>${pageLine(story.name)}</h2><p class="faint">${pageLine(headOf(measured))}</p>${chartSvg(story, measured, asked)}${groups.join('')}`;
  });
  const body = [
    '<h1>Dry run</h1>',
    `<p class="faint">${range}</p>`,
    ...(report.stopped === undefined ? [] : [`<p><strong>${pageLine(stoppedSentence(report))}</strong></p>`]),
    `<table><thead>${cells('th')(HEAD)}</thead><tbody>${rows.map(cells('td')).join('')}</tbody></table>`,
    ...charts,
    ...(others === 0
      ? []
      : [`<p class="faint">${counted(others, 'more chart')}: name fewer rules, or choose them with --rule.</p>`]),
    `<p>${pageLine(`${summarySentence(report)}. Nothing was written, nothing was sent.${askedSentence(report)}`)}</p>`,
  ];
  return dryRunPage('Dry run', body);
}

/** A page of its own around parts of HTML, in the colours of dry runs. */
export function dryRunPage(title: string, body: readonly string[], style = ''): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}${style}</style></head>\n<body>\n${body.join('\n')}\n</body></html>\n`;
}

/** A text on one line of a page. */
export function pageLine(text: string): string {
  return svgText(plainLine(text));
}

/** A table of texts that scrolls by itself where it has no room, and can be reached by keyboard to do so; cells of `html` are as they are. */
export function pageTable(
  label: string,
  head: readonly string[],
  rows: readonly (readonly (string | { readonly html: string })[])[],
): string {
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${typeof cell === 'string' ? pageLine(cell) : cell.html}</td>`).join('')}</tr>`,
  );
  return `<div class="wide" tabindex="0" role="region" aria-label="${pageLine(label)}"><table><thead><tr>${head.map((title) => `<th scope="col">${pageLine(title)}</th>`).join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}
