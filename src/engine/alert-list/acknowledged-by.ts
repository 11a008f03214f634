import { own } from '../../core/record.ts';
import type { Instant } from '../../core/time.ts';
import {
  ACKNOWLEDGED_FOR,
  type AcknowledgedAlerts,
  type Acknowledgements,
  gotWorse,
  isAbout,
} from '../../notify/acknowledgements.ts';
import type { ReportedAlert } from './alert-list.ts';
import type { IndexedGroup } from './notified-of.ts';

/** Reads who works on which alert. A list of alerts is not given up for what cannot be read. */
export async function acknowledgedAlerts(
  { acknowledgements }: { readonly acknowledgements?: Pick<Acknowledgements, 'list'> },
  now: Instant,
): Promise<AcknowledgedAlerts> {
  const read = await acknowledgements?.list(now - ACKNOWLEDGED_FOR);
  return new Map(read?.ok === true ? read.value.map((one) => [one.alert, one]) : []);
}

/** Who works on an alert, as its rule and the alert groups that hold it know it. */
export function acknowledgedBy(
  alert: Pick<ReportedAlert, 'id' | 'episode' | 'severity'>,
  groups: readonly IndexedGroup[],
  acknowledged: AcknowledgedAlerts,
): Pick<ReportedAlert, 'acknowledged'> {
  const { id, episode = '', severity = '' } = alert;
  const found = acknowledged.get(id);
  if (found === undefined || !isAbout(found, { episode })) return {};
  const times = groups.flatMap(({ document }) => own(document.alerts, id)?.worse_at ?? []);
  const worse = gotWorse(found, { episode, level: severity, ...(times.length > 0 && { worse_at: Math.max(...times) }) });
  const { by, at, comment } = found;
  return { acknowledged: { by, at, comment, ...(worse && { worse: true as const }) } };
}
