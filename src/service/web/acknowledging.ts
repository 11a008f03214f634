import type { ReportedAlert } from '../../engine/alert-list/alert-list.ts';
import type { AcknowledgeDesk } from '../acknowledge-desk.ts';
import type { EventHub } from './event-hub.ts';

type Change = Parameters<EventHub['acknowledged']>[1];

/** Acknowledging by the desk as it is at that moment, of the rules that are loaded then; `heard` is called after each change. Never rejects. */
export function heardAcknowledgements(
  desk: () => AcknowledgeDesk,
  heard: (change: Change, alerts: readonly ReportedAlert[], by: string) => void,
): Pick<AcknowledgeDesk, 'acknowledge'> & {
  readonly expire: (...given: Required<Parameters<AcknowledgeDesk['expire']>>) => ReturnType<AcknowledgeDesk['expire']>;
} {
  const changed = async (change: Change, by: string, made: Promise<Awaited<ReturnType<AcknowledgeDesk['expire']>>>) => {
    try {
      const answer = await made;
      if (answer.kind === 'done') heard(change, answer.alerts, by);
      return answer;
    } catch {
      // The list of alerts throws where the store does not answer; its words name addresses.
      return { kind: 'failed', message: 'the alerts cannot be read' } as const;
    }
  };
  return {
    acknowledge: (which, who) => changed('acknowledged', who.by, desk().acknowledge(which, who)),
    expire: (which, by) => changed('acknowledgement expired', by, desk().expire(which, by)),
  };
}
