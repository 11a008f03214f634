import type { FastifyInstance } from 'fastify';
import { isHashId } from '../../core/ids.ts';
import type { RecordedMessage } from '../../engine/history/run-history.ts';
import type { Caller } from '../api/access.ts';
import { html, type PageMarkup, preformatted, timeElement, withCode } from './html.ts';
import { pathWith } from './layout.ts';
import { callerOfPage, pageContext, problemContent } from './page-context.ts';
import type { SentMessage, WebPorts } from './ports.ts';

/** The most characters of a payload that its page shows: as many as history keeps, indented. */
const LONGEST_PAYLOAD = 300_000;
/** What readers see runs no program, asks for nothing and leads nowhere, wherever it is opened. */
const LOOK_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/** The page of one message, and within it how its readers see it. */
export function messageRoutes(app: FastifyInstance, ports: WebPorts): void {
  app.get<{ Params: { id: string } }>('/notifications/:id', async (request, reply) => {
    const { send, caller } = pageContext(request, reply, ports);
    const found = await sentOf(request.params.id, ports);
    if ('problem' in found)
      return send('Notification', '/notifications', problemContent('Notification', found.problem), found.code);
    return send(titleText(found.message), '/notifications', messageContent(request.params.id, found, caller));
  });
  app.get<{ Params: { id: string } }>('/notifications/:id/look', async (request, reply) => {
    if (!seesDocuments(callerOfPage(request, ports)))
      return reply.code(403).type('text/plain').send('sign in to see what was sent\n');
    const found = await sentOf(request.params.id, ports);
    const page = 'problem' in found ? undefined : found.sent?.page;
    if (page === undefined) return reply.code(404).type('text/plain').send('not found\n');
    return reply.header('content-security-policy', LOOK_POLICY).type('text/html; charset=utf-8').send(page);
  });
}

/** What was sent has samples of documents, which only those see who may search. */
function seesDocuments({ scopes }: Caller): boolean {
  return scopes.includes('read');
}

type Missing = { readonly problem: string; readonly code: number };

async function sentOf(id: string, ports: WebPorts): Promise<SentMessage | Missing> {
  const read = isHashId(id) ? await ports.sent(id) : ({ ok: true, value: undefined } as const);
  if (!read.ok) return { problem: read.message, code: 503 };
  return read.value ?? { problem: 'No message with this ID is recorded.', code: 404 };
}

/** One message: its outcome, how its readers see it, and what was sent. */
function messageContent(id: string, { message, sent }: SentMessage, caller: Caller): PageMarkup {
  const { at, receiver, destination, outcome, attempt, problem, reason, rules, severity } = message;
  const rows: readonly (readonly [string, PageMarkup | undefined])[] = [
    ['composed', timeElement(at)],
    [
      'receiver',
      html`<a href="${pathWith('/notifications', { receiver })}">${receiver}</a> <span class="faint">${destination}</span>`,
    ],
    ['outcome', html`${outcomeWord(outcome)}${attempt > 1 ? html` <span class="faint">attempt ${attempt}</span>` : undefined}`],
    ['problem', problem === undefined ? undefined : withCode(problem)],
    ['why it was sent', html`${reason.replaceAll('_', ' ')}`],
    ['severity', html`${severity}`],
    ['rules', html`${rules.slice(0, 20).join(', ')}${rules.length > 20 ? `, and ${rules.length - 20} more` : undefined}`],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`],
  );
  return html`<h1>${titleText(message)}</h1>${statusTags(message, (tags) => html`<p class="row">${tags}</p>`)}<table class="state"><caption class="unseen">Delivery</caption>${shown}</table>${seesDocuments(caller) ? sentSection(id, sent) : NOT_SHOWN}`;
}

/** The outcome of an attempt, in its colour. */
export function outcomeWord(outcome: string): PageMarkup {
  return html`<span class="${outcome === 'delivered' ? 'good' : 'bad'}">${outcome.replaceAll('_', ' ')}</span>`;
}

const NOT_SHOWN = html`<h2>What was sent</h2><p class="note">Sign in to see it: it may contain sample documents.</p>`;

function sentSection(id: string, sent: SentMessage['sent']): PageMarkup {
  if (sent === undefined)
    return html`<h2>What was sent</h2><p class="note">It was not stored: <code>history.payloads</code> is <code>false</code>, the message could not be rendered, or an older version of Tocsin sent it.</p>`;
  const { text, form, page, data, cut } = sent;
  const look =
    page === undefined
      ? undefined
      : html`<h2>As recipients see it</h2><iframe class="look" sandbox src="/notifications/${id}/look" title="The message roughly as recipients see it"></iframe>`;
  const whole =
    form === 'json'
      ? undefined
      : html`<details><summary>Everything passed to the channel, as JSON</summary>${preformatted(JSON.stringify(data, null, 2), LONGEST_PAYLOAD)}</details>`;
  return html`${look}<h2>What was sent</h2><p class="faint">The payload passed to the channel. The rest of the request, with its address and secrets, is not stored, and neither are images.${cut ? ' Texts that were too long to store end with …' : undefined}</p>${preformatted(text, LONGEST_PAYLOAD)}${whole}`;
}

/** The title of a message, leading to what was sent, with the status that it had. */
export function messageLink(message: TitledMessage): PageMarkup {
  const text = titleText(message);
  const { id } = message;
  const link = id === undefined ? html`${text}` : html`<a href="/notifications/${encodeURIComponent(id)}">${text}</a>`;
  return html`${statusTags(message, (tags) => html`${tags} `)}${link}`;
}

type TitledMessage = Pick<RecordedMessage, 'id' | 'title' | 'parts'>;

/** Of a message whose title was recorded without its parts, the whole line. */
function titleText({ title, parts }: Pick<TitledMessage, 'title' | 'parts'>): string {
  return parts?.text ?? title;
}

function statusTags(
  { parts }: Pick<TitledMessage, 'parts'>,
  around: (tags: readonly PageMarkup[]) => PageMarkup,
): PageMarkup | undefined {
  const tags = (parts?.status ?? []).map((status) => html`<span class="tag">${status}</span>`);
  return tags.length === 0 ? undefined : around(tags);
}
