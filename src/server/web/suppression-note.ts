import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import { matchesAll } from '../../routing/matches.ts';
import { mutingIntervals } from '../../routing/time-intervals.ts';
import type { Rule } from '../../rules/rule.ts';
import type { ServedSilence } from '../api/alertmanager.ts';
import { html, type PageMarkup, timeElement } from './html.ts';
import { silenceName } from './silence-pages.ts';

/** What an alert is held against to find what holds it back. */
export interface Suppressors {
  readonly silences: readonly ServedSilence[];
  readonly alerts: readonly ReportedAlert[];
  /** Undefined: it is not loaded. */
  readonly rule: Rule | undefined;
}

/** What holds an alert back now, each with a link to it; undefined: nothing does. */
export function suppressionNote(alert: ReportedAlert, { silences, alerts, rule }: Suppressors): PageMarkup | undefined {
  const silenced = silences
    .filter(({ silence, state }) => state === 'active' && matchesAll(silence.matchers, alert.labels))
    .map(
      ({ silence }) =>
        html`silenced by ${silence.created_by} until ${timeElement(silence.ends_at)}: ${silence.comment} (<a href="/silences/${encodeURIComponent(silence.id)}">silence ${silenceName(silence)}</a>)`,
    );
  const { inhibitedBy, heldUntil, notified } = alert;
  const source = alerts.find(({ id }) => id === inhibitedBy);
  const inhibited =
    inhibitedBy === undefined
      ? []
      : [
          html`inhibited while <a href="/alerts/${encodeURIComponent(inhibitedBy)}">${source?.title ?? 'another alert'}</a> fires (<code>inhibit_rules</code>)`,
        ];
  const muted = notified.flatMap(({ destination, note }) => {
    const names = note === undefined ? undefined : mutingIntervals(note);
    return names === undefined
      ? []
      : [html`muted at ${destination} by ${names.join(', ')} (<code>time_intervals</code>): notified when that ends`];
  });
  const paused =
    rule?.enabled === false
      ? [html`its <a href="/rules/${encodeURIComponent(rule.id)}">rule</a> is paused (<code>enabled: false</code>)`]
      : [];
  const outage =
    heldUntil === undefined
      ? []
      : [html`held until ${timeElement(heldUntil)} in favour of one message about the rule’s silent source`];
  const all = [...silenced, ...inhibited, ...muted, ...paused, ...outage];
  if (all.length === 0) return undefined;
  return html`<div class="note"><strong>Held back now</strong><ul>${all.map((one) => html`<li>${one}</li>`)}</ul></div>`;
}
