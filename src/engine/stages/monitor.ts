import { enqueueOutboxes } from '../enqueue-outboxes.ts';
import { evaluateHealth } from '../self-monitoring/evaluate-health.ts';
import { recoveredAlertGroups, unreadableFindings, unrecordedFindings } from '../self-monitoring/health-of-alert-groups.ts';
import {
  brokenFindings,
  documentFindings,
  documentsAside,
  failingAlertGroups,
  recoveredSteps,
  replacedFindings,
  silenceFindings,
} from '../self-monitoring/health-of-state.ts';
import type { TurnContext } from '../turn-context.ts';

/** Raises and ends health alerts by what the stages before it have met; a sweep looks as well at what is well again. */
export async function monitorEvaluations(context: TurnContext): Promise<void> {
  const { sweep, ports, session, log } = context;
  const { unrecorded } = session;
  const { errors, invalidSilences } = log;
  const failing = () => new Set([...log.invalidAlertGroups.keys(), ...failingAlertGroups(errors), ...unrecorded.keys()]);
  const recovered = sweep ? await recoveredAlertGroups(ports, failing) : [];
  const news = log.takeNews();
  const facts = {
    ...news,
    alertGroups: [...unreadableFindings(news.invalidAlertGroups), ...unrecordedFindings(unrecorded), ...recovered],
    state: [
      ...brokenFindings(news.errors),
      ...replacedFindings(news.replaced, sweep ? session : undefined),
      ...(invalidSilences === undefined ? [] : silenceFindings(invalidSilences, session)),
      ...documentFindings(session),
      ...(sweep ? recoveredSteps(session, errors.all) : []),
    ],
  };
  await enqueueOutboxes(await evaluateHealth(facts, context), context);
}

/** Raises and ends health alerts by the outcome of the messages. */
export async function monitorDeliveries(context: TurnContext): Promise<void> {
  const news = context.log.takeNews();
  const alertGroups = unreadableFindings(news.invalidAlertGroups);
  const state = [...brokenFindings(news.errors), ...replacedFindings(news.replaced)];
  if (news.notified.length + alertGroups.length + state.length === 0) return;
  await enqueueOutboxes(await evaluateHealth({ ...news, alertGroups, state }, context), context);
}

/** Notes invalid documents that no evaluation meets: of rules that are not loaded, and that of the health alerts. */
export async function noteDocumentsAside({ sweep, session, log }: TurnContext): Promise<void> {
  if (!sweep) return;
  session.unread.alertGroups = log.invalidAlertGroups.size;
  log.documentsInvalid(documentsAside(session));
}
