import { describe, expect, it } from 'vitest';
import type { KnownRule } from '../../../src/messages/known-rule.ts';
import { messageOf } from '../../../src/messages/message-of.ts';
import { whySent } from '../../../src/messages/wording.ts';
import type { AlertGroupDocument, Facts, QueuedEntry } from '../../../src/notify/alert-group.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { alertGroup, inflightOf, notifiedAs, queuedEntry } from '../../support/engine/notified.ts';
import { MINUTE, NOON } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';

const BOOM: KnownRule = {
  name: 'boom',
  message: {},
  source: { indices: ['logs-*'], timeField: '@timestamp' },
  query: { language: 'kql', text: 'a:1' },
};

const of = (
  entries: readonly QueuedEntry[],
  notified: readonly QueuedEntry[] = [],
  facts: Partial<Facts> = {},
  rule: KnownRule | undefined = BOOM,
) => {
  const alerts = Object.fromEntries(notified.map((entry) => [entry.alert, notifiedAs(entry)]));
  const document: AlertGroupDocument = alertGroup({ alerts });
  const changed = new Set(entries.map((entry) => entry.alert));
  const also = Object.fromEntries(Object.entries(alerts).filter(([alert]) => !changed.has(alert)));
  const inflight = inflightOf(entries, {
    since: NOON + 60 * MINUTE,
    facts: { reminder: false, entries, also, incident: 'i', ...facts },
  });
  return messageOf('c', document, inflight, { ruleOf: () => rule, kibana: { url: 'https://kibana.example.com' } });
};

const template = (text: string) => {
  const compiled = compileTemplate(text, ['count', 'evidence']);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.template;
};

const host = (name: string) => ({ group: { 'host.name': name }, labels: { alertname: 'boom', 'host.name': name } });
const hosts = (count: number, given: Partial<QueuedEntry> = {}) =>
  Array.from({ length: count }, (_, i) => queuedEntry(i + 1, { ...given, ...host(`h${String(i).padStart(2, '0')}`) }));

const fired = queuedEntry(1);
const ended = queuedEntry(2, { kind: 'resolved', at: NOON + 12 * MINUTE, values: { count: 0 } });
const other = queuedEntry(3, host('h2'));
const moved = queuedEntry(2, { kind: 'moved' });
const worse = queuedEntry(2, { kind: 'worse', reason: 'worse', level: 'critical' });
const better = queuedEntry(2, { kind: 'better', reason: 'better', level: 'info' });

/** The two entries of one window with events of a host. */
const event = (n: number, events: number, given: Partial<QueuedEntry> = {}) => {
  const at = NOON + n * MINUTE;
  const window = { from: at - 5 * MINUTE, to: at };
  const shared = { ...given, reason: 'event', episode: `event ${n}`, at, started: at, window, values: { events, left_out: 0 } };
  const documents = [{ at, fields: { message: `at ${n}` } }];
  return [
    queuedEntry(n, { ...shared, evidence: { documents, top: [], trace_ids: [] } }),
    queuedEntry(n + 1, { ...shared, kind: 'resolved' }),
  ] as const;
};

describe('a template that never comes to an end', () => {
  it('is stopped once a message, which is notified in the words of the default', () => {
    // Twenty alerts with three such texts each would hold up every other rule for half a minute, at every attempt.
    const endless = `{% for i in (1..200) %}{% for j in (1..100) %}${'{% if true %}{% endif %}'.repeat(600)}{% endfor %}{% endfor %}`;
    const compiled = compileTemplate(endless, []);
    if (!compiled.ok) throw new Error(compiled.message);
    const began = process.cpuUsage().user;
    const message = of(hosts(20), [], {}, { ...BOOM, message: { title: compiled.template, text: compiled.template } });
    expect(process.cpuUsage().user - began).toBeLessThan(5_000_000);
    expect(message.alerts.map(({ title }) => title).slice(0, 2)).toEqual(['boom: h00', 'boom: h01']);
    expect(message.notes).toEqual([
      'boom: the template of message.title failed on this alert (template render limit exceeded); the default is shown',
    ]);
  });
});

describe('a message', () => {
  it.each([
    ['the first alert', of([fired]), '[FIRING] boom: h1', 'first', 'warning', ['firing firing']],
    ['one more alert', of([other], [fired]), '[FIRING:2] boom', 'more_alerts', 'warning', ['firing firing', 'firing still']],
    ['an alert that got worse', of([worse], [fired]), '[FIRING] boom: h1', 'worse', 'critical', ['firing worse']],
    ['an alert that got better', of([better], [fired]), '[FIRING] boom: h1', 'better', 'info', ['firing better']],
    [
      'an alert that fired and got worse before anybody was notified',
      of([fired, worse]),
      '[FIRING] boom: h1',
      'first',
      'critical',
      ['firing firing'],
    ],
    ['an alert that moved here by getting worse', of([worse]), '[FIRING] boom: h1', 'first', 'critical', ['firing firing']],
    ['a reminder', of([], [fired], { reminder: true }), '[FIRING, still] boom: h1', 'reminder', 'warning', ['firing still']],
    [
      'a reminder of two',
      of([], [fired, other], { reminder: true }),
      '[FIRING:2, still] boom',
      'reminder',
      'warning',
      ['firing still', 'firing still'],
    ],
    ['the end of an alert', of([ended], [fired]), '[RESOLVED] boom: h1', 'resolved', 'warning', ['resolved resolved']],
    [
      'an end while another fires',
      of([ended], [fired, other]),
      '[FIRING:1, RESOLVED:1] boom',
      'update',
      'warning',
      ['firing still', 'resolved resolved'],
    ],
    [
      'an alert that fired and ended before anybody was notified',
      of([fired, ended]),
      '[ENDED] boom: h1',
      'resolved',
      'warning',
      ['ended resolved'],
    ],
    [
      'one that moved here and ended before anybody was notified',
      of([worse, ended]),
      '[ENDED] boom: h1',
      'resolved',
      'critical',
      ['ended resolved'],
    ],
    ['an end that is all that is left of it', of([ended]), '[RESOLVED] boom: h1', 'resolved', 'warning', ['resolved resolved']],
    [
      'an alert that moved to other receivers',
      of([moved], [fired]),
      '[HANDED OVER] boom: h1',
      'moved',
      'warning',
      ['moved moved'],
    ],
    [
      'two alerts that moved',
      of([moved, queuedEntry(4, { ...host('h2'), kind: 'moved' })], [fired, other]),
      '[HANDED OVER:2] boom',
      'moved',
      'warning',
      ['moved moved', 'moved moved'],
    ],
    [
      'an alert that ended and fired again in the same message',
      of([ended, queuedEntry(5, { episode: 'next' })], [fired]),
      '[FIRING] boom: h1',
      'more_alerts',
      'warning',
      ['firing firing'],
    ],
    ['one event', of([...event(1, 1)]), '[EVENT] boom: h1', 'event', 'warning', ['event event']],
    [
      'the events of two windows',
      of([...event(1, 2), ...event(3, 5)]),
      '[EVENTS:7] boom: h1',
      'event',
      'warning',
      ['event event'],
    ],
    [
      'events of two groups',
      of([...event(1, 2), ...event(3, 5, host('h2'))]),
      '[EVENTS:7] boom',
      'event',
      'warning',
      ['event event', 'event event'],
    ],
    [
      'an event while an alert fires',
      of([...event(4, 1, host('h2'))], [fired]),
      '[FIRING:1, EVENT] boom',
      'event',
      'warning',
      ['firing still', 'event event'],
    ],
    [
      'an event and an end',
      of([ended, ...event(4, 2, host('h2'))], [fired]),
      '[EVENTS:2, RESOLVED:1] boom',
      'event',
      'warning',
      ['event event', 'resolved resolved'],
    ],
    [
      'the end of an alert whose rule tells events now',
      of([ended, ...event(4, 1)], [fired]),
      '[RESOLVED] boom: h1',
      'resolved',
      'warning',
      ['resolved resolved'],
    ],
  ])('of %s says so', (_name, message, title, reason, severity, alerts) => {
    expect(titleText(message.title)).toBe(title);
    expect([message.reason, message.severity]).toEqual([reason, severity]);
    expect(message.alerts.map((alert) => `${alert.status} ${alert.change}`)).toEqual(alerts);
  });

  it('shows an alert by its values, its condition, its window and how long it lasted', () => {
    expect(of([fired]).alerts[0]).toMatchObject({ measured: { value: 'count 7', limit: 'limit 5' }, facts: [] });
    expect(of([fired]).alerts[0]?.details).toEqual([
      { label: 'condition', value: 'count >= 5' },
      { label: 'window', value: '5m until 2026-01-01 12:00:00 UTC' },
      { label: 'since', value: '2026-01-01 12:00:00 UTC' },
    ]);
    expect(of([ended], [fired]).alerts[0]?.details).toContainEqual({ label: 'lasted', value: '12m' });
    expect(of([], [fired], { reminder: true }).alerts[0]?.details).toContainEqual({ label: 'lasted', value: '1h' });
    expect(of([fired, ended]).alerts[0]).toMatchObject({ values: { count: 7 }, endedAt: NOON + 12 * MINUTE });
  });

  it('adds up the events of the windows since the last message, and shows the documents of all', () => {
    const [alert] = of([...event(1, 2), ...event(3, 5)]).alerts;
    expect(alert?.values).toEqual({ events: 7, left_out: 0 });
    expect(alert?.window).toEqual({ from: NOON - 4 * MINUTE, to: NOON + 3 * MINUTE });
    expect(alert?.evidence?.documents.map(({ fields }) => fields['message'])).toEqual(['at 3', 'at 1']);
    expect([...(alert?.facts ?? []), ...(alert?.details ?? [])].map(({ label }) => label)).toEqual(['condition', 'window']);
  });

  it('has a text about sample documents in reminders and at the end, where there are none', () => {
    const text = template('{{ evidence.documents[0].fields.message | default: "no sample" }} {{ evidence.documents | size }}');
    const known = { ...BOOM, message: { text, resolvedText: text } };
    const shown = (message: ReturnType<typeof of>) => [message.alerts[0]?.text, message.notes];
    expect(shown(of([], [fired], { reminder: true }, known))).toEqual(['no sample 0', []]);
    expect(shown(of([ended], [fired], {}, known))).toEqual(['no sample 0', []]);
  });

  it.each([
    [['warning', 'emergency', 'critical'], 'emergency'],
    [['info', 'sev1'], 'sev1'],
    [['warning', 'of our own'], 'of our own'],
  ])('of alerts with the severities %j is as bad as the worst', (levels, worst) => {
    expect(of(levels.map((level, i) => queuedEntry(i + 1, { ...host(`h${i}`), level }))).severity).toBe(worst);
  });

  it('about a silent group links to a time in which it had documents', () => {
    const range = (count: number) => {
      const url = of([queuedEntry(1, { values: { count } })]).alerts[0]?.links[0]?.url ?? '';
      return JSON.parse(new URL(url).searchParams.get('p') ?? '').timeRange;
    };
    expect(range(0)).toEqual({ from: '2026-01-01T10:55:00.000Z', to: '2026-01-01T12:00:00.000Z' });
    expect(range(7)).toEqual({ from: '2026-01-01T11:55:00.000Z', to: '2026-01-01T12:00:00.000Z' });
  });

  it('says whose values are whose at the end, and leaves out what the rule says of the problem', () => {
    const known = { ...BOOM, description: 'Requests fail.', message: { text: template('{{ count }} requests fail') } };
    const [alert] = of([ended], [fired], {}, known).alerts;
    expect(alert?.measured).toEqual({ value: 'count 0', limit: 'limit 5' });
    expect(alert?.details?.[0]).toEqual({ label: 'count', value: '0 (7 when it fired)' });
    expect(alert).not.toHaveProperty('text');
    expect(alert).not.toHaveProperty('description');
    expect(of([fired, ended], [], {}, known).alerts[0]?.text).toBe('When it fired: 7 requests fail');
    const own = { ...known, message: { ...known.message, resolvedText: template('{{ count }} fail now') } };
    expect(of([ended], [fired], {}, own).alerts[0]?.text).toBe('0 fail now');
  });

  it.each([
    [['oncall'], 'Still firing, now critical: handed over to receiver oncall, where further changes are sent'],
    [['a', 'b'], 'Still firing, now critical: handed over to receivers a, b, where further changes are sent'],
    [[], 'Still firing, now critical: no receiver is routed to any more'],
    [undefined, 'Still firing, now critical: handed over to another alert group, where further changes are sent'],
  ])('that is handed over to %j says so, and is not resolved', (moved_to, why) => {
    const message = of([{ ...moved, level: 'critical', ...(moved_to !== undefined && { moved_to }) }], [fired]);
    expect(whySent(message)).toBe(why);
    expect(message).toMatchObject({ status: 'moved', resolved: 0, firing: 0, severity: 'critical' });
    expect(message.alerts[0]).not.toHaveProperty('endedAt');
  });

  it('counts what moved apart from what is over', () => {
    const message = of([ended, queuedEntry(4, { ...host('h2'), kind: 'moved' })], [fired, other]);
    expect(titleText(message.title)).toBe('[RESOLVED:1, HANDED OVER:1] boom');
    expect(message).toMatchObject({ status: 'resolved', resolved: 1 });
  });

  it.each([
    ['', '(empty)'],
    [' ', '" "'],
    [null, '(none)'],
  ])('shows the group value %j as %s', (value, shown) => {
    const [alert] = of([queuedEntry(1, { group: { 'host.name': value } })]).alerts;
    expect([alert?.title, alert?.group]).toEqual([`boom: ${shown}`, { 'host.name': shown }]);
  });

  it.each([
    [29.588, '29.59'],
    [0.000986874, '0.0009869'],
    [0.1 + 0.2, '0.3'],
    [1234.56, '1,235'],
    [123_456_789, '123,456,789'],
    [1e-7, '1.000e-7'],
    [-2 / 3, '-0.6667'],
    ['9223372036854775807', '9223372036854775807'],
  ])('prints the value %j as %s', (value, printed) => {
    expect(of([queuedEntry(1, { values: { value } })]).alerts[0]?.facts[0]).toEqual({ label: 'value', value: printed });
  });

  it('gives reasons that are no news by themselves', () => {
    const again = queuedEntry(2, { kind: 'resolved', reason: 'again' });
    expect(of([again], [fired]).alerts[0]?.facts.at(-1)).toEqual({ label: 'reason', value: 'again' });
    expect(of([ended], [fired]).alerts[0]?.facts.map(({ label }) => label)).not.toContain('reason');
    const folded = queuedEntry(9, { folded: 41 });
    expect(of([folded]).alerts[0]?.facts).toContainEqual({ label: 'changes before', value: '41' });
  });

  it('says how many earlier episodes a message covers besides the one it shows, folded ones included', () => {
    const first = [queuedEntry(1, { episode: 'e1' }), queuedEntry(2, { episode: 'e1', kind: 'resolved' })];
    const second = [queuedEntry(3, { episode: 'e2' }), queuedEntry(4, { episode: 'e2', kind: 'resolved' })];
    const third = queuedEntry(9, { episode: 'e9', folded: 6, folded_episodes: 3 });
    const shown = of([...first, ...second, third]).alerts[0];
    expect(shown?.earlierEpisodes).toBe(5);
    expect(shown?.facts).toContainEqual({ label: 'earlier episodes', value: '5' });
    expect(of(first).alerts[0]?.earlierEpisodes).toBeUndefined();
  });

  it('lists 20 alerts, the worst first, and counts the rest', () => {
    const all = hosts(25).map((entry, index) => (index === 24 ? { ...entry, level: 'critical' } : entry));
    const message = of(all);
    expect(titleText(message.title)).toBe('[FIRING:25] boom');
    expect(message).toMatchObject({ firing: 25, more: 5, severity: 'critical' });
    expect(message.alerts.map((alert) => alert.group['host.name'])).toEqual([
      'h24',
      ...Array.from({ length: 19 }, (_, i) => `h${String(i).padStart(2, '0')}`),
    ]);
  });

  it('of many alerts says how they spread, and leaves out a field in which each has a value of its own', () => {
    const entries = Array.from({ length: 500 }, (_, i) =>
      queuedEntry(i + 1, { alert: `a${i}`, group: { site: `s${i % 12}`, zone: i % 2 === 0 ? '' : null, device: `dev-${i}` } }),
    );
    const { summary, more } = of(entries);
    expect(more).toBe(480);
    expect(summary?.map(({ field }) => field)).toEqual(['site', 'zone']);
    expect(summary?.[0]?.values.slice(0, 2)).toEqual([
      { value: 's0', count: 42 },
      { value: 's1', count: 42 },
    ]);
    expect(summary?.[0]?.others).toBe(4);
    expect(summary?.[1]?.values).toEqual([
      { value: '(empty)', count: 250 },
      { value: '(none)', count: 250 },
    ]);
    expect(of(entries.slice(0, 20)).summary).toBeUndefined();
  });

  it('renders the texts of the alerts that it lists, not of thousands', () => {
    let rendered = 0;
    const title = {
      source: '',
      render: () => {
        rendered++;
        return { ok: true, text: 'T' } as const;
      },
    };
    of(hosts(300), [], {}, { ...BOOM, message: { title } });
    expect(rendered).toBe(20);
  });

  it('falls back to its own words, with a note, when a template fails on a document', () => {
    const broken = { source: '', render: () => ({ ok: false, message: 'no such value' }) as const };
    const message = of([fired, other], [], {}, { ...BOOM, message: { title: broken } });
    expect(message.alerts.map(({ title }) => title)).toEqual(['boom: h1', 'boom: h2']);
    expect(message.notes).toEqual([
      'boom: the template of message.title failed on this alert (no such value); the default is shown',
    ]);
  });

  it('names a rule that is gone by its id', () => {
    const message = messageOf('c', alertGroup(), inflightOf([fired]), { ruleOf: () => undefined, kibana: undefined });
    expect(titleText(message.title)).toBe('[FIRING] boom: h1');
  });

  it('says how many alerts were evaluated late', () => {
    expect(of(hosts(3, { late: true })).notes).toEqual([
      '3 alerts were evaluated late, while catching up on windows that were missed.',
    ]);
  });

  it.each([
    ['half a character', '\ud83d'],
    ['markup and line ends', '<b>&\r\n*x*`'],
    ['quotes and backslashes', '"\\\' or 1:1'],
    ['the name of an inherited property', '__proto__'],
    ['a very long value', 'ü'.repeat(40_000)],
    ['nothing', ''],
  ])('can be made of a group whose value is %s', (_name, value) => {
    const message = of([queuedEntry(1, { ...host(value), values: { count: null, text: value, rate: 0.1 + 0.2 } })]);
    expect(titleText(message.title)).not.toMatch(/[\r\n]|\p{Surrogate}/u);
    expect(titleText(message.title).length).toBeLessThan(400);
    expect(message.alerts[0]?.group['host.name']).toBe(value === '' ? '(empty)' : value);
    expect(message.alerts[0]?.facts[0]).toEqual({ label: 'count', value: 'no value' });
    for (const { url } of message.alerts[0]?.links ?? []) expect(URL.canParse(url)).toBe(true);
  });

  it('follows a runbook only to the web', () => {
    const runbook = { source: '', render: () => ({ ok: true, text: 'javascript:alert(1)' }) as const };
    const message = of([fired], [], {}, { ...BOOM, message: { runbook } });
    expect(message.alerts[0]?.links.map(({ label }) => label)).toEqual(['Discover']);
  });
});
