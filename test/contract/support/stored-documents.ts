import type { Lease } from '../../../src/engine/leases.ts';
import type { RuleDocument } from '../../../src/evaluation/rule-states.ts';
import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import { newAlertGroup } from '../../../src/notify/alert-group-id.ts';
import type { Silence } from '../../../src/notify/silences.ts';

/** A rule's document with nothing in it but what is given. */
export function ruleDocument(rule: string, given: Partial<RuleDocument>): RuleDocument {
  return {
    v: 1,
    rule,
    incarnation: 60_000,
    evaluated_through: 120_000,
    every: 60_000,
    n: 0,
    shape: 'shape',
    alerts: {},
    memory: null,
    memory_version: 1,
    health: { failures: 0 },
    outbox: [],
    hasOutbox: false,
    ...given,
  };
}

/** An alert group in which nothing was said but what is given. */
export function alertGroupDocument(given: Partial<AlertGroupDocument>): AlertGroupDocument {
  const target = { receiver: 'todo', destination: 'todo/slack/0', route: '{}', group_labels: { alertname: 'checkout' } };
  return { ...newAlertGroup(target), ...given };
}

/** A lease of a shard that runs out in a far future. */
export function lease(shard: number, holder: string): Lease {
  return { v: 1, shard, holder, token: `${holder}-token`, until: 4_000_000_000_000 };
}

/** A silence of one rule for a time. */
export function silence(id: string, starts: number, ends: number): Silence {
  const matchers = [{ label: 'alertname', op: '=', value: 'checkout' }] as const;
  return { v: 1, id, matchers, starts_at: starts, ends_at: ends, created_by: 'todo-team', comment: 'planned work' };
}
