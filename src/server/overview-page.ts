import { humanDuration } from '../core/duration.ts';
import { own } from '../core/record.ts';
import { alertsSection } from './alerts-section.ts';
import { bad, cut, escaped, timeText } from './html.ts';
import { failingReceivers, healthReason } from './red.ts';
import type { HealthCheck, PresentAlerts, ServiceStatus } from './status.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#1c2430;overflow-wrap:anywhere}' +
  'h1{margin:0}h2{margin:2rem 0 .5rem}table{border-collapse:collapse}td,th{padding:.25rem 1rem .25rem 0;text-align:left;vertical-align:top}' +
  '.alerts{width:100%}.alerts tr{border-top:1px solid #d5dae1}.alerts thead tr{border:0}.alerts th{white-space:nowrap}.state th{width:11rem}.time{white-space:nowrap}' +
  '.alarming{color:#b3261e;font-weight:600}.warning{color:#8a5300;font-weight:600}.faint{color:#5b6675}' +
  'pre{background:#f4f5f7;padding:.6rem;white-space:pre-wrap}.bad{color:#b3261e}' +
  '@media(max-width:48rem){.alerts thead{display:none}.alerts,.alerts tbody,.alerts tr,.alerts td{display:block}.alerts tr{padding:.5rem 0}' +
  '.alerts td{padding:0}.alerts td:empty{display:none}.alerts td[data-label]::before{content:attr(data-label) " ";color:#5b6675}.state th{width:8rem}}' +
  '@media(prefers-color-scheme:dark){body{background:#14181d;color:#e4e7eb}pre{background:#20262d}a{color:#8ab4f8}.bad,.alarming{color:#ff8a80}' +
  '.warning{color:#ffc069}.faint,.alerts td[data-label]::before{color:#9aa5b1}.alerts tr{border-color:#39424e}}';

/** Rules, receivers and health alerts that are named; the others are counted. */
const MOST_ITEMS = 50;

/** Heading and markup of a line of the page. */
type Row = readonly [string, string];

/** One plain page about a running service: what fires, what is red and why, and how the service is. No script, nothing from elsewhere. */
export function overviewPage(status: ServiceStatus, present: PresentAlerts): string {
  const { version, namespace, badFiles } = status;
  const files = badFiles.map(({ file, message }) => `<h3>${escaped(file)}</h3><pre>${escaped(message)}</pre>`).join('');
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tocsin ${escaped(namespace)}</title>`,
    `<style>${STYLE}</style><h1>Tocsin</h1><p class="faint">${escaped(`version ${version}, namespace ${namespace}`)}</p>`,
    alertsSection(present, status.now),
    redSection(status, present),
    files === '' ? '' : `<h2 class="bad">Files that do not load</h2>${files}`,
    `<h2>Service</h2><table class="state">${stateRows(status)
      .map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`)
      .join('')}</table>`,
    '<p><a href="/metrics">metrics</a> · <a href="/api/v1/status">status as JSON</a> · <a href="/-/healthy">healthy</a> · <a href="/-/ready">ready</a></p></html>',
  ].join('\n');
}

function stateRows(status: ServiceStatus): readonly Row[] {
  const { rules, shards, alerts, suppressed, flapping, outages, store, history, config, tasks, oldestUndelivered } = status;
  const firing = alerts.map(({ status: state, severity, count }) => `${count} ${state} (${severity})`).join(', ') || 'none';
  const flaps = flapping === 0 ? '' : `; ${flapping} flapping`;
  const silent = outages.rules === 0 ? '' : `; ${outages.rules} with a silent source, ${outages.held} held back for it`;
  const back = `${suppressed.silence} silenced, ${suppressed.inhibition} inhibited, ${suppressed.pause} of paused rules`;
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
    ['not notified now', escaped(back)],
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
