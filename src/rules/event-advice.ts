import type { AlertKey, CommonKeys } from './common-keys.ts';
import type { RuleComplaints } from './complaints.ts';

/** Why a key has no effect on events; undefined: it has one, or another check warns of it. The compiler asks this of every new key about alerts. */
const WHY_IDLE: Readonly<Record<AlertKey, string | undefined>> = {
  recover: 'an event has no duration',
  for: 'each document is notified at once',
  keep_firing_for: 'an event has no duration',
  no_data: undefined,
  no_data_after: undefined,
  forget_after: undefined,
  settle: 'each document is notified at once',
  flapping: 'each document is notified',
  outage_hold: undefined,
  revisit: '`late` sets how far back late documents are searched',
  catch_up: undefined,
  error_after: undefined,
  labels: undefined,
  receivers: undefined,
  send_resolved: 'an event has no end',
  group_wait: undefined,
  group_interval: undefined,
  repeat_interval: 'an event is notified once',
  escalate: 'an event is notified once',
  mute_time_intervals: undefined,
  active_time_intervals: undefined,
  message: undefined,
  partials: undefined,
  evidence: undefined,
};

/** Warns of keys about the life of alerts in a rule whose documents are events. */
export function adviseOnEvents(keys: CommonKeys, complaints: RuleComplaints): void {
  for (const [key, why] of Object.entries(WHY_IDLE)) {
    if (why !== undefined && Object.hasOwn(keys, key))
      complaints.idle([key], `\`${key}\` has no effect: ${why}`, `remove \`${key}\``);
  }
}
