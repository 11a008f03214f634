import { humanDuration } from '../core/duration.ts';
import { iso } from '../core/time.ts';
import type { HealthCheck, ServiceStatus } from './status.ts';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem;color:#1c2430}' +
  'table{border-collapse:collapse}td,th{padding:.2rem 1.2rem .2rem 0;text-align:left;vertical-align:top}' +
  'pre{background:#f4f5f7;padding:.6rem;white-space:pre-wrap}.bad{color:#b3261e}@media(prefers-color-scheme:dark){body{background:#14181d;color:#e4e7eb}pre{background:#20262d}a{color:#8ab4f8}}';

/** Heading and markup of a line of the page. */
type Row = readonly [string, string];

/** One plain page about a running service, with links to what else it serves. No script, nothing from elsewhere. */
export function overviewPage(status: ServiceStatus): string {
  const { version, namespace, rules, shards, alerts, flapping, outages, store, history, config, tasks } = status;
  const { oldestUndelivered, badFiles, healthAlerts } = status;
  const firing = alerts.map(({ status: state, severity, count }) => `${count} ${state} (${severity})`).join(', ') || 'none';
  const flaps = flapping === 0 ? '' : `; ${flapping} flapping`;
  const silent = outages.rules === 0 ? '' : `; ${outages.rules} with a silent source, ${outages.held} held back for it`;
  const rows: readonly Row[] = [
    ['healthy', checkText(status.healthy)],
    ['ready', checkText(status.ready)],
    ['store', store.up ? 'answers and takes writes' : bad(`away${store.problem === undefined ? '' : `: ${store.problem}`}`)],
    ...history.map(({ index, problem }): Row => ['history', bad(`${index} cannot be written: ${problem}`)]),
    ...tasks.map(({ task, problem }): Row => [task, bad(`failing: ${problem}`)]),
    ['configuration', config.loaded ? 'in force' : bad(`does not load: the one of ${iso(config.loadedAt)} stays in force`)],
    ['rules', escaped(`${rules.enabled} of ${rules.loaded} enabled, ${rules.failing} failing`)],
    ['judged here', escaped(`${shards.held} of ${shards.of} shards of the rules; replicas: ${shards.replicas}`)],
    ['alerts', escaped(`${firing}${flaps}${silent}`)],
    ['oldest undelivered', escaped(oldestUndelivered === 0 ? 'nothing waits' : humanDuration(oldestUndelivered))],
    ['running since', escaped(`${iso(status.startedAt)} (${humanDuration(status.now - status.startedAt)})`)],
  ];
  const health = healthAlerts.map(({ kind, subject, since }) => `<li>${escaped(`${kind} ${subject}, since ${iso(since)}`)}</li>`);
  const files = badFiles.map(({ file, message }) => `<h3>${escaped(file)}</h3><pre>${escaped(message)}</pre>`).join('');
  return [
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tocsin ${escaped(namespace)}</title>`,
    `<style>${STYLE}</style><h1>Tocsin</h1><p>${escaped(`version ${version}, namespace ${namespace}`)}</p>`,
    `<table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join('')}</table>`,
    health.length === 0 ? '' : `<h2 class="bad">Health alerts</h2><ul>${health.join('')}</ul>`,
    files === '' ? '' : `<h2 class="bad">Files that do not load</h2>${files}`,
    '<p><a href="/metrics">metrics</a> · <a href="/api/v1/status">status as JSON</a> · <a href="/-/healthy">healthy</a> · <a href="/-/ready">ready</a></p></html>',
  ].join('\n');
}

function checkText(check: HealthCheck): string {
  return check.ok ? 'yes' : bad(`no: ${check.why}`);
}

function bad(text: string): string {
  return `<span class="bad">${escaped(text)}</span>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
