import { PARTIAL } from '../faults/scenarios/elasticsearch.ts';
import { documents, type Failure, fated, file, flow, stored } from './failure.ts';
import { rule } from './stage.ts';

const HOUR = 3_600_000;

/** A rule over hosts of which there are documents for some seconds, and then none at all until they are back. */
function silentSource(): Pick<Failure, 'cluster' | 'begin' | 'end' | 'subject'> {
  const HOSTS = ['a', 'b', 'c'];
  return {
    cluster: 'shared',
    begin: async (stage) => {
      const moments = Array.from({ length: 10 }, (_, second) => new Date(Date.now() + second * 1_000).toISOString());
      const known = moments.flatMap((at) => HOSTS.map((host) => ({ '@timestamp': at, host })));
      await stage.add(stage.index, known);
      await stage.write(
        'rules/hosts.yaml',
        rule('hosts', stage.index, { type: 'flatline', group_by: ['host'], condition: 'count < 1' }),
      );
    },
    end: async (stage) => void flow(stage, () => HOSTS.map((host) => ({ host }))),
    subject: () => 'hosts',
  };
}

/** Problems of rules, of their files and searches, and of stored documents, in the order of the table. */
export const RULE_FAILURES: readonly Failure[] = [
  {
    failure: 'A rule file does not load',
    ...file('rules/bad.yaml', ({ index }) => rule('bad', index, { condition: 'cuont >= 1' })),
    subject: () => 'rules/bad.yaml',
  },
  {
    failure: 'Every rule file is missing',
    cluster: 'shared',
    begin: (stage) => stage.remove('rules/calm.yaml'),
    end: (stage) => stage.write('rules/calm.yaml', rule('calm', stage.index, { condition: 'count >= 1000000' })),
  },
  {
    failure: 'Every rule is paused',
    cluster: 'shared',
    begin: (stage) => stage.write('rules/calm.yaml', rule('calm', stage.index, { enabled: false })),
    end: (stage) => stage.write('rules/calm.yaml', rule('calm', stage.index, { condition: 'count >= 1000000' })),
  },
  {
    failure: 'A search of a rule fails',
    ...file('rules/lost.yaml', ({ namespace }) => rule('lost', `${namespace}-missing`)),
    subject: () => 'lost',
  },
  {
    failure: 'Every search fails or answers in part',
    ...fated(({ path }) => path.includes('_msearch'), PARTIAL),
    subject: () => 'calm',
  },
  {
    failure: 'The time field of a rule is not a date',
    ...documents('timeless', { time_field: 'app' }, () => [{ app: 'shop' }]),
  },
  {
    failure: 'A rule has more groups than `max_groups`',
    ...documents('crowd', { group_by: ['host'], max_groups: 2 }, () => ['a', 'b', 'c', 'd'].map((host) => ({ host }))),
  },
  {
    failure: 'Documents match, but none has the `group_by` fields',
    ...documents('ungrouped', { group_by: ['host'] }, () => [{ app: 'shop' }]),
  },
  {
    failure: 'No group of a rule can be evaluated',
    ...documents('blind', { type: 'threshold', metrics: { m: { avg: 'size' } }, condition: 'm > 1' }, () => [{ app: 'shop' }]),
  },
  { failure: 'No document arrives at all for a rule with groups', ...silentSource() },
  {
    failure: 'A message template of a rule fails',
    ...documents('wordy', { message: { title: '{% for i in (1..1000000000) %}x{% endfor %}' } }, () => [{ app: 'shop' }]),
  },
  {
    failure: 'The stored document of a rule is invalid',
    ...stored('rules', 'calm', () => ({
      hasOutbox: false,
      evaluated_through: Date.now(),
      body: { v: 1, rule: 'calm', outbox: [null] },
    })),
  },
  {
    failure: 'The stored document of an alert group is invalid',
    ...stored('alert-groups', 'damaged', () => ({ due: Date.now(), receiver: 'team', body: { v: 1, receiver: null } })),
  },
  {
    failure: 'A silence is invalid',
    ...stored('silences', 'everything', () => ({
      starts_at: Date.now(),
      ends_at: Date.now() + HOUR,
      body: { v: 1, id: 'everything', matchers: [] },
    })),
  },
];
