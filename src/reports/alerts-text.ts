import { destinationName } from '../core/destination-name.ts';
import { humanDuration } from '../core/duration.ts';
import { iso } from '../core/time.ts';
import { alertJson } from '../engine/alert-list/alert-json.ts';
import {
  type AlertNotification,
  type AlertsReport,
  listedGroup,
  type ReportedAlert,
  type SuppressedBy,
} from '../engine/alert-list/alert-list.ts';
import { printJson } from './json.ts';
import { type Look, type Paint, type Palette, paletteOf, severityPaint } from './look.ts';
import { plainLine } from './plain-text.ts';
import { type Cell, type Column, table } from './table.ts';
import { fitText, textWidth } from './text-width.ts';
import { counted, groupText, valuesText } from './wording.ts';

const COLUMNS: readonly Column[] = [
  { title: 'STATUS' },
  { title: 'SEVERITY', least: 8 },
  { title: 'RULE', least: 16 },
  { title: 'GROUP', least: 16 },
  { title: 'SINCE' },
  { title: 'FOR', align: 'right' },
  { title: 'NOTIFIED', least: 16 },
];

/** Where nothing is cut, everything of an alert is on its line; values, which may be sentences, come last so that they widen no other line. */
const WHOLE: readonly Column[] = [...COLUMNS, { title: 'LABELS' }, { title: 'TITLE' }, { title: 'VALUES' }];

const UNREADABLE_SHOWN = 5;

/** What is firing, since when, and who was notified, for people. */
export function alertsText(report: AlertsReport, look: Look): string {
  const palette = paletteOf(look);
  const place = placeText(report);
  const unread = unreadText(report, palette);
  const which = report.matchers.length === 0 ? '' : ` that matches ${plainLine(report.matchers.join(', '))}`;
  if (report.alerts.length === 0) {
    const hint = report.hint === undefined ? '' : `${palette.careful(plainLine(report.hint))}\n`;
    return `${unread}${palette.good(`No alert${which} is pending or firing`)} among ${place}.\n${hint}`;
  }
  const firing = report.alerts.filter((alert) => alert.status === 'firing' || alert.status === 'recovering').length;
  const count = `${firing.toLocaleString('en-US')} firing of ${counted(report.alerts.length, 'alert')}${suppressedText(report.alerts)}`;
  return `${alertsTable(report, look, palette)}\n${unread}${count}, among ${place}.\n`;
}

const SUPPRESSED: Readonly<Record<SuppressedBy, string>> = {
  silence: 'silenced',
  inhibition: 'inhibited by others',
  pause: 'of paused rules',
  outage: 'held back in favour of one message about their silent source',
};

/** How many alerts are held back, by what: `, 3 not notified now (2 silenced, 1 inhibited by others)`. */
function suppressedText(alerts: readonly ReportedAlert[]): string {
  const counts = Object.entries(SUPPRESSED).flatMap(([kind, words]) => {
    const count = alerts.filter(({ suppressedBy }) => suppressedBy === kind).length;
    return count === 0 ? [] : [`${count.toLocaleString('en-US')} ${words}`];
  });
  return counts.length === 0 ? '' : `, of which not notified now: ${counts.join(', ')}`;
}

/** On a screen what an alert says follows on a line of its own; elsewhere a line is an alert. */
function alertsTable(report: AlertsReport, look: Look, palette: Palette): string {
  const rows = report.alerts.map((alert) => rowOf(alert, report, palette, look));
  if (look.whole === true) {
    const notified = report.alerts.map((alert) => [
      labelsText(alert),
      plainLine(alert.title),
      plainLine(valuesText(alert.values)),
    ]);
    return table(
      WHOLE,
      rows.map((row, index) => [...row, ...(notified[index] ?? [])]),
      look,
    );
  }
  const [head = '', ...lines] = screenTable(rows, look).split('\n');
  const below = report.alerts.map((alert) => {
    const parts = [
      plainLine(alert.title),
      plainLine(valuesText(alert.values)),
      labelsText(alert),
      acknowledgedText(alert, report),
    ].filter((part) => part !== '');
    return palette.faint(fitText(`  ${parts.join('  ·  ')}`, look.columns));
  });
  return [head, ...report.alerts.flatMap((_alert, index) => [lines[index] ?? '', below[index] ?? ''])]
    .map((text) => `${text}\n`)
    .join('');
}

/** FOR says as much as SINCE, so where there is no room for both, SINCE gives way before a group is cut. */
function screenTable(rows: readonly (readonly Cell[])[], look: Look): string {
  const plainWidth = (text: string) => text.split('\n').reduce((widest, one) => Math.max(widest, textWidth(one)), 0);
  if (
    plainWidth(
      table(
        COLUMNS,
        rows.map((row) => row.map(textOf)),
        { ...look, color: false, whole: true },
      ),
    ) <= look.columns
  )
    return table(COLUMNS, rows, look);
  const without = <T>(cells: readonly T[]) => cells.filter((_cell, index) => COLUMNS[index]?.title !== 'SINCE');
  return table(without(COLUMNS), rows.map(without), look);
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function placeText({ rules, unevaluated = 0, withoutFile = 0, namespace }: AlertsReport): string {
  const remarks = [
    ...(unevaluated > 0 ? [unevaluated === rules ? 'none evaluated yet' : `${unevaluated} not evaluated yet`] : []),
    ...(withoutFile > 0 ? [`and ${withoutFile} not in any loaded file`] : []),
  ];
  const remark = remarks.length === 0 ? '' : ` (${remarks.join(', ')})`;
  return `${counted(rules, 'rule')}${remark} of the namespace ${plainLine(namespace)}`;
}

/** What the columns do not say already. */
function labelsText({ labels, group }: ReportedAlert): string {
  return Object.entries(labels)
    .filter(([label]) => label !== 'alertname' && label !== 'severity' && !Object.hasOwn(group, label))
    .map(([label, value]) => plainLine(`${label}=${value}`))
    .join(', ');
}

/** After a downgrade every document is unreadable, for the same reason. */
function unreadText({ unreadable }: AlertsReport, palette: Palette): string {
  const shown = unreadable.slice(0, UNREADABLE_SHOWN).map((reason) => `${palette.bad('unreadable')} ${plainLine(reason)}\n`);
  const more = unreadable.length - shown.length;
  return [...shown, ...(more > 0 ? [`${palette.bad('unreadable')} and ${more} more\n`] : [])].join('');
}

/** As alertsText, for scripts: `{now, namespace, alerts: [{rule, group, status, severity, since, notified: […]}], unreadable: […]}`; `notified`: who was notified. */
export function alertsJson(report: AlertsReport): string {
  return printJson({
    now: iso(report.now),
    namespace: report.namespace,
    matchers: report.matchers,
    alerts: report.alerts.map(alertJson),
    unreadable: report.unreadable,
    ...(report.hint !== undefined && { hint: report.hint }),
  });
}

/** Where nothing is cut there is no second line that says who works on it. */
function notifiedText(alert: ReportedAlert, report: AlertsReport, { whole }: Look): string {
  const work = whole === true ? acknowledgedText(alert, report) : '';
  const notified = alert.notified.map((notification) => notificationText(notification, report.now));
  return [...notified, ...(work === '' ? [] : [work])].join(', ');
}

function rowOf(alert: ReportedAlert, report: AlertsReport, palette: Palette, look: Look): readonly Cell[] {
  const { now } = report;
  const paint = statusPaint(alert, palette);
  return [
    {
      text: `${alert.status}${alert.flapping === undefined ? '' : ', flaps'}${isWorkedOn(alert) ? ', acknowledged' : ''}`,
      paint,
    },
    alert.severity === undefined ? '' : { text: alert.severity, paint: severityPaint(alert.severity, palette) },
    { text: alert.rule, paint: palette.strong },
    alert.about === undefined ? groupText(listedGroup(alert)) : plainLine(alert.about),
    iso(alert.since).replace(/\.\d+Z$/, 'Z'),
    humanDuration(Math.max(0, now - alert.since)),
    notifiedText(alert, report, look),
  ];
}

function isWorkedOn({ acknowledged }: ReportedAlert): boolean {
  return acknowledged !== undefined && acknowledged.worse !== true;
}

function acknowledgedText({ acknowledged }: ReportedAlert, { now }: AlertsReport): string {
  if (acknowledged === undefined) return '';
  const { by, at, comment, worse } = acknowledged;
  const when = `${humanDuration(Math.max(0, now - at))} ago${worse === true ? ', before it got worse' : ''}`;
  return plainLine(`acknowledged by ${by} ${when}: ${comment}`);
}

function statusPaint(alert: ReportedAlert, palette: Palette): Paint {
  if (alert.status === 'firing') return alert.severity === undefined ? palette.bad : severityPaint(alert.severity, palette);
  if (alert.status === 'pending') return palette.careful;
  return alert.status === 'recovering' ? palette.calm : palette.faint;
}

const STATES = { waiting: 'pending', held: 'suppressed', dead: 'failed' } as const;

function notificationText({ destination, state, at, note }: AlertNotification, now: number): string {
  const name = destinationName(destination);
  const when = at === undefined ? '' : ` ${humanDuration(Math.max(0, now - at))} ago`;
  const why = note === undefined ? '' : ` (${note})`;
  return state === 'notified' ? `${name}${when}${why}` : `${name} ${STATES[state]}${why}`;
}
