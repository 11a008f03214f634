import { formatDuration, humanDuration } from '../../core/duration.ts';
import { own } from '../../core/record.ts';
import type { Schedule } from '../../core/schedule.ts';
import type { Instant } from '../../core/time.ts';
import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { RecordedEpisode, RecordedRun } from '../../engine/history/run-history.ts';
import type { RuleDocument } from '../../evaluation/rule-states.ts';
import type { Rule } from '../../rules/rule.ts';
import { isFiring } from '../red.ts';
import { labelList, ROWS } from './alert-pages.ts';
import { alertsTable, groupWords } from './alerts-section.ts';
import { chartOf } from './chart.ts';
import { html, many, type PageMarkup, preformatted, rawMarkup, timeElement, withCode } from './html.ts';
import { pager, pathWith, tableOf } from './layout.ts';
import type { RuleCost, RuleFileFacts } from './ports.ts';

/** How a rule is, as far as that is known. */
export interface ShownRule {
  readonly rule: Rule;
  /** Undefined: it was never evaluated, or cannot be read. */
  readonly document: RuleDocument | undefined;
  readonly cost: RuleCost | undefined;
  readonly alerts: readonly ReportedAlert[];
}

/** Whether a rule works, in one word. */
export function ruleHealth({
  rule,
  document,
}: Pick<ShownRule, 'rule' | 'document'>): 'paused' | 'failing' | 'never evaluated' | 'ok' {
  if (!rule.enabled) return 'paused';
  if (document === undefined) return 'never evaluated';
  return document.health.failures > 0 ? 'failing' : 'ok';
}

/** The rules that a search finds: words in name, type, labels and indices. */
export function foundRules(rules: readonly Rule[], q: string): readonly Rule[] {
  const words = q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 10);
  if (words.length === 0) return rules;
  return rules.filter(({ name, type, labels, source }) => {
    const text = `${name} ${type} ${Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(' ')} ${source.indices.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A list of rules with health and cost; `found` is how many there are on all pages. */
export function rulesContent(
  shown: readonly ShownRule[],
  found: number,
  q: string,
  page: number,
  problem: string | undefined,
): PageMarkup {
  const rows = shown.map((one) => {
    const { rule, cost, alerts } = one;
    const firing = alerts.filter(isFiring).length;
    return [
      html`<a href="/rules/${encodeURIComponent(rule.id)}">${rule.name}</a>`,
      healthWord(one),
      html`${firing === 0 ? undefined : html`<span class="bad">${firing} firing</span>`}`,
      html`${rule.type}, ${scheduleText(rule.schedule)}`,
      html`${cost === undefined ? undefined : costText(cost)}`,
    ];
  });
  return html`<h1>Rules</h1><form class="search" role="search" action="/rules"><label class="wide">Words in name, type, labels or indices
<input type="search" name="q" value="${q}" maxlength="1000" autocomplete="off" spellcheck="false"></label><button>Search</button></form>
<div data-live>${problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`}<p>${many(found, 'rule')}</p>
${rows.length === 0 ? undefined : tableOf('Rules', ['Rule', 'Health', 'Alerts', 'Type', 'Cost of a search'], rows)}
${pager((to) => pathWith('/rules', { q, page: to === 1 ? undefined : to }), page, page * ROWS < found, Math.max(1, Math.ceil(found / ROWS)))}</div>`;
}

function healthWord(one: ShownRule): PageMarkup {
  const health = ruleHealth(one);
  const since = one.document?.health.failing_since;
  return html`<span class="${health === 'ok' ? 'good' : health === 'failing' ? 'bad' : 'faint'}">${health}</span>${
    health === 'failing' && since !== undefined ? html` since ${timeElement(since)}` : undefined
  }`;
}

function costText({ evaluations, took, longest }: RuleCost): string {
  return `${Math.round(took / Math.max(1, evaluations))} ms on average, ${Math.round(longest)} ms at most`;
}

function scheduleText(schedule: Schedule): string {
  return schedule.kind === 'every' ? `every ${formatDuration(schedule.every)}` : `${schedule.pattern} ${schedule.timezone}`;
}

/** What the page of a rule shows beside the rule. */
export interface RuleDetail extends ShownRule {
  readonly file: RuleFileFacts;
  readonly episodes: readonly RecordedEpisode[];
  readonly runs: readonly RecordedRun[];
  readonly problem: string | undefined;
  /** The group that the chart is of. */
  readonly charted: ReportedAlert['group'];
}

/** One rule: its definition, its series with episodes, health and cost. */
export function ruleContent(detail: RuleDetail, now: Instant): PageMarkup {
  const { rule, alerts, problem, charted } = detail;
  const group = rule.groupBy.length === 0 ? '' : groupWords(charted);
  const isCharted = rule.groupBy.length === 0 || rule.groupBy.every((field) => own(charted, field) !== undefined);
  const chart =
    rule.received === true
      ? undefined
      : isCharted
        ? html`<h2>Series${group === '' ? undefined : ` of ${group}`}</h2>${chartOf({ rule, group: charted }, now)}`
        : html`<h2>Series</h2><p>There is no chart, because the rule has no alerts or episodes yet.</p>`;
  const silence = pathWith('/silences/new', { matchers: `alertname=${JSON.stringify(rule.name)}` });
  return html`<h1>${rule.name}</h1>${rule.description === undefined ? undefined : html`<p>${rule.description}</p>`}
<div class="row">${rule.received === true ? undefined : html`<a class="button" href="${silence}">Silence this rule</a>`}${healthWord(detail)}</div>
${problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`}
<div data-live>${alerts.length === 0 ? html`<p>No alert of this rule is pending or firing.</p>` : alertsTable(alerts.slice(0, ROWS), now)}${
    alerts.length > ROWS
      ? html`<p><a href="${pathWith('/alerts', { q: `alertname=${JSON.stringify(rule.name)}` })}">all ${alerts.length} alerts</a></p>`
      : undefined
  }</div>${chart}${definition(rule, detail.file.change)}${testsSection(detail)}${healthSection(detail)}${runsSection(detail)}${episodesOfRule(detail)}`;
}

function definition(rule: Rule, change: RuleFileFacts['change']): PageMarkup {
  const { source, groupBy, query, window, delay, levels, recover, receivers, position, lifecycle } = rule;
  const conditions = rule.leveled
    ? levels.map(({ severity, condition }) => html`<div>${severity}: <code>${condition.text}</code></div>`)
    : html`<code>${levels[0]?.condition.text ?? ''}</code>`;
  const rows: readonly (readonly [string, PageMarkup | undefined])[] = [
    ['file', position.file === '' ? html`built in` : html`${position.file}:${String(position.line)}`],
    ['last change', position.file === '' ? undefined : changeText(change)],
    ['type', html`${rule.type}`],
    ['index', source.indices.length === 0 ? undefined : html`<code>${source.indices.join(', ')}</code>`],
    ['query', query.text === '' ? undefined : preformatted(query.text)],
    ['group by', rule.received === true ? html`all labels` : groupBy.length === 0 ? undefined : html`${groupBy.join(', ')}`],
    ['schedule', html`${scheduleText(rule.schedule)}, window ${formatDuration(window)}, delay ${formatDuration(delay)}`],
    ['condition', rule.received === true ? html`sent by another system and not over` : html`${conditions}`],
    ['recover', recover === undefined ? undefined : html`<code>${recover.text}</code>`],
    ['keep firing for', lifecycle.keepFiringFor === 0 ? undefined : html`${formatDuration(lifecycle.keepFiringFor)}`],
    ['receivers', html`${receivers === undefined ? 'by the routes' : receivers.join(', ')}`],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`],
  );
  return html`<h2>Definition</h2><table class="state"><caption class="unseen">Definition</caption>${shown}</table>${labelList(rule.labels)}`;
}

/** The last change of a rule's file, or the revision that was deployed. */
function changeText(change: RuleFileFacts['change']): PageMarkup {
  if (change.kind === 'unknown') return html`<span class="faint">unknown revision: ${withCode(change.why)}</span>`;
  if (change.kind === 'revision')
    return html`revision <code>${change.text}</code> <span class="faint">of all rules, by ${change.from}</span>`;
  const { hash, author, at, subject, url, differs } = change;
  const short = html`<code>${hash.slice(0, 8)}</code>`;
  return html`${subject}<br><span class="faint">${author}, ${timeElement(at)}, </span>${url === undefined ? short : html`<a href="${url}" rel="noreferrer">${short}</a>`}${
    differs ? html`<br><span class="bad">the file has uncommitted changes</span>` : undefined
  }`;
}

function testsSection({ rule, file: { tests } }: RuleDetail): PageMarkup {
  const command = html`<code>tocsin test ${rule.position.file}</code>`;
  if (tests === 'unknown') return html`<h2>Tests</h2><p>${command} runs them.</p>`;
  if (tests === 'none')
    return html`<h2>Tests</h2><p>There is no rule test next to its file. To write a first one, run <code>tocsin test init ${rule.position.file}</code>.</p>`;
  const { file, names, more, problem } = tests;
  return html`<h2>Tests</h2><p>${many(names.length + more, 'test')} in ${file}; ${command} runs them.</p>${
    problem === undefined ? undefined : html`<p class="note problem">${withCode(problem)}</p>`
  }${names.length === 0 ? undefined : html`<ul class="lines">${names.map((name) => html`<li>${name}</li>`)}${more === 0 ? undefined : html`<li>and ${more} more</li>`}</ul>`}`;
}

function healthSection({ document, cost }: RuleDetail): PageMarkup {
  const health = document?.health;
  const problem = health?.problem;
  return html`<h2>Health and cost</h2><table class="state"><caption class="unseen">Health and cost</caption>
<tr><th scope="row">evaluated and saved through</th><td>${document === undefined ? 'never' : timeElement(document.evaluated_through)}</td></tr>
${health === undefined || health.failures === 0 ? undefined : html`<tr><th scope="row">failed in a row</th><td class="bad">${health.failures}</td></tr>`}
${problem === undefined ? undefined : html`<tr><th scope="row">problem</th><td>${rawMarkup('<span class="bad">')}${withCode(problem.message)}${rawMarkup('</span>')}<br><span class="faint">Next: ${withCode(problem.hint)}</span></td></tr>`}
<tr><th scope="row">cost</th><td>${
    cost === undefined
      ? 'not evaluated by this replica since it started'
      : html`${many(cost.evaluations, 'evaluation')} since this replica started, ${cost.failed} of them failed; a search took ${costText(cost)}; the last one at ${timeElement(cost.at)} took ${cost.last} ms, matched ${many(cost.matched, 'document')} in ${many(cost.groups, 'group')}`
  }</td></tr></table>`;
}

function runsSection({ runs }: RuleDetail): PageMarkup | undefined {
  if (runs.length === 0) return undefined;
  const rows = runs.map(({ at, outcome, problem, matched, groups, findings, changes, cost }) => [
    timeElement(at),
    outcome === 'failed' ? html`<span class="bad">failed: ${problem?.message ?? ''}</span>` : html`evaluated`,
    html`${many(matched, 'document')}, ${many(groups, 'group')}`,
    html`${findings.breach} breach, ${findings.clear} clear, ${findings.unknown} unknown`,
    html`${changes.length === 0 ? '' : changes.length}`,
    html`${cost.took} ms`,
  ]);
  return html`<h2>Recorded evaluations</h2><p class="faint">Recorded are evaluations with findings or failures, and one per hour.</p>${tableOf('Recorded evaluations', ['Tick', 'Outcome', 'Matched', 'Findings', 'Changes', 'Took'], rows)}`;
}

function episodesOfRule({ episodes }: RuleDetail): PageMarkup | undefined {
  if (episodes.length === 0) return undefined;
  const rows = episodes.map(({ alert, group, start, end, severity }) => [
    html`<a href="/alerts/${encodeURIComponent(alert)}">${groupWords(group) === '' ? 'the rule' : groupWords(group)}</a>`,
    timeElement(start),
    html`${end === undefined ? 'not over' : humanDuration(end - start)}`,
    html`${severity}`,
  ]);
  return html`<h2>Episodes</h2>${tableOf('Episodes', ['Group', 'Began', 'Lasted', 'Severity'], rows)}`;
}
