import { humanDuration } from '../core/duration.ts';
import { iso } from '../core/time.ts';
import { valuesText } from '../core/values-text.ts';
import type { ReportedAlert } from '../engine/alert-list/alert-list.ts';
import { cut, escaped, page, timeText } from './html.ts';
import type { PresentAlerts } from './status.ts';

/** Labels in a command: the first ones; it is to be read before it is run. */
const LABELS = 20;

/**
 * The page that messages link to: what an alert is, and the commands that explain and silence it, to be copied. Undefined: there is no such alert. It
 * changes nothing: not all who can read a message may silence.
 */
export function alertPage(id: string, { report }: PresentAlerts): string | undefined {
  const alert = report.alerts.find((one) => one.id === id);
  if (alert === undefined) return undefined;
  const { rule, title, severity = '', status, since, condition, values } = alert;
  const rows: readonly (readonly [string, string])[] = [
    ['state', `${status}${severity === '' ? '' : `, ${severity}`}`],
    ['since', `${timeText(since)} (${humanDuration(Math.max(0, report.now - since))})`],
    ['rule', rule],
    ...Object.entries(alert.group).map(([field, value]): readonly [string, string] => [field, value ?? '(none)']),
    ...(values === undefined || valuesText(values) === '' ? [] : [['values', valuesText(values)] as const]),
    ...(condition === '' ? [] : [['condition', condition] as const]),
  ];
  const table = rows.map(([name, value]) => `<tr><th>${escaped(cut(name))}</th><td>${escaped(cut(value))}</td></tr>`).join('');
  return page(
    `${title} – Tocsin`,
    [
      `<h1>${escaped(cut(title))}</h1><table class="state">${table}</table>`,
      '<h2>Explain</h2><p>The query and its result, the deciding condition, and who was notified:</p>',
      `<pre>${escaped(explainCommand(alert))}</pre>`,
      '<h2>Silence</h2><p>No notifications of this alert for two hours. Remove labels to silence more:</p>',
      `<pre>${escaped(silenceCommand(alert))}</pre>`,
      '<p><a href="/">all alerts</a></p>',
    ].join('\n'),
  );
}

/** What is said in its place once the alert is over. */
export function noAlertPage(): string {
  const what = '<h1>This alert is over</h1><p>It neither fires nor is pending. What was recorded of it:</p>';
  return page('Tocsin', `${what}\n<pre>tocsin explain RULE --at TIME</pre>\n<p><a href="/">all alerts</a></p>`);
}

function explainCommand({ rule, group, since }: ReportedAlert): string {
  const groups = Object.entries(group).map(([field, value]) => ` --group ${quoted(`${field}=${value ?? '(none)'}`)}`);
  return `tocsin explain ${quoted(rule)}${groups.join('')} --at ${iso(since)}`;
}

function silenceCommand({ labels }: ReportedAlert): string {
  // A change of the severity is still the same alert.
  const matchers = Object.entries(labels)
    .filter(([name]) => name !== 'severity')
    .slice(0, LABELS);
  return `tocsin silence add ${matchers.map(([name, value]) => quoted(`${name}=${JSON.stringify(value)}`)).join(' ')} --for 2h --comment "why"`;
}

/** A text as one word of a shell, whatever it holds. */
function quoted(text: string): string {
  return /^[\w.@%+:,/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
