import { endAlert } from '../../alerts/step.ts';
import type { Instant } from '../../core/time.ts';
import type { EndedAlert } from '../../evaluation/rule-document.ts';
import type { LivingAlert, RuleDocument } from '../../evaluation/rule-states.ts';
import { isKnownDeleted } from '../known-deleted.ts';
import type { TurnPorts } from '../turn-ports.ts';
import { isExpiredReceiver } from './health-of-receivers.ts';
import { TEXTS_KIND } from './health-of-texts.ts';

type EndingPorts = Pick<TurnPorts, 'destination' | 'rules' | 'failures' | 'inBrokenFiles'>;

/** The document of health without the alerts that end although nothing recovered: what they are about no longer exists. */
export function withoutGone(
  document: RuleDocument,
  now: Instant,
  ports: EndingPorts,
): { readonly document: RuleDocument; readonly ended: readonly EndedAlert[] } {
  const ended = Object.entries(document.alerts).flatMap(([id, alert]): readonly EndedAlert[] => {
    const reason = endOf(alert, now, ports);
    return reason === undefined ? [] : [{ id, alert, transitions: endAlert(alert, now, reason).transitions }];
  });
  if (ended.length === 0) return { document, ended };
  const gone = new Set(ended.map(({ id }) => id));
  const alerts = Object.fromEntries(Object.entries(document.alerts).filter(([id]) => !gone.has(id)));
  return { document: { ...document, alerts }, ended };
}

function endOf(alert: LivingAlert, now: Instant, ports: EndingPorts): 'expired' | 'rule_removed' | undefined {
  const { kind, subject } = alert.group;
  const isAboutRule = kind === 'rule' || kind === TEXTS_KIND;
  if (isAboutRule && isKnownDeleted(subject ?? '', ports)) return 'rule_removed';
  return isExpiredReceiver(alert, now, ports) ? 'expired' : undefined;
}
