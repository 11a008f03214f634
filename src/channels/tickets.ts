import { isObject, type JsonObject } from '../core/json.ts';
import { own } from '../core/record.ts';
import type { Message } from '../messages/message.ts';
import type { Outcome, Payload, Receipt } from './channel.ts';
import { clip } from './clean-text.ts';
import type { HttpAnswer } from './http-client/answer.ts';
import { type HttpCall, type HttpSender, isSuccess, jsonOf } from './http-client/send.ts';
import { incidentStep } from './incidents.ts';
import { type MarkupWriter, markedUp, SIZES } from './marked-up.ts';

/** What a step at a tracker gave, or the outcome of the attempt that ends with it. */
export type TrackerStep<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly outcome: Outcome };

/** A tracker of issues, as far as an incident needs it. Ids are texts of the tracker. */
export interface Tracker {
  /** The open issue with this mark. */
  find(mark: string): Promise<TrackerStep<string | undefined>>;
  create(): Promise<TrackerStep<string>>;
  comment(id: string): Promise<TrackerStep<unknown>>;
  close(id: string): Promise<TrackerStep<unknown>>;
}

/** How a tracker writes, and how much of it. */
export interface TicketForm {
  readonly markup: MarkupWriter;
  readonly title: number;
  readonly body: number;
  /** How the tracker counts a body; without it in UTF-16 units. */
  readonly sizeOf?: (text: string) => number;
}

/** A message as what is done to the issue of its incident; `mark` finds the issue again where its id was lost. */
export function ticketOf(message: Message, thread: Receipt | undefined, form: TicketForm): JsonObject {
  const { outline, text } = markedUp(message, form.markup, { most: form.body, sizeOf: form.sizeOf ?? SIZES.units });
  const why = form.markup.words(outline.why);
  const isOpen = incidentStep(message) === 'open';
  return {
    step: isOpen ? 'open' : 'close',
    mark: markOf(message.dedupKey),
    ...(thread?.['issue'] !== undefined && { issue: thread['issue'] }),
    title: clip(outline.headline, form.title),
    body: text,
    comment: isOpen ? text : why,
  };
}

/** A word that no text has by accident: trackers find it whole. */
function markOf(dedupKey: string): string {
  return `tocsin-${dedupKey.replace(/[^A-Za-z0-9]/g, '').slice(0, 64)}`;
}

/**
 * Works on the issue of an incident: the first message creates it, later ones comment, the end comments and closes. Before anything is created, the
 * tracker is asked for an issue with the mark: an attempt that got no answer may have created it.
 */
export async function workOn(payload: Payload, tracker: Tracker): Promise<Outcome> {
  const { issue } = payload;
  const found: TrackerStep<string | undefined> =
    typeof issue === 'string' ? { ok: true, value: issue } : await tracker.find(String(payload['mark']));
  if (!found.ok) return found.outcome;
  if (payload['step'] === 'close') {
    // Without an issue there is nothing to close: its alerts ended before the first message was sent.
    if (found.value === undefined) return { kind: 'delivered' };
    const commented = await tracker.comment(found.value);
    const closed = commented.ok ? await tracker.close(found.value) : commented;
    return closed.ok ? { kind: 'delivered', receipt: { issue: found.value } } : closed.outcome;
  }
  const created = found.value === undefined ? await tracker.create() : undefined;
  if (created !== undefined) return created.ok ? { kind: 'delivered', receipt: { issue: created.value } } : created.outcome;
  const id = found.value ?? '';
  const commented = await tracker.comment(id);
  return commented.ok ? { kind: 'delivered', receipt: { issue: id } } : commented.outcome;
}

/** Sends a request of a tracker and reads its answer; `meant` gives a refusal the status that others have for it. */
export async function stepOf<T>(
  sender: HttpSender,
  request: HttpCall,
  read: (said: unknown) => T | undefined,
  meant: (answer: HttpAnswer) => HttpAnswer = (answer) => answer,
): Promise<TrackerStep<T>> {
  const answered = await sender.call(request);
  if (!answered.answered) return { ok: false, outcome: answered.outcome };
  const { answer } = answered;
  if (!isSuccess(answer)) return { ok: false, outcome: sender.refused(meant(answer)) };
  const value = read(jsonOf(answer));
  if (value !== undefined) return { ok: true, value };
  const text = `answered ${answer.status} with an unexpected body: ${sender.hide(answer.text)}`;
  return { ok: false, outcome: { kind: 'unknown', reason: { kind: 'client_error', text } } };
}

/** A member of an answer as text. */
export function memberOf(said: unknown, name: string): string | undefined {
  const value = isObject(said) ? own(said, name) : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
