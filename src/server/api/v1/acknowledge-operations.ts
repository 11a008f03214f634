import { type Static, Type } from 'typebox';
import { isHashId } from '../../../core/ids.ts';
import type { AcknowledgeOutcome } from '../../web/ports.ts';
import { alertAnswer } from './answers.ts';
import { closedObject, unread } from './given.ts';
import type { Operation } from './operation.ts';
import { ApiRefusal } from './problem.ts';

const WANTED = Type.Object(
  {
    comment: Type.String({ minLength: 1, maxLength: 2_000, description: 'What is being done about the alert.' }),
    by: Type.Optional(Type.String({ maxLength: 200, description: 'Only without a login; otherwise the signed-in user.' })),
  },
  { ...closedObject, title: 'WantedAcknowledgement', description: 'An acknowledgement of an alert.' },
);
const PLACE = { path: '/alerts/{id}/acknowledgement', answer: 'alert', needs: 'silence' } as const;

/** The requests about acknowledgements. */
export const ACKNOWLEDGE_OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'acknowledgeAlert', method: 'POST', ...PLACE, body: WANTED },
    summary: 'Acknowledges a firing alert: no reminders and no escalation until it gets worse or ends',
    run: async (ports, { id, body, by }) => {
      const wanted = body as Static<typeof WANTED>;
      const author = (by ?? wanted.by ?? '').trim();
      if (author === '') throw new ApiRefusal(400, 'an acknowledgement needs an author', 'set `by`, or sign in');
      const comment = wanted.comment.trim();
      if (comment === '') throw new ApiRefusal(400, 'the comment is empty', 'describe in `comment` what is being done');
      return changedAlert(id, await ports.acknowledgements.acknowledge({ id: wholeId(id) }, { by: author, comment }));
    },
  },
  {
    ...{ id: 'expireAcknowledgement', method: 'DELETE', ...PLACE },
    summary: 'Removes an acknowledgement: reminders and escalation resume',
    run: async (ports, { id, by }) =>
      changedAlert(id, await ports.acknowledgements.expire({ id: wholeId(id) }, by ?? 'localhost')),
  },
];

/** The beginning of an ID, which commands take, may be that of another alert. */
function wholeId(id: string): string {
  if (isHashId(id)) return id;
  throw new ApiRefusal(404, 'no active alert has this ID', 'list them with GET /api/v1/alerts');
}

function changedAlert(id: string, outcome: AcknowledgeOutcome): unknown {
  if (outcome.kind === 'failed') throw unread(outcome.message);
  const alert = outcome.kind === 'done' ? outcome.alerts.find((one) => one.id === id) : undefined;
  if (alert !== undefined) return alertAnswer(alert);
  const why = outcome.kind === 'invalid' ? outcome.message : 'no active alert has this ID';
  throw new ApiRefusal(409, why, `see its state: GET /api/v1/alerts/${id}`);
}
