import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { Caller } from '../api/access.ts';
import { isFiring, isWorkedOn } from '../red.ts';
import { html, type PageMarkup, timeElement } from './html.ts';
import { formField } from './layout.ts';

/** Who sees a form that acknowledges, and where they are afterwards. */
export interface Acknowledging {
  readonly caller: Caller;
  readonly formToken: string;
  /** The path of the page that they come from. */
  readonly next: string;
}

/** The form that acknowledges an alert; undefined where that is not for this visitor, or where it does not fire or someone works on it already. */
export function acknowledgeForm(alert: ReportedAlert, { caller, formToken, next }: Acknowledging): PageMarkup | undefined {
  if (!caller.scopes.includes('silence') || !isFiring(alert) || isWorkedOn(alert)) return undefined;
  const author =
    caller.name === undefined
      ? html`<label>Your name <input name="author" required maxlength="200" autocomplete="name"></label>`
      : undefined;
  return html`<details class="act"><summary class="button">Acknowledge<span class="unseen"> ${alert.title}</span></summary>
<form method="post" action="/alerts/${encodeURIComponent(alert.id)}/acknowledge">${formField(formToken)}<input type="hidden" name="next" value="${next}">
<label>What are you doing about it? <input name="comment" required maxlength="2000"></label>${author}<button class="main">Acknowledge</button></form></details>`;
}

/** Who works on an alert, since when and how, and what that means; with a form that takes it back. */
export function acknowledgedNote(alert: ReportedAlert, { caller, formToken, next }: Acknowledging): PageMarkup | undefined {
  const { acknowledged, id } = alert;
  if (acknowledged === undefined) return undefined;
  const back = caller.scopes.includes('silence')
    ? html`<form method="post" action="/alerts/${encodeURIComponent(id)}/acknowledge/expire">${formField(formToken)}<input type="hidden" name="next" value="${next}"><button>Remove acknowledgement</button></form>`
    : undefined;
  const effect =
    acknowledged.worse === true
      ? 'It has got worse since then: reminders and escalation continue.'
      : 'No reminders and no escalation until it gets worse or ends.';
  return html`<div class="note"><strong>Acknowledged</strong> by ${acknowledged.by}, ${timeElement(acknowledged.at)}: ${acknowledged.comment}
<p class="faint">${effect}</p>${back}</div>`;
}
