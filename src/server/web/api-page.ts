import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { OPERATIONS } from '../api/v1/operations.ts';
import { html, type PageMarkup, withCode } from './html.ts';

/** What a caller has to be permitted for an operation. */
const NEEDS = {
  cluster: 'a login, or a request from this machine: it searches the cluster or shows documents',
  silence: 'the scope silence',
} as const;

/** The API for people: its operations with their parameters, as openapi.json has them for programs. */
export function apiContent(): PageMarkup {
  const operations = OPERATIONS.map(({ method, path, summary, query, body, needs }) => {
    const parameters = [...parametersOf('query', query), ...parametersOf('body', body)];
    const permission = needs === undefined ? undefined : html` <span class="faint">needs ${NEEDS[needs]}</span>`;
    const list = parameters.length === 0 ? undefined : html`<ul>${parameters}</ul>`;
    return html`<dt><strong><code>${method} /api/v1${path}</code></strong></dt><dd>${summary}.${permission}${list}</dd>`;
  });
  return html`<h1>API</h1>
<p><a href="/api/v1/openapi.json">openapi.json</a> describes the same with all responses, for programs and generated clients. Lists have pages: <code>limit</code> items, and <code>next</code> of a response is the <code>after</code> of the following page. Errors are <code>application/problem+json</code> with the next step. Programs send <code>Authorization: Bearer</code> with a token of <code>server.tokens</code>.</p>
<dl>${operations}<dt><strong><code>GET /api/v1/events</code></strong></dt><dd>What changes, as server-sent events.</dd></dl>
<h2>Alertmanager's API</h2>
<p>Below <code>/api/v2</code>, for amtool, Karma, Grafana and programs that send alerts: alerts, alert groups, receivers, status and silences, as in Alertmanager's own API description.</p>`;
}

function parametersOf(place: 'query' | 'body', schema: unknown): readonly PageMarkup[] {
  const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  const required = isObject(schema) && Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, one]) => {
    const description = isObject(one) ? own(one, 'description') : undefined;
    const remark = `${place}${required.includes(name) ? ', required' : ''}`;
    return html`<li><code>${name}</code> <span class="faint">${remark}</span> ${typeof description === 'string' ? withCode(description) : undefined}</li>`;
  });
}
