import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseDuration } from '../../core/duration.ts';
import { DAY } from '../../core/time.ts';
import { matchesAll } from '../../routing/matches.ts';
import { formatMatcher, type ParsedMatchers, parseMatchers } from '../../routing/parse-matcher.ts';
import type { Matcher } from '../../routing/route.ts';
import { CHANGES } from '../api/access.ts';
import type { SilenceSaved } from '../api/alertmanager.ts';
import { accountRoutes } from './account-routes.ts';
import { acknowledgeRoutes } from './acknowledge-routes.ts';
import { requireReader } from './lead-on.ts';
import { loginRoutes } from './login-routes.ts';
import {
  alertsFor,
  changeRefusal,
  fieldOf,
  formProblem,
  type PageContext,
  pageContext,
  pageNumber,
  problemContent,
  redirectAfterChange,
} from './page-context.ts';
import type { WebPorts } from './ports.ts';
import { newSilenceContent, type SilenceForm, type SilenceMatches, silenceContent, silencesContent } from './silence-pages.ts';

const MOST_EPISODES = 10_000;
/** The pages that change something: silences, acknowledgements, and signing in and out. */
export function changeRoutes(app: FastifyInstance, ports: WebPorts): void {
  silenceRoutes(app, ports);
  acknowledgeRoutes(app, ports);
  loginRoutes(app, ports);
  accountRoutes(app, ports);
}

function silenceRoutes(app: FastifyInstance, ports: WebPorts): void {
  const { silences } = ports;
  const guard = async (request: FastifyRequest, reply: FastifyReply) => requireReader(request, reply, ports);
  app.get('/silences', { onRequest: guard }, async (request, reply) => {
    const { caller, formToken, send } = pageContext(request, reply, ports);
    const [found, { report }] = await Promise.all([silences.list(), alertsFor(request, ports)]);
    const content = silencesContent({
      ...{ silences: found.ok ? found.value : [], alerts: report.alerts, now: ports.now(), formToken },
      expired: fieldOf(request.query, 'expired') === 'true',
      page: pageNumber(request.query),
      mayChange: caller.scopes.includes('silence'),
      problem: found.ok ? undefined : found.message,
    });
    return send('Silences', '/silences', content);
  });
  app.get('/silences/new', { onRequest: guard }, async (request, reply) => {
    const context = pageContext(request, reply, ports);
    const form = await formOf(request.query, context, ports);
    return newSilence(context, form, undefined, ports);
  });
  app.post('/silences', CHANGES, async (request, reply) => {
    const context = pageContext(request, reply, ports);
    const form = await formOf(request.body, context, ports);
    const problem = formProblem(request, ports) ?? changeRefusal(context, request, ports);
    if (problem !== undefined) return newSilence(context, form, problem, ports, 403);
    const parsed = parseMatchers(form.matchers);
    if (!parsed.ok) return newSilence(context, form, matchersProblem(parsed), ports, 400);
    const length = parseDuration(form.length);
    if (length === undefined) return newSilence(context, form, 'Choose how long the silence lasts.', ports, 400);
    const now = ports.now();
    const saved = await silences.save(
      {
        ...{ matchers: parsed.matchers, starts_at: now, ends_at: now + length, created_by: form.author, comment: form.comment },
        ...(form.link !== '' && { link: form.link }),
      },
      undefined,
    );
    if (saved.kind !== 'saved') return newSilence(context, form, saved.message, ports, saved.kind === 'failed' ? 503 : 400);
    ports.audit({ silence: saved.id, done: 'saved', by: byOf(context) });
    return redirectAfterChange(reply, ports, '/silences');
  });
  app.get<OfSilence>('/silences/:id', { onRequest: guard }, async (request, reply) => {
    const { caller, formToken, send } = pageContext(request, reply, ports);
    const [found, { report }] = await Promise.all([silences.get(request.params.id), alertsFor(request, ports)]);
    const refuse = (code: number, why: string) =>
      send('Unknown silence', '/silences', problemContent('Unknown silence', why), code);
    if (!found.ok) return refuse(503, found.message);
    if (found.value === undefined) return refuse(404, 'No silence has this ID. Expired ones are kept for 30 days.');
    const shown = { alerts: report.alerts, mayChange: caller.scopes.includes('silence'), formToken, now: ports.now() };
    return send('Silence', '/silences', silenceContent(found.value, shown));
  });
  app.post<OfSilence>('/silences/:id/expire', CHANGES, (request, reply) =>
    changeSilenceBy(request, reply, ports, 'expired', () => silences.expire(request.params.id)),
  );
  app.post<OfSilence>('/silences/:id/extend', CHANGES, (request, reply) =>
    changeSilenceBy(request, reply, ports, 'extended', async () => {
      const length = parseDuration(fieldOf(request.body, 'length'));
      if (length === undefined) return { kind: 'invalid', message: 'Choose how long the silence lasts.' };
      return silences.extend(request.params.id, length);
    }),
  );
}

type OfSilence = { Params: { id: string } };
const STATUS = { invalid: 400, unknown: 404, failed: 503 } as const;

async function changeSilenceBy(
  request: FastifyRequest<OfSilence>,
  reply: FastifyReply,
  ports: WebPorts,
  done: 'expired' | 'extended',
  change: () => Promise<SilenceSaved>,
): Promise<FastifyReply> {
  const context = pageContext(request, reply, ports);
  const refuse = (code: number, why: string) => context.send('Error', '/silences', problemContent(`Not ${done}`, why), code);
  const problem = formProblem(request, ports) ?? changeRefusal(context, request, ports);
  if (problem !== undefined) return refuse(403, problem);
  const saved = await change();
  if (saved.kind !== 'saved') return refuse(STATUS[saved.kind], saved.message);
  ports.audit({ silence: saved.id, done, by: byOf(context) });
  return redirectAfterChange(reply, ports, '/silences');
}

function byOf({ caller }: PageContext): string {
  return caller.name ?? 'localhost';
}

/** The form as it was filled in; by default for an alert, by its ID, whose labels become the matchers. */
async function formOf(fields: unknown, { caller }: PageContext, ports: WebPorts): Promise<SilenceForm> {
  const id = fieldOf(fields, 'alert');
  const alert = id === '' ? undefined : (await ports.alerts()).report.alerts.find((one) => one.id === id);
  const labels = Object.entries(alert?.labels ?? {}).filter(([name]) => name !== 'severity');
  const matchers = labels.map(([label, value]) => formatMatcher({ label, op: '=', value })).join(',\n');
  return {
    // Browsers send the lines of a field with CRLF.
    matchers: fieldOf(fields, 'matchers').replaceAll('\r\n', '\n') || matchers,
    length: fieldOf(fields, 'length') || '2h',
    author: caller.name ?? fieldOf(fields, 'author'),
    comment: fieldOf(fields, 'comment') || (alert === undefined ? '' : `Looking into: ${alert.title}`.slice(0, 300)),
    link: fieldOf(fields, 'link'),
  };
}

async function newSilence(
  context: PageContext,
  form: SilenceForm,
  error: string | undefined,
  ports: WebPorts,
  code = 200,
): Promise<FastifyReply> {
  const parsed = form.matchers.trim() === '' ? undefined : parseMatchers(form.matchers);
  const content = newSilenceContent({
    form,
    matches: parsed?.ok === true ? await matchedBy(parsed.matchers, ports) : undefined,
    error: error ?? (parsed?.ok === false ? matchersProblem(parsed) : undefined),
    isAuthorFixed: context.caller.name !== undefined,
    formToken: context.formToken,
    refusal: context.caller.scopes.includes('silence') ? undefined : SIGN_IN,
    now: ports.now(),
  });
  return context.send('New silence', '/silences', content, code);
}

const SIGN_IN = 'You can preview what it would suppress; to add it, sign in as a user who may silence.';

function matchersProblem({ message, offset, hint }: ParsedMatchers & { readonly ok: false }): string {
  const next = hint === undefined ? 'Write them such as severity="critical", team=~"shop|web".' : `What to do: ${hint}.`;
  return `Invalid matchers: ${message}, at character ${offset + 1}. ${next}`;
}

/** What matchers match now, and of the episodes of the last week. */
export async function matchedBy(
  matchers: readonly Matcher[],
  ports: Pick<WebPorts, 'alerts' | 'history' | 'now'>,
): Promise<SilenceMatches> {
  const now = ports.now();
  const range = { from: now - 7 * DAY, to: now + 1 };
  const [{ report }, episodes] = await Promise.all([ports.alerts(), ports.history.episodes({ range, limit: MOST_EPISODES })]);
  const recent = episodes.ok ? episodes.value : [];
  return {
    alerts: report.alerts.filter(({ labels }) => matchesAll(matchers, labels)),
    episodes: recent.filter(({ labels }) => matchesAll(matchers, labels)),
    more: recent.length === MOST_EPISODES,
    problem: episodes.ok ? undefined : episodes.message,
  };
}
