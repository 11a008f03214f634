import type { CommonKeys } from './common-keys.ts';
import type { RuleComplaints } from './complaints.ts';

const KEYS = {
  for: 'each document is notified at once',
  keep_firing_for: 'an event has no duration',
  recover: 'an event has no duration',
  flapping: 'each document is notified',
  settle: 'each document is notified at once',
  repeat_interval: 'an event is notified once',
  send_resolved: 'an event has no end',
  revisit: '`late` sets how far back late documents are searched',
} as const satisfies Partial<Record<keyof CommonKeys, string>>;

/** Warns of keys about the life of alerts in a rule whose documents are events. */
export function adviseOnEvents(keys: CommonKeys, complaints: RuleComplaints): void {
  for (const [key, why] of Object.entries(KEYS)) {
    if (Object.hasOwn(keys, key)) complaints.idle([key], `\`${key}\` has no effect: ${why}`, `remove \`${key}\``);
  }
}
