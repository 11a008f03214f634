import type { LintCase } from './cases.ts';

const RULE = 'name: boom\ntype: frequency\nindex: logs-*\ncondition: count >= 5\nmessage: { title: boom }\n';

/** A silence with some keys replaced by others; a key without a value is left out. */
function silence(keys: Readonly<Record<string, string>> = {}): string {
  const all = {
    ...{ name: 'a', matchers: '[alertname=boom]', start: '2026-01-04T22:00', duration: '4h', recurrence: 'FREQ=WEEKLY' },
    ...{ comment: 'weekly', ...keys },
  };
  return Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

const files = (text: string) => ({ 'rules/a.yaml': RULE, 'silences/a.yaml': text });
const good = files(silence());

/** A pair of files for each code of a file of silences; the clock of the command line shows 1970. */
export const SILENCE_CASES: Readonly<Record<string, LintCase>> = {
  'silence/yaml': { bad: files(silence({ matchers: '[alertname=boom' })), good },
  'silence/unreadable': {
    bad: { 'rules/a.yaml': RULE, 'silences/a.yaml': { link: '../outside.yaml' }, 'outside.yaml': silence() },
    good,
  },
  'silence/too-large': { bad: files(silence({ comment: `${'['.repeat(200)}a${']'.repeat(200)}` })), good },
  'silence/duplicate-key': { bad: files(`${silence()}comment: again\n`), good },
  'silence/duplicate-name': {
    bad: files(`${silence()}---\n${silence()}`),
    good: files(`${silence()}---\n${silence({ name: 'b' })}`),
  },
  'silence/unknown-key': { bad: files(silence({ until: '2027-01-01' })), good },
  'silence/missing-key': { bad: files(silence({ comment: '' })), good },
  'silence/invalid': { bad: files(silence({ timezone: 'Europe/Berlinn' })), good: files(silence({ timezone: 'Europe/Berlin' })) },
  'silence/matcher': { bad: files(silence({ matchers: '[\'alertname=~"("\']' })), good },
  'silence/recurrence': { bad: files(silence({ recurrence: 'FREQ=HOURLY' })), good },
  'silence/never': {
    bad: files(silence({ recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' })),
    good: files(silence({ recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29' })),
  },
  'silence/unknown-receiver': { bad: files(silence({ notify: 'nobody' })), good: files(silence({ notify: 'default' })) },
  'silence/over': {
    bad: files(silence({ start: '1969-01-05T22:00', recurrence: '' })),
    good: files(silence({ recurrence: '' })),
  },
  'silence/always': {
    bad: files(silence({ start: '1969-12-01T00:00', duration: '24h', recurrence: 'FREQ=DAILY' })),
    good: files(silence({ start: '1969-12-01T00:00', duration: '23h', recurrence: 'FREQ=DAILY' })),
  },
  'silence/no-rule-matches': { bad: files(silence({ matchers: '[alertname=bom]' })), good },
};
