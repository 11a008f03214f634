import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isHashId } from '../../core/ids.ts';
import { CHANGES } from '../api/access.ts';
import {
  changeRefusal,
  fieldOf,
  formProblem,
  nextPath,
  pageContext,
  problemContent,
  redirectAfterChange,
} from './page-context.ts';
import type { AcknowledgeOutcome, WebPorts } from './ports.ts';

type OfAlert = { Params: { id: string } };

/** The forms that acknowledge an alert and take that back. */
export function acknowledgeRoutes(app: FastifyInstance, ports: WebPorts): void {
  const { acknowledgements } = ports;
  app.post<OfAlert>('/alerts/:id/acknowledge', CHANGES, (request, reply) =>
    changed(request, reply, ports, async (id, name) => {
      const by = name ?? fieldOf(request.body, 'author').trim();
      const comment = fieldOf(request.body, 'comment').trim();
      if (by === '' || comment === '')
        return { kind: 'invalid', message: 'A name and a comment are needed', hint: 'your colleagues read them' };
      return acknowledgements.acknowledge({ id }, { by, comment });
    }),
  );
  app.post<OfAlert>('/alerts/:id/acknowledge/expire', CHANGES, (request, reply) =>
    changed(request, reply, ports, (id, name) => acknowledgements.expire({ id }, name ?? 'localhost')),
  );
}

async function changed(
  request: FastifyRequest<OfAlert>,
  reply: FastifyReply,
  ports: WebPorts,
  change: (id: string, name: string | undefined) => Promise<AcknowledgeOutcome>,
): Promise<FastifyReply> {
  const context = pageContext(request, reply, ports);
  const refuse = (code: number, why: string) =>
    context.send('Error', '/alerts', problemContent('Nothing was changed', why), code);
  const problem = formProblem(request, ports) ?? changeRefusal(context, request, ports);
  if (problem !== undefined) return refuse(403, problem);
  const { id } = request.params;
  if (!isHashId(id)) return refuse(404, 'No active alert has this ID.');
  const outcome = await change(id, context.caller.name);
  if (outcome.kind === 'invalid') return refuse(409, `${outcome.message}: ${outcome.hint}.`);
  if (outcome.kind === 'failed') return refuse(503, outcome.message);
  return redirectAfterChange(reply, ports, nextPath(fieldOf(request.body, 'next')));
}
