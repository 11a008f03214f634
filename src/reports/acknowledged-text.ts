import { shortId } from '../core/ids.ts';
import { iso } from '../core/time.ts';
import { alertJson } from '../engine/alert-list/alert-json.ts';
import type { ReportedAlert } from '../engine/alert-list/alert-list.ts';
import { printJson } from './json.ts';
import { type Look, paletteOf } from './look.ts';
import { plainLine } from './plain-text.ts';
import { counted, groupText } from './wording.ts';

/** What was done to the acknowledgements of alerts. */
export interface AcknowledgedReport {
  readonly now: number;
  readonly done: 'acknowledged' | 'expired';
  readonly alerts: readonly ReportedAlert[];
}

/** For people: each alert, and what happens now. */
export function acknowledgedText({ done, alerts }: AcknowledgedReport, look: Look): string {
  const palette = paletteOf(look);
  const lines = alerts.map((alert) => {
    const group = groupText(alert.group);
    const name = `${palette.strong(plainLine(alert.rule))}${group === '' ? '' : ` ${group}`}`;
    return `${shortId(alert.id)}  ${alert.severity ?? ''}  ${name}  ${plainLine(alert.title)}\n`;
  });
  const what =
    done === 'acknowledged'
      ? `${counted(alerts.length, 'alert')} acknowledged: no reminders and no escalation until ${alerts.length === 1 ? 'it gets worse or ends' : 'they get worse or end'}.`
      : `${counted(alerts.length, 'acknowledgement')} removed: reminders and escalation resume; messages that are due are sent within seconds.`;
  return `${lines.join('')}${palette.good(what)}\n`;
}

/** The same for scripts. */
export function acknowledgedJson({ now, done, alerts }: AcknowledgedReport): string {
  return printJson({ now: iso(now), done, alerts: alerts.map(alertJson) });
}
