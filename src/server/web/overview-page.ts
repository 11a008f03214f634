import { humanDuration } from '../../core/duration.ts';
import { pageText } from '../../core/html-text.ts';
import { own } from '../../core/record.ts';
import { compareSeverities, severityKind } from '../../core/severity.ts';
import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { formatMatcher } from '../../routing/parse-matcher.ts';
import { failingReceivers, healthReason, isFiring, isWorkedOn } from '../red.ts';
import type { HealthCheck, PresentAlerts, ServiceStatus } from '../status.ts';
import { alertsSection } from './alerts-section.ts';
import { bad, cut, html, type PageMarkup, pageTime, preformatted, rawMarkup, withCode } from './html.ts';
import { pathWith } from './layout.ts';

/** Rules, receivers and health alerts that are named; the others are counted. */
const MOST_ITEMS = 50;

const LONGEST_PROBLEM = 2_000;

/** Heading and markup of a line of the page. */
type Row = readonly [string, string];

/** The content of the overview: what fires and is held back, what is red and why, and how the service is. */
export function overviewContent(status: ServiceStatus, present: PresentAlerts): PageMarkup {
  const { version, namespace, badFiles } = status;
  const files = badFiles.map(({ file, message }) => html`<h3>${file}</h3>${preformatted(message, LONGEST_PROBLEM)}`);
  const rows = stateRows(status).map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  return html`<h1>Overview</h1><p class="faint">${`version ${version}, namespace ${namespace}`}</p>
<div data-live>${burning(present)}${rawMarkup(alertsSection(present, status.now))}${rawMarkup(redSection(status, present))}${
    files.length === 0 ? undefined : html`<h2 class="bad">Files that do not load</h2>${files}`
  }<h2>Service</h2><table class="state"><caption class="unseen">Service</caption>${rawMarkup(rows.join(''))}</table></div>`;
}

const MOST_TEAMS = 30;

/** What fires by severity and by team, and what is held back: each a link to the alerts that it counts. */
function burning({ report: { alerts } }: PresentAlerts): PageMarkup | undefined {
  if (alerts.length === 0) return undefined;
  const firing = alerts.filter(isFiring);
  const severities = [...countBy(firing, ({ severity }) => severity ?? 'warning')].sort(([a], [b]) => compareSeverities(a, b));
  const teams = [...countBy(firing, ({ labels }) => own(labels, 'team') ?? '')].sort(([, a], [, b]) => b - a);
  const bySeverity = severities.map(([severity, count]) => {
    const href = pathWith('/alerts', { q: formatMatcher({ label: 'severity', op: '=', value: severity }), status: 'firing' });
    return html`<li><strong class="${severityKind(severity)}">${count}</strong><a href="${href}">${severity}</a></li>`;
  });
  const byTeam = teams.slice(0, MOST_TEAMS).map(([team, count]) => {
    const href = pathWith('/alerts', { q: formatMatcher({ label: 'team', op: '=', value: team }), status: 'firing' });
    return html`<li><strong>${count}</strong><a href="${href}">${team === '' ? 'no team' : team}</a></li>`;
  });
  const held = HELD.map(
    ([state, words]) => [state, words, alerts.filter((alert) => heldStateOf(alert) === state).length] as const,
  );
  const worked = ['acknowledged', 'acknowledged', firing.filter(isWorkedOn).length] as const;
  const back = [worked, ...held].flatMap(([state, words, count]) =>
    count === 0 ? [] : [html`<li><strong>${count}</strong><a href="${pathWith('/alerts', { status: state })}">${words}</a></li>`],
  );
  return html`${firing.length === 0 ? undefined : html`<h2>Firing by severity</h2><ul class="cards">${bySeverity}</ul>`}${
    teams.some(([team]) => team !== '') ? html`<h2>Firing by team</h2><ul class="cards">${byTeam}</ul>` : undefined
  }${back.length === 0 ? undefined : html`<h2>Acknowledged, held back or waiting</h2><ul class="cards">${back}</ul>`}`;
}

const HELD = [
  ['suppressed', 'suppressed'],
  ['held', 'held for a silent source'],
  ['flapping', 'flapping'],
  ['pending', 'pending'],
] as const;

/** Why receivers are not notified of an alert now, the strongest reason first; undefined: they are, or were. */
export function heldStateOf({ heldUntil, notified, flapping, status }: ReportedAlert): (typeof HELD)[number][0] | undefined {
  if (heldUntil !== undefined) return 'held';
  // The note of a receiver that was notified is the silence that has begun since.
  const isSilenced = notified.every(({ state, note }) => state === 'held' || (state === 'notified' && note !== undefined));
  if (notified.length > 0 && isSilenced) return 'suppressed';
  if (flapping !== undefined) return 'flapping';
  return status === 'pending' ? 'pending' : undefined;
}

/** How many there are of each name. */
function countBy<T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return counts;
}

function stateRows(status: ServiceStatus): readonly Row[] {
  const { rules, shards, alerts, suppressed, acknowledged, flapping, outages, store, history, config, tasks, oldestUndelivered } =
    status;
  const firing = alerts.map(({ status: state, severity, count }) => `${count} ${state} (${severity})`).join(', ') || 'none';
  const flaps = flapping === 0 ? '' : `; ${flapping} flapping`;
  const silent = outages.rules === 0 ? '' : `; ${outages.rules} with a silent source, ${outages.held} held back for it`;
  const back = `${suppressed.silence} silenced, ${suppressed.inhibition} inhibited, ${suppressed.pause} of paused rules`;
  return [
    ['healthy', checkText(status.healthy)],
    ['ready', checkText(status.ready)],
    ['store', store.up ? 'available and writable' : bad(`unavailable${store.problem === undefined ? '' : `: ${store.problem}`}`)],
    ...history.map(({ index, problem }): Row => ['history', bad(`${index} cannot be written: ${problem}`)]),
    ...tasks.map(({ task, problem }): Row => [pageText(task), bad(`failing: ${problem}`)]),
    ...(status.signIn ?? []).map((problem): Row => ['signing in', pageText(cut(problem))]),
    [
      'configuration',
      config.loaded ? 'in force' : bad(`does not load: the one loaded at ${pageTime(config.loadedAt)} remains active`),
    ],
    ['rules', pageText(`${rules.enabled} of ${rules.loaded} enabled, ${rules.failing} failing`)],
    ['evaluated here', pageText(`${shards.held} of ${shards.of} shards of the rules; replicas: ${shards.replicas}`)],
    ['alerts of these rules', pageText(`${firing}${flaps}${silent}`)],
    ['not notified now', pageText(back)],
    ['acknowledged', pageText(String(acknowledged))],
    ['oldest undelivered', pageText(oldestUndelivered === 0 ? 'none' : humanDuration(oldestUndelivered))],
    ['running since', pageText(`${pageTime(status.startedAt)} (${humanDuration(status.now - status.startedAt)})`)],
  ];
}

/** Each rule and receiver that fails: the reason, since when, and the next step. */
function redSection(status: ServiceStatus, { report }: PresentAlerts): string {
  const { failingRules, healthAlerts } = status;
  const rules = failingRules.map(({ rule, since, failures, reason, hint }) => {
    const when = since === undefined ? '' : `, since ${pageTime(since)}`;
    const many = failures === 1 ? 'one evaluation' : `${failures} evaluations in a row`;
    const step = hint === '' ? `tocsin explain ${rule}` : hint;
    return item(`rule ${rule}${when} (${many} failed)`, reason, step);
  });
  const receivers = failingReceivers(report).map(({ destination, receiver, reason, since, alerts }) => {
    const when = since === undefined ? '' : `, since ${pageTime(since)}`;
    const waiting = alerts === 1 ? 'one alert is' : `${alerts} alerts are`;
    return item(`receiver ${destination}${when} (${waiting} not delivered)`, reason, own(STEPS, 'receiver')?.(receiver) ?? '');
  });
  const health = healthAlerts.map(({ kind, subject, since }) => {
    return item(
      `${kind} ${subject}, since ${pageTime(since)}`,
      healthReason(report, kind, subject) ?? '',
      own(STEPS, kind)?.(subject) ?? 'tocsin doctor',
    );
  });
  const list = (title: string, items: readonly string[]) => {
    const more = items.length - MOST_ITEMS;
    const rest = more > 0 ? `<li>and ${more.toLocaleString('en-US')} more</li>` : '';
    return items.length === 0 ? '' : `<h2 class="bad">${title}</h2><ul>${items.slice(0, MOST_ITEMS).join('')}${rest}</ul>`;
  };
  return [
    list('Rules that cannot be evaluated', rules),
    list('Receivers that cannot be reached', receivers),
    list('Health alerts', health),
  ].join('');
}

/** The next step for each kind of health alert that has one of its own. */
const STEPS: Readonly<Record<string, (subject: string) => string>> = {
  rule: (subject) => `tocsin explain ${subject}`,
  receiver: (subject) => `tocsin doctor --send-test, and tocsin explain --receiver ${subject.split('/')[0] ?? subject}`,
  file: () => 'tocsin check',
  template: () => 'tocsin test, with a document like those of the alert',
};

function item(title: string, reason: string, step: string): string {
  const why = reason === '' ? '' : `<br>${bad(cut(reason))}`;
  return `<li>${pageText(cut(title))}${why}${step === '' ? '' : `<br><span class="faint">Next: ${withCode(step).markup}</span>`}</li>`;
}

function checkText(check: HealthCheck): string {
  return check.ok ? 'yes' : bad(`no: ${check.why}`);
}
