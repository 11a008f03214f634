import { humanDuration } from '../core/duration.ts';
import { iso } from '../core/time.ts';
import type { AlertsReport, ReportedAlert, ReportedTelling } from './alerts-report.ts';
import { printJson } from './json.ts';
import { type Look, type Paint, type Palette, paletteOf, severityPaint } from './look.ts';
import { plainLine } from './plain-text.ts';
import { type Cell, type Column, table } from './table.ts';
import { counted, groupText } from './wording.ts';

const COLUMNS: readonly Column[] = [
  { title: 'STATUS' },
  { title: 'SEVERITY', least: 8 },
  { title: 'RULE', least: 16 },
  { title: 'GROUP', least: 16 },
  { title: 'SINCE' },
  { title: 'FOR', align: 'right' },
  { title: 'TOLD', least: 16 },
];

const UNREADABLE_SHOWN = 5;

/** What is firing, since when, and who was told, for people. */
export function alertsText(report: AlertsReport, look: Look): string {
  const palette = paletteOf(look);
  const place = `${counted(report.rules, 'rule')} of the namespace ${plainLine(report.namespace)}`;
  const unread = unreadText(report, palette);
  if (report.alerts.length === 0) return `${unread}${palette.good('No alert is pending or firing')} among ${place}.\n`;
  const rows = report.alerts.map((alert) => rowOf(alert, report, palette));
  const firing = report.alerts.filter((alert) => alert.status === 'firing' || alert.status === 'recovering').length;
  return `${table(COLUMNS, rows, look)}\n${unread}${firing} firing of ${counted(report.alerts.length, 'alert')}, among ${place}.\n`;
}

/** After a downgrade every document is unreadable, for the same reason. */
function unreadText({ unreadable }: AlertsReport, palette: Palette): string {
  const shown = unreadable.slice(0, UNREADABLE_SHOWN).map((reason) => `${palette.bad('unreadable')} ${plainLine(reason)}\n`);
  const more = unreadable.length - shown.length;
  return [...shown, ...(more > 0 ? [`${palette.bad('unreadable')} and ${more} more\n`] : [])].join('');
}

/** As alertsText, for scripts: `{now, namespace, alerts: [{rule, group, status, severity, since, told: […]}], unreadable: […]}`. */
export function alertsJson(report: AlertsReport): string {
  return printJson({
    now: iso(report.now),
    namespace: report.namespace,
    alerts: report.alerts.map(({ rule, id, status, severity, group, since, episode, flapping, about, told }) => ({
      rule,
      group,
      status,
      severity: severity ?? null,
      since: iso(since),
      id,
      ...(episode !== undefined && { episode }),
      ...(flapping !== undefined && { flapping: { since: iso(flapping.since), episodes: flapping.episodes } }),
      ...(about !== undefined && { about }),
      told: told.map(({ at, ...telling }) => ({ ...telling, at: at === undefined ? null : iso(at) })),
    })),
    unreadable: report.unreadable,
  });
}

function rowOf(alert: ReportedAlert, { now }: AlertsReport, palette: Palette): readonly Cell[] {
  const paint = statusPaint(alert, palette);
  return [
    { text: alert.flapping === undefined ? alert.status : `${alert.status}, flaps`, paint },
    alert.severity === undefined ? '' : { text: alert.severity, paint: severityPaint(alert.severity, palette) },
    { text: alert.rule, paint: palette.strong },
    alert.about === undefined ? groupText(alert.group) : plainLine(alert.about),
    iso(alert.since).replace(/\.\d+Z$/, 'Z'),
    humanDuration(Math.max(0, now - alert.since)),
    alert.told.length === 0 ? '' : alert.told.map((telling) => tellingText(telling, now)).join(', '),
  ];
}

function statusPaint(alert: ReportedAlert, palette: Palette): Paint {
  if (alert.status === 'firing') return alert.severity === undefined ? palette.bad : severityPaint(alert.severity, palette);
  if (alert.status === 'pending') return palette.careful;
  return alert.status === 'recovering' ? palette.calm : palette.faint;
}

function tellingText({ receiver, state, at, note }: ReportedTelling, now: number): string {
  const when = at === undefined ? '' : ` ${humanDuration(Math.max(0, now - at))} ago`;
  const why = note === undefined ? '' : ` (${note})`;
  return state === 'told' ? `${receiver}${when}` : `${receiver} ${state}${why}`;
}
