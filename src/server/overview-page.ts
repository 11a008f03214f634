import { humanDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import { alertsSection } from './alerts-section.ts';
import { bad, cut, escaped, page, timeText } from './html.ts';
import { failingReceivers, healthReason } from './red.ts';
import type { HealthCheck, PresentAlerts, ServiceStatus } from './status.ts';

/** Rules, receivers and health alerts that are named; the others are counted. */
const MOST_ITEMS = 50;

/** Heading and markup of a line of the page. */
type Row = readonly [string, string];

/** One plain page about a running service: what fires, what is red and why, and how the service is. No script, nothing from elsewhere. */
export function overviewPage(status: ServiceStatus, present: PresentAlerts): string {
  const { version, namespace, badFiles } = status;
  const files = badFiles.map(({ file, message }) => `<h3>${escaped(file)}</h3><pre>${escaped(message)}</pre>`).join('');
  const parts = [
    `<h1>Tocsin</h1><p class="faint">${escaped(`version ${version}, namespace ${namespace}`)}</p>`,
    alertsSection(present, status.now),
    redSection(status, present),
    files === '' ? '' : `<h2 class="bad">Files that do not load</h2>${files}`,
    `<h2>Service</h2><table class="state">${stateRows(status)
      .map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`)
      .join('')}</table>`,
    '<p><a href="/metrics">metrics</a> · <a href="/api/v1/status">status as JSON</a> · <a href="/-/healthy">healthy</a> · <a href="/-/ready">ready</a></p>',
  ];
  return page(`Tocsin ${namespace}`, parts.join('\n'));
}

function stateRows(status: ServiceStatus): readonly Row[] {
  const { rules, shards, alerts, flapping, outages, store, history, config, tasks, oldestUndelivered } = status;
  const firing = alerts.map(({ status: state, severity, count }) => `${count} ${state} (${severity})`).join(', ') || 'none';
  const flaps = flapping === 0 ? '' : `; ${flapping} flapping`;
  const silent = outages.rules === 0 ? '' : `; ${outages.rules} with a silent source, ${outages.held} held back for it`;
  return [
    ['healthy', checkText(status.healthy)],
    ['ready', checkText(status.ready)],
    ['store', store.up ? 'available and writable' : bad(`away${store.problem === undefined ? '' : `: ${store.problem}`}`)],
    ...history.map(({ index, problem }): Row => ['history', bad(`${index} cannot be written: ${problem}`)]),
    ...tasks.map(({ task, problem }): Row => [escaped(task), bad(`failing: ${problem}`)]),
    ['configuration', config.loaded ? 'in force' : bad(`does not load: that of ${timeText(config.loadedAt)} stays in force`)],
    ['rules', escaped(`${rules.enabled} of ${rules.loaded} enabled, ${rules.failing} failing`)],
    ['evaluated here', escaped(`${shards.held} of ${shards.of} shards of the rules; replicas: ${shards.replicas}`)],
    ['alerts of these rules', escaped(`${firing}${flaps}${silent}`)],
    ['oldest undelivered', escaped(oldestUndelivered === 0 ? 'none' : humanDuration(oldestUndelivered))],
    ['running since', escaped(`${timeText(status.startedAt)} (${humanDuration(status.now - status.startedAt)})`)],
  ];
}

/** Each rule and receiver that fails: the reason, since when, and the next step. */
function redSection(status: ServiceStatus, { report }: PresentAlerts): string {
  const { failingRules, healthAlerts } = status;
  const rules = failingRules.map(({ rule, since, failures, reason, hint }) => {
    const when = since === undefined ? '' : `, since ${timeText(since)}`;
    const many = failures === 1 ? 'one evaluation' : `${failures} evaluations in a row`;
    const step = hint === '' ? `tocsin explain ${rule}` : hint;
    return item(`rule ${rule}${when} (${many} failed)`, reason, step);
  });
  const receivers = failingReceivers(report).map(({ destination, receiver, reason, since, alerts }) => {
    const when = since === undefined ? '' : `, since ${timeText(since)}`;
    const waiting = alerts === 1 ? 'one alert is' : `${alerts} alerts are`;
    return item(`receiver ${destination}${when} (${waiting} not delivered)`, reason, own(STEPS, 'receiver')?.(receiver) ?? '');
  });
  const health = healthAlerts.map(({ kind, subject, since }) => {
    return item(
      `${kind} ${subject}, since ${timeText(since)}`,
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
    list('Receivers that are not reached', receivers),
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
  return `<li>${escaped(cut(title))}${why}${step === '' ? '' : `<br><span class="faint">Next: ${escaped(cut(step))}</span>`}</li>`;
}

function checkText(check: HealthCheck): string {
  return check.ok ? 'yes' : bad(`no: ${check.why}`);
}
