import { createHash } from 'node:crypto';
import { alignLines } from '../../core/align-lines.ts';
import { humanDuration } from '../../core/duration.ts';
import { pageText as text } from '../../core/html-text.ts';
import { jsonText } from '../../core/json.ts';
import { iso, type TimeRange } from '../../core/time.ts';
import { SANDBOX_STYLE, type SandboxPage, sandboxPage } from '../sandbox/sandbox-html.ts';
import { counted } from '../wording.ts';
import { countsText, episodeCounts } from './episode-counts.ts';
import { CHART_STYLE, prChart } from './pr-chart.ts';
import { comparedNumber, comparedNumbers, noisiestGroups, replayProblems } from './pr-numbers.ts';
import { failedTests, type PrReport, type ReportedRule } from './pr-report.ts';

const STYLE = `
:root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#f3f4f6;--line:#d6dae0;--faint:#5b6470;--bad:#b42318;--good:#156b3a;--a:#2f5fd0;--b:#b45309}
@media (prefers-color-scheme:dark){:root{--fg:#e6e9ee;--bg:#14171c;--soft:#1e232a;--line:#39404a;--faint:#a0a9b5;--bad:#ff8a7a;--good:#6fd69a;--a:#8db0ff;--b:#f5b45c}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);overflow-wrap:anywhere}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2.5rem}h3{font-size:1rem}
a{color:var(--a)}.faint{color:var(--faint)}.bad{color:var(--bad)}.good{color:var(--good)}
.wide{overflow-x:auto}.wide:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--a);outline-offset:2px}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--line);padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:normal}
pre{background:var(--soft);padding:.6rem;margin:0;font:13px/1.45 ui-monospace,monospace}
pre span{display:block;min-height:1.45em}.gone{color:var(--bad)}.new{color:var(--good)}
${CHART_STYLE}${SANDBOX_STYLE}`;

/**
 * The whole report of a change as one page: nothing is loaded, and nothing runs but `program`, which plays rules with other values out of what lies
 * in the page. Undefined: nothing runs at all.
 */
export function prHtml(report: PrReport, program?: string): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const sandboxes = sandboxPage(
    report.rules.map(({ name, after }) => ({ name, sandbox: after?.played?.sandbox })),
    program,
  );
  const runs = sandboxes.policy === '' ? '' : `${sandboxes.policy}; `;
  const policy = `default-src 'none'; ${runs}style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const { rules, range, against } = report;
  const title = rules.length === 0 ? 'No rule changes' : `${counted(rules.length, 'changed rule')}`;
  const time =
    range === undefined
      ? 'Nothing was replayed.'
      : `Replayed ${iso(range.from).slice(0, 16)}Z – ${iso(range.to).slice(0, 16)}Z (${humanDuration(range.to - range.from)}).`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Tocsin: ${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${time} Compared with <code>${text(against.commit.slice(0, 12))}</code>, which HEAD shares with <code>${text(against.ref)}</code>.</p>
${notes(report)}${table(report)}${problems(report)}${tests(report)}${rules.map((rule, index) => section(rule, index, { range, sandboxes })).join('')}
</main>
${sandboxes.scripts}</body>
</html>
`;
}

function notes({ notes: all }: PrReport): string {
  return all.length === 0 ? '' : `<ul>${all.map((note) => `<li>${text(note)}</li>`).join('')}</ul>\n`;
}

function table({ rules, range }: PrReport): string {
  if (rules.length === 0) return '';
  const head = ['Rule', 'Change', 'Episodes', 'Messages', 'Time in alert', 'Searches', 'Tests'];
  const rows = rules.map((rule, index) => {
    const cells = [`<a href="#r${index}">${text(rule.name)}</a>`, kindOf(rule), ...numbers(rule, range), testsOf(rule)];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="wide" tabindex="0" role="region" aria-label="Rules"><table><thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>\n`;
}

function kindOf({ kind, renamedFrom }: ReportedRule): string {
  if (kind === 'broken') return '<span class="bad">broken</span>';
  return renamedFrom === undefined ? kind : `renamed from ${text(renamedFrom)}`;
}

function numbers(rule: ReportedRule, range: TimeRange | undefined): readonly string[] {
  const compared = comparedNumbers(rule, range);
  if (compared === undefined) return [rule.notPlayed === true ? 'not replayed: budget' : '', '', '', ''];
  const searches = comparedNumber(rule, ({ asked }) =>
    asked === undefined ? '–' : `${asked.searches}, ${humanDuration(asked.took)}`,
  );
  return [...compared, searches].map(({ before, after }) =>
    before === undefined || before === after ? (after ?? '') : `${before} → <strong>${after ?? '–'}</strong>`,
  );
}

function testsOf({ tests: counts, kind }: ReportedRule): string {
  if (counts === undefined) return kind === 'removed' ? '' : 'none';
  const { passed, failed, reached, parts } = counts;
  const said = failed > 0 ? `<span class="bad">${failed} failed</span>` : `<span class="good">${passed} passed</span>`;
  return parts === undefined ? said : `${said}, ${reached} of ${parts} parts`;
}

function notReached({ tests: counts }: ReportedRule): string {
  const missing = counts?.missing ?? [];
  return missing.length === 0 ? '' : ` · <span class="faint">not reached by tests: ${text(missing.join(', '))}</span>`;
}

function problems({ problems: all, knownProblems }: PrReport): string {
  const known = knownProblems === 0 ? '' : `<p class="faint">${counted(knownProblems, 'finding')} existed before.</p>`;
  if (all.length === 0) return known;
  const items = all.map(({ severity, code, message, hint, path, at }) => {
    const place = at === undefined ? '' : `<code>${text(`${at.file}:${at.line}:${at.column}`)}</code> `;
    return `<li><span class="${severity === 'error' ? 'bad' : 'faint'}">${severity}</span> ${place}${path === undefined ? '' : `<code>${text(path)}</code> `}${text(message)}${hint === undefined ? '' : ` <span class="faint">${text(hint)}</span>`} <code>${text(code)}</code></li>`;
  });
  return `<h2>New findings</h2><ul>${items.join('\n')}</ul>${known}\n`;
}

function tests(report: PrReport): string {
  const { files, problems: own } = report.tests;
  const failed = failedTests(report);
  const all = [
    ...own.map(({ message }) => text(message)),
    ...files.flatMap(({ file, problems: broken }) =>
      broken.filter(({ severity }) => severity === 'error').map(({ message }) => `<code>${text(file)}</code> ${text(message)}`),
    ),
    ...failed.map(({ file, test: { name }, lines }, index) => {
      const title = `<code>${text(file)}</code> <span id="t${index}">${text(name)}</span>`;
      return `${title}<div class="wide" tabindex="0" role="region" aria-labelledby="t${index}"><pre>${lines.map(text).join('\n')}</pre></div>`;
    }),
  ];
  return all.length === 0 ? '' : `<h2>Failed tests</h2><ul>${all.map((one) => `<li class="bad">${one}</li>`).join('\n')}</ul>\n`;
}

interface Place {
  readonly range: TimeRange | undefined;
  readonly sandboxes: SandboxPage;
}

function section(rule: ReportedRule, index: number, { range, sandboxes }: Place): string {
  const { before, after } = rule;
  const chart = range === undefined || (before?.played ?? after?.played) === undefined ? '' : chartOf(rule, range);
  const lines = alignLines(before?.lines ?? [], after?.lines ?? (rule.kind === 'broken' ? (before?.lines ?? []) : []));
  const signs = { same: ' ', gone: '-', new: '+' } as const;
  const diff = lines.map(({ kind, text: one }) => `<span class="${kind}">${signs[kind]} ${text(one)}</span>`).join('');
  return `<section aria-labelledby="r${index}"><h2 id="r${index}">${text(rule.name)}</h2>
<p>${kindOf(rule)}${rule.file === undefined ? '' : ` · <code>${text(rule.file)}</code>`}${notReached(rule)}</p>
${keys(rule)}${chart}${failures(rule)}${sandboxes.slot(index)}<details${lines.length > 60 ? '' : ' open'}><summary>The rule as it holds, defaults included</summary><div class="wide" tabindex="0" role="region" aria-label="Keys of the rule"><pre>${diff}</pre></div></details></section>\n`;
}

function keys({ keys: all }: ReportedRule): string {
  if (all.length === 0) return '';
  const value = (one: unknown) =>
    one === undefined ? '–' : `<code>${text(typeof one === 'string' ? one : jsonText(one))}</code>`;
  const rows = all.map(
    ({ path, before, after }) => `<tr><td><code>${text(path)}</code></td><td>${value(before)}</td><td>${value(after)}</td></tr>`,
  );
  return `<div class="wide" tabindex="0" role="region" aria-label="Changed keys"><table><thead><tr><th scope="col">Key</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>\n`;
}

function chartOf({ before, after }: ReportedRule, range: TimeRange): string {
  const [old, young] = [before?.played, after?.played];
  const sentence =
    old === undefined || young === undefined ? '' : `<p>${countsText(episodeCounts(old.story, young.story, range))}</p>`;
  const noisy = young === undefined ? [] : noisiestGroups(young, range).slice(0, 20);
  const groups =
    noisy.length === 0
      ? ''
      : `<p>Noisiest groups: ${noisy.map(([group, count]) => `<code>${text(group)}</code> ×${count}`).join(', ')}</p>`;
  const versions = [
    ...(old === undefined ? [] : [{ name: 'before' as const, played: old }]),
    ...(young === undefined ? [] : [{ name: 'after' as const, played: young }]),
  ];
  return `${prChart(versions, range)}${sentence}${groups}\n`;
}

function failures(rule: ReportedRule): string {
  const items = replayProblems(rule).map(
    ({ side, code, message, hint, times }) =>
      `<li>${side}: ${text(message)} <span class="faint">${text(hint)}</span> <code>${text(code)}</code> ×${times}</li>`,
  );
  return items.length === 0 ? '' : `<ul class="bad">${items.join('')}</ul>\n`;
}
