import { type Static, Type } from 'typebox';
import { isObject } from '../core/json.ts';
import { put } from '../core/record.ts';
import {
  AlertGroupDocument,
  alertGroupMembers,
  Escalation,
  factMembers,
  inflightMembers,
  NotifiedAlert,
  notifiedMembers,
  remainderMembers,
} from './alert-group-document.ts';
import { StoredTarget } from './entry.ts';
import { partCheck } from './read-stored.ts';
import { dictionary, list, members, name, nullable } from './shapes.ts';
import { migration, storedKind } from './stored-kind.ts';

/** Version 1 let an alert have no source: nothing could end such an alert once the document of its rule was lost. */
const NotifiedAlert1 = members({ ...notifiedMembers, source: Type.Optional(name) });
type NotifiedAlert1 = Static<typeof NotifiedAlert1>;
const Facts1 = members({ ...factMembers, also: dictionary(NotifiedAlert1) });
const AlertGroup1 = members({
  ...alertGroupMembers,
  v: Type.Literal(1),
  alerts: dictionary(NotifiedAlert1),
  inflight: nullable(members({ ...inflightMembers, facts: Facts1 })),
  remainders: Type.Optional(list(members({ ...remainderMembers, facts: Facts1 }))),
});

/** The documents of `tocsin-alert-groups`. */
export const ALERT_GROUP = storedKind({
  name: 'alert group',
  index: 'alert-groups',
  schema: AlertGroupDocument,
  indexed: ['receiver', 'due'],
  migrations: {
    1: migration(AlertGroup1, ({ alerts, inflight, remainders, ...rest }) => {
      const { taken } = rest;
      const facts = (from: Static<typeof Facts1>) => ({ ...from, also: allWithSource(from.also, taken) });
      return {
        ...rest,
        alerts: allWithSource(alerts, taken),
        inflight: inflight === null ? null : { ...inflight, facts: facts(inflight.facts) },
        ...(remainders !== undefined && { remainders: remainders.map((one) => ({ ...one, facts: facts(one.facts) })) }),
      };
    }),
  },
});

type Taken = Readonly<Record<string, number>>;
type Notified<A> = Readonly<Record<string, A>>;

function allWithSource(alerts: Notified<NotifiedAlert1>, taken: Taken): Notified<NotifiedAlert> {
  const sourced: Record<string, NotifiedAlert> = {};
  for (const [id, alert] of Object.entries(alerts)) put(sourced, id, withSource(alert, taken));
  return sourced;
}

/**
 * The newest document of the rule that the alert group has taken entries of is the one that said so last, or it no longer exists as well. Where none is
 * known, the source is one that no document has: the alert ends once the document of the rule does not hold it.
 */
function withSource(alert: NotifiedAlert1, taken: Taken): NotifiedAlert {
  if (alert.source !== undefined) return { ...alert, source: alert.source };
  const incarnations = Object.keys(taken).flatMap((source) => {
    const cut = source.lastIndexOf('#');
    const incarnation = Number(source.slice(cut + 1));
    return source.slice(0, cut) === alert.rule && Number.isFinite(incarnation) ? [incarnation] : [];
  });
  return { ...alert, source: `${alert.rule}#${Math.max(0, ...incarnations)}` };
}

const targetProblem = partCheck(StoredTarget);
const olderProblem = partCheck(NotifiedAlert1);
const notifiedProblem = partCheck(NotifiedAlert);
const escalationProblem = partCheck(Escalation);

/** What is valid in the body of an invalid alert group: whom it notifies, and which alerts its receiver knows to be firing. */
export interface ValidParts {
  readonly target: StoredTarget | undefined;
  readonly alerts: Readonly<Record<string, NotifiedAlert>>;
  /** Absent: there are none. */
  readonly escalations?: Readonly<Record<string, Escalation>>;
}

/** Takes the valid parts out of the body of an invalid alert group. Numbers are not among them: they must not be invented. */
export function validParts(body: unknown): ValidParts {
  if (!isObject(body)) return { target: undefined, alerts: {} };
  const target = targetProblem(body) === undefined ? (body as unknown as StoredTarget) : undefined;
  const alerts: Record<string, NotifiedAlert> = {};
  for (const [id, alert] of isObject(body['alerts']) ? Object.entries(body['alerts']) : []) {
    if (notifiedProblem(alert) === undefined) put(alerts, id, alert as unknown as NotifiedAlert);
    else if (olderProblem(alert) === undefined) put(alerts, id, withSource(alert as unknown as NotifiedAlert1, {}));
  }
  const escalations: Record<string, Escalation> = {};
  for (const [id, one] of isObject(body['escalations']) ? Object.entries(body['escalations']) : [])
    if (escalationProblem(one) === undefined) put(escalations, id, one as unknown as Escalation);
  return { target, alerts, ...(Object.keys(escalations).length > 0 && { escalations }) };
}
