import { createHash } from 'node:crypto';
import { humanDuration } from '../../core/duration.ts';
import { pageText } from '../../core/html-text.ts';
import { iso } from '../../core/time.ts';
import { plainLine } from '../plain-text.ts';
import { CHART_STYLE } from '../pr/pr-chart.ts';
import { SANDBOX_STYLE, sandboxPage } from '../sandbox/sandbox-html.ts';
import { counted } from '../wording.ts';
import { chartedStories } from './charted-stories.ts';
import type { DryRunReport } from './dry-run-report.ts';
import { headOf, longestGroups } from './story-chart.ts';
import { chartSvg } from './story-svg.ts';
import { askedSentence, stoppedSentence, summaryRows, summarySentence } from './summary.ts';

const HEAD = ['Rule', 'Windows', 'Failed', 'Episodes', 'Longest', 'Messages', 'Noisiest groups'];
const CHARTS_SHOWN = 100;
/** Colours by meaning, for light and dark; nothing is loaded from anywhere. */
const STYLE = `:root{color-scheme:light dark;--fg:#1f2328;--faint:#656d76;--line:#d0d7de;--a:#0969da;--b:#b45309;--bad:#cf222e;--bg:#fff;--soft:#f3f4f6;--good:#156b3a}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--faint:#8d96a0;--line:#30363d;--a:#58a6ff;--b:#f5b45c;--bad:#ff7b72;--bg:#0d1117;--soft:#1e232a;--good:#6fd69a}}
*{box-sizing:border-box}
body{font:14px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:960px;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{text-align:left;border-bottom:1px solid var(--line);padding:.25rem .75rem .25rem 0}
p.faint{color:var(--faint);margin:.25rem 0}svg{width:100%;max-width:720px;height:auto}svg text{font:10px system-ui,sans-serif;fill:var(--faint)}
.end{text-anchor:end}.value{fill:none;stroke:var(--a);stroke-width:1.5}.limit{stroke:var(--bad);stroke-dasharray:4 3}
.band{fill:none;stroke:var(--line)}.fires{fill:var(--bad)}.sandbox svg{max-width:none}${CHART_STYLE}${SANDBOX_STYLE}`;

/**
 * A dry run as one page that needs nothing else: the table, and a chart for each rule that measured something. `program` plays rules with other
 * values out of what lies in the page; undefined: nothing runs in it.
 */
export function dryRunHtml(report: DryRunReport, program?: string): string {
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
  const sandboxes = sandboxPage(
    stories.map(({ story: { id, name } }) => ({ name, sandbox: report.sandboxes?.get(id) })),
    program,
  );
  // What was measured is in parts of the range that was asked for.
  const asked = { from: report.from, to: report.stopped?.to ?? report.to };
  const charts = stories.map(({ story, measured }, place) => {
    const groups = longestGroups(story, report).map((line) => `<p class="faint">${pageLine(line)}</p>`);
    return `<h2>${pageLine(story.name)}</h2><p class="faint">${pageLine(headOf(measured))}</p>${chartSvg(story, measured, asked)}${groups.join('')}${sandboxes.slot(place)}`;
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
    ...(program !== undefined && report.sandboxes === undefined && stories.length > 0
      ? ['<p class="faint">No sandboxes: there are more rules than a page has sandboxes for. Choose some with --rule.</p>']
      : []),
    `<p>${pageLine(`${summarySentence(report)}. Nothing was written, nothing was sent.${askedSentence(report)}`)}</p>`,
  ];
  return dryRunPage('Dry run', body, { runs: sandboxes.policy, scripts: sandboxes.scripts });
}

/** What a page has beside its body: style of its own, and scripts with the policy that lets these alone run. */
interface PageParts {
  readonly style?: string;
  readonly runs?: string;
  readonly scripts?: string;
}

/** A page of its own around parts of HTML, in the colours of dry runs: nothing is loaded, and nothing runs but its scripts. */
export function dryRunPage(
  title: string,
  body: readonly string[],
  { style = '', runs = '', scripts = '' }: PageParts = {},
): string {
  const whole = `${STYLE}${style}`;
  const hash = createHash('sha256').update(whole).digest('base64');
  const policy = `default-src 'none'; ${runs === '' ? '' : `${runs}; `}style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const head = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${whole}</style>`;
  return `<!doctype html>\n<html lang="en"><head>${head}</head>\n<body>\n${body.join('\n')}\n${scripts}</body></html>\n`;
}

/** A text on one line of a page. */
export function pageLine(text: string): string {
  return pageText(plainLine(text));
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
