import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isObject } from '../../core/json.ts';
import { own } from '../../core/record.ts';
import { DAY } from '../../core/time.ts';
import { pageChart } from '../../engine/page-chart.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import { callerOfPage, fieldOf, momentOf } from './page-context.ts';
import type { WebPorts } from './ports.ts';

const EPISODES = 200;
const LONGEST = 7 * DAY;

/** The chart of a rule and a group as a picture, which pages show to those who have no scripts. */
export function chartRoutes(app: FastifyInstance, ports: WebPorts): void {
  app.get<{ Params: { id: string } }>('/rules/:id/chart.svg', (request, reply) => chartPicture(request, reply, ports));
}

async function chartPicture(
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
  ports: WebPorts,
): Promise<FastifyReply> {
  const refuse = (code: number, why: string) => reply.code(code).type('text/plain').send(`${why}\n`);
  // It asks the cluster, as stories do.
  if (!callerOfPage(request, ports).scopes.includes('read')) return refuse(403, 'sign in to see charts');
  const rule = ports.ruleWithId(request.params.id);
  const group = rule && groupOf(fieldOf(request.query, 'group'), rule);
  if (rule === undefined || group === undefined) return refuse(404, 'no such rule or group');
  const to = ports.now();
  const from = Math.max(to - LONGEST, Math.min(momentOf(fieldOf(request.query, 'from')) ?? to - DAY, to - 1));
  const range = { from, to };
  const [series, episodes] = await Promise.all([
    ports.series(rule, group, range),
    ports.history.episodes({ range: { from, to: to + 1 }, limit: EPISODES, rule: rule.id }),
  ]);
  if (series.kind !== 'given') return refuse(503, series.message);
  const of = (episodes.ok ? episodes.value : []).filter((episode) =>
    rule.groupBy.every((field) => own(episode.group, field) === own(group, field)),
  );
  const chart = series.value && pageChart(series.value, rule, of, range);
  return chart === undefined ? refuse(404, 'nothing to draw') : reply.type('image/svg+xml; charset=utf-8').send(chart);
}

/** A group as the address of a chart has it; undefined if the rule has no such group. */
function groupOf(text: string, { groupBy }: Rule): Group | undefined {
  if (text.length > 8_000) return undefined;
  try {
    const given: unknown = JSON.parse(text === '' ? '{}' : text);
    if (!isObject(given) || Object.keys(given).length !== groupBy.length) return undefined;
    const isGroup = groupBy.every((field) => [own(given, field)].every((value) => value === null || typeof value === 'string'));
    return isGroup ? (given as Group) : undefined;
  } catch {
    return undefined;
  }
}
