import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isHashId } from '../../core/ids.ts';
import { own } from '../../core/record.ts';
import { DAY } from '../../core/time.ts';
import { isAlertOf } from '../../engine/alert-list/alert-list.ts';
import { noiseIn } from '../../engine/history/noise.ts';
import { alertContent, alertsContent, type KnownAlert, ROWS } from './alert-pages.ts';
import { ALERT_STATES } from './alert-search.ts';
import { groupWords } from './alerts-section.ts';
import { apiContent } from './api-page.ts';
import { changeRoutes } from './change-routes.ts';
import { chartRoutes } from './chart-routes.ts';
import { requireReader } from './lead-on.ts';
import {
  MOST_RECORDS,
  noiseContent,
  notificationsContent,
  PAST_DAYS,
  pastDays,
  receiversContent,
  shownReceivers,
} from './list-pages.ts';
import { messageRoutes } from './message-pages.ts';
import { overviewContent } from './overview-page.ts';
import { alertsFor, fieldOf, momentOf, pageContext, pageNumber, problemContent } from './page-context.ts';
import type { WebPorts } from './ports.ts';
import { foundRules, ruleContent, rulesContent } from './rule-pages.ts';
import { STYLE } from './style.ts';
import { suppressionNote } from './suppression-note.ts';

const KEPT_BY_BROWSERS = 'public, max-age=31536000, immutable';

/** The pages for people, below no prefix. */
export function pageRoutes(app: FastifyInstance, ports: WebPorts): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 64 * 1_024 },
    (_request, body, done) => done(null, formFields(String(body))),
  );
  app.setErrorHandler((error, request, reply) => {
    const code = statusOfError(error);
    const message =
      code === 429
        ? 'Too many requests: try again in a minute.'
        : code < 500
          ? 'Invalid request.'
          : 'Internal error: see the log for details.';
    return pageContext(request, reply, ports).send('Error', '', problemContent('Error', message), code);
  });
  app.get('/assets/tocsin.css', (_request, reply) =>
    reply.header('cache-control', KEPT_BY_BROWSERS).type('text/css').send(STYLE),
  );
  app.get('/assets/live.js', (_request, reply) =>
    ports.program === undefined
      ? reply.code(404).type('text/plain').send('not found\n')
      : reply.header('cache-control', KEPT_BY_BROWSERS).type('text/javascript').send(ports.program),
  );
  app.register(async (pages) => {
    pages.addHook('onRequest', async (request, reply) => requireReader(request, reply, ports));
    readRoutes(pages, ports);
    pastRoutes(pages, ports);
    messageRoutes(pages, ports);
    chartRoutes(pages, ports);
  });
  changeRoutes(app, ports);
}

/** Fields of a form; of several with one name, the last one. A name is only ever looked up as an own member. */
function formFields(body: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(body));
}

function readRoutes(app: FastifyInstance, ports: WebPorts): void {
  const { status } = ports;
  app.get('/', async (request, reply) =>
    pageContext(request, reply, ports).send('Overview', '/', overviewContent(status(), await alertsFor(request, ports))),
  );
  app.get('/alerts', async (request, reply) => {
    const [q, state] = [fieldOf(request.query, 'q'), fieldOf(request.query, 'status')];
    const known = ALERT_STATES.some((one) => one === state) ? state : '';
    const { caller, formToken, send } = pageContext(request, reply, ports);
    const asked = { q, state: known, page: pageNumber(request.query) };
    const acknowledging = { caller, formToken, next: request.url };
    return send('Alerts', '/alerts', alertsContent(await alertsFor(request, ports), asked, acknowledging, ports.now()));
  });
  app.get<{ Params: { id: string } }>('/alerts/:id', async (request, reply) => alertPage(request, reply, ports));
  app.get('/rules', async (request, reply) => {
    const q = fieldOf(request.query, 'q');
    const page = pageNumber(request.query);
    const found = foundRules(ports.rules(), q);
    const shown = found.slice((page - 1) * ROWS, page * ROWS);
    const [documents, present] = await Promise.all([ports.documents(shown.map(({ id }) => id)), alertsFor(request, ports)]);
    const rows = shown.map((rule) => ({
      rule,
      document: documents.ok ? documents.value.get(rule.id) : undefined,
      cost: ports.costOf(rule.id),
      alerts: present.report.alerts.filter((alert) => isAlertOf(alert, rule)),
    }));
    const content = rulesContent(rows, found.length, q, page, documents.ok ? undefined : documents.message);
    return pageContext(request, reply, ports).send('Rules', '/rules', content);
  });
  app.get<{ Params: { id: string } }>('/rules/:id', async (request, reply) => rulePage(request, reply, ports));
  app.get('/api', async (request, reply) => pageContext(request, reply, ports).send('API', '/api', apiContent()));
  app.get('/receivers', async (request, reply) =>
    pageContext(request, reply, ports).send(
      'Receivers',
      '/receivers',
      receiversContent(shownReceivers(ports.routing(), await alertsFor(request, ports))),
    ),
  );
}

async function rulePage(
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  ports: WebPorts,
): Promise<FastifyReply> {
  const context = pageContext(request, reply, ports);
  const rule = ports.ruleWithId(request.params.id);
  if (rule === undefined)
    return context.send('Unknown rule', '/rules', problemContent('Unknown rule', 'No loaded rule has this ID.'), 404);
  const now = ports.now();
  const range = { from: now - 7 * DAY, to: now + 1 };
  const [file, documents, present, episodes, runs] = await Promise.all([
    ports.ruleFile(rule.position.file),
    ports.documents([rule.id]),
    alertsFor(request, ports),
    ports.history.episodes({ range, limit: 30, rule: rule.id }),
    ports.history.runs({ rule: rule.id, range, limit: 10 }),
  ]);
  const alerts = present.report.alerts.filter((alert) => isAlertOf(alert, rule));
  const problems = [documents, episodes, runs].flatMap((read) => (read.ok ? [] : [read.message]));
  const recent = episodes.ok ? episodes.value : [];
  const detail = {
    ...{ rule, file, alerts, episodes: recent, runs: runs.ok ? runs.value : [] },
    document: documents.ok ? documents.value.get(rule.id) : undefined,
    cost: ports.costOf(rule.id),
    problem: problems.length === 0 ? undefined : problems.join('; '),
    charted: alerts[0]?.group ?? recent[0]?.group ?? {},
  };
  return context.send(rule.name, '/rules', ruleContent(detail, now));
}

async function alertPage(
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  ports: WebPorts,
): Promise<FastifyReply> {
  const context = pageContext(request, reply, ports);
  const known = await knownAlert(request, ports);
  if (known === undefined)
    return context.send(
      'Unknown alert',
      '/alerts',
      problemContent('Unknown alert', 'No active alert and no recorded episode has this ID.'),
      404,
    );
  const asked = fieldOf(request.query, 'at');
  const at = asked === '' ? undefined : momentOf(asked);
  const now = ports.now();
  const { rule } = known;
  const moment = Math.min(at ?? (known.present === undefined ? (known.episodes[0]?.start ?? now) : now), now);
  // What is only brought up to date keeps its story.
  const isUpdate = request.headers['x-tocsin-live'] !== undefined;
  const isShown = rule !== undefined && !isUpdate && context.caller.scopes.includes('read');
  const story = isShown ? await ports.explain(rule, known.group, moment) : undefined;
  const acknowledging = { caller: context.caller, formToken: context.formToken, next: request.url };
  return context.send(known.title, '/alerts', alertContent(known, story, at, acknowledging, now));
}

/** An alert that is active, or that history has an episode of. */
async function knownAlert(request: FastifyRequest<{ Params: { id: string } }>, ports: WebPorts): Promise<KnownAlert | undefined> {
  const { id } = request.params;
  const now = ports.now();
  // A message may be read long after its alert: its link leads to what history has kept.
  const range = { from: now - 366 * DAY, to: now + 1 };
  const [known, silences, episodes, messages, acknowledgements] = await Promise.all([
    alertsFor(request, ports),
    ports.silences.list(),
    ports.history.episodes({ range, limit: 20, alert: id }),
    ports.history.messages({ range, limit: 50, alert: id }),
    ports.history.acknowledgements({ range, limit: 20, alert: id }),
  ]);
  const recent = episodes.ok ? episodes.value : [];
  const isKnown = recent.length > 0 || known.report.alerts.some((alert) => alert.id === id);
  // The link of a message may be followed before the list and the history know of its alert.
  const { report } = isKnown || !isHashId(id) ? known : await ports.alerts(true);
  const present = report.alerts.find((alert) => alert.id === id);
  const of = present ?? recent[0];
  if (of === undefined) return undefined;
  const problems = [silences, episodes, messages, acknowledgements].flatMap((read) => (read.ok ? [] : [read.message]));
  const rule = ports.rules().find((one) => (present === undefined ? one.name === of.rule : isAlertOf(present, one)));
  const suppressors = { silences: silences.ok ? silences.value : [], alerts: report.alerts, rule };
  return {
    suppression: present && suppressionNote(present, suppressors),
    ...{ id, present, ruleName: of.rule, group: of.group, labels: of.labels },
    rule,
    // The titles of messages say what was so when they were sent, of all the alerts in them.
    title:
      present?.title ?? [own(of.labels, 'alertname') ?? of.rule, groupWords(of.group)].filter((part) => part !== '').join(': '),
    episodes: recent,
    messages: messages.ok ? messages.value : [],
    acknowledgements: acknowledgements.ok ? acknowledgements.value : [],
    problem: problems.length === 0 ? undefined : problems.join('; '),
  };
}

function pastRoutes(app: FastifyInstance, ports: WebPorts): void {
  app.get('/notifications', async (request, reply) => {
    const [receiver, rule] = [fieldOf(request.query, 'receiver'), fieldOf(request.query, 'rule').slice(0, 500)];
    const days = daysOf(request.query, '1');
    const page = Math.min(pageNumber(request.query), MOST_RECORDS / ROWS);
    const read = await ports.history.messages({
      ...{ range: pastDays(days, ports.now(), DAY), limit: ROWS + 1, skip: (page - 1) * ROWS },
      ...(receiver !== '' && { receiver }),
      ...(rule !== '' && { rule }),
    });
    const found = read.ok ? read.value : [];
    const content = notificationsContent({
      ...{
        messages: found.slice(0, ROWS),
        hasMore: found.length > ROWS && page < MOST_RECORDS / ROWS,
        page,
        days,
        receiver,
        rule,
      },
      receivers: Object.keys(ports.routing().destinations),
      problem: read.ok ? undefined : read.message,
    });
    return pageContext(request, reply, ports).send('Notifications', '/notifications', content);
  });
  app.get('/noise', async (request, reply) => {
    const days = daysOf(request.query, '7');
    const now = ports.now();
    const range = pastDays(days, now, DAY);
    const { noise, more, problems } = await noiseIn(ports.history, range);
    const ids = new Map(ports.rules().map(({ name, id }) => [name, id]));
    const problem = problems.join('; ');
    const content = noiseContent(noise, days, more, (name) => ids.get(name), problem === '' ? undefined : problem);
    return pageContext(request, reply, ports).send('Noise', '/noise', content);
  });
}

function daysOf(query: unknown, otherwise: keyof typeof PAST_DAYS): keyof typeof PAST_DAYS {
  const text = fieldOf(query, 'days');
  return own(PAST_DAYS, text) === undefined ? otherwise : (text as keyof typeof PAST_DAYS);
}

function statusOfError(error: unknown): number {
  const code = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof code === 'number' && code >= 400 && code < 600 ? code : 500;
}
