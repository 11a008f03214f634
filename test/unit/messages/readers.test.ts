import { describe, expect, it, test } from 'vitest';
import type { KnownRule } from '../../../src/messages/known-rule.ts';
import { renderMessage } from '../../../src/messages/message-of.ts';
import { rowName } from '../../../src/messages/rows.ts';
import { leadSentence } from '../../../src/messages/sentence.ts';
import { written } from '../../../src/messages/when.ts';
import type { QueuedEntry } from '../../../src/notify/alert-group.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { GROUP_NAMES } from '../../../src/templates/template.ts';
import { alertGroup, inflightOf, queuedEntry } from '../../support/engine/notified.ts';
import { NOON } from '../../support/engine/world.ts';

function template(text: string, names: readonly string[] = ['count', 'started', 'timezone', 'document']) {
  const compiled = compileTemplate(text, names);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.template;
}

const rule = (message: KnownRule['message'], given: Partial<KnownRule> = {}): KnownRule => ({
  ...{ name: 'boom', source: { indices: ['logs-*'], timeField: '@timestamp' }, query: { language: 'kql', text: '' } },
  message,
  ...given,
});

const readers = () => ({ timezone: 'Europe/Berlin', locale: 'de-DE' });
const host = (name: string, given: Partial<QueuedEntry> = {}): QueuedEntry =>
  queuedEntry(1, { alert: name, episode: name, group: { host: name }, ...given });

function rendered(entries: readonly QueuedEntry[], known: KnownRule, given: Partial<Parameters<typeof renderMessage>[3]> = {}) {
  const document = alertGroup({ group_labels: { alertname: 'boom' } });
  const inflight = inflightOf(entries, { facts: { reminder: false, entries: [...entries], also: {}, incident: 'i' } });
  return renderMessage('g', document, inflight, { ruleOf: () => known, kibana: undefined, ...given });
}

describe('times and numbers are those of the readers', () => {
  const text = template('{{ started | date: "%H:%M" }} {{ timezone }}, {{ started | date: "%H:%M", "UTC" }} UTC');

  test.each([
    ['of the receiver and the route', { readers }, '13:00 Europe/Berlin, 12:00 UTC', /since 13:00 MEZ/],
    ['of the rule', {}, '21:00 Asia/Tokyo, 12:00 UTC', /since 21:00 GMT\+9/],
  ] as const)('%s', (_, given, said, since) => {
    const { message } = rendered([host('a', { started: NOON, at: NOON })], rule({ text }, { timezone: 'Asia/Tokyo' }), given);
    expect(message.alerts[0]?.text).toBe(said);
    expect(written(leadSentence(message), message)).toMatch(since);
  });

  test('in UTC where nothing is said', () => {
    expect(rendered([host('a')], rule({ text })).message.alerts[0]?.text).toBe('12:00 UTC, 12:00 UTC');
  });

  test('numbers as they write them', () => {
    const measures = { count: { unit: 'bytes' } };
    const { message } = rendered([host('a', { values: { count: 1_536 } })], rule({}, { measures }), { readers });
    expect(message.alerts[0]?.measured?.value).toBe('count 1,5 KiB');
  });
});

it('names alerts of one title by the labels in which they differ', () => {
  const { message } = rendered(
    [host('a', { group: { pod: 'a', zone: 'z' } }), host('b', { group: { pod: 'b', zone: 'z' } })],
    rule({ title: template('not ready') }),
  );
  expect(message.alerts.map((alert) => rowName(alert, message))).toEqual(['not ready (pod a)', 'not ready (pod b)']);
});

describe('a text about several alerts together', () => {
  const known = rule({
    groupTitle: template('{{ firing }} hosts of {{ rule }}', GROUP_NAMES),
    groupText: template(
      '**Worst**: {% for alert in alerts %}{{ alert.group.host }} {{ alert.measured }}; {% endfor %}',
      GROUP_NAMES,
    ),
  });

  test('is that of the message, the worst alert first', () => {
    const { message } = rendered([host('a', { values: { count: 6 } }), host('b', { values: { count: 9 } })], known);
    expect(message).toMatchObject({ title: { text: '2 hosts of boom' }, text: 'Worst: b count 9; a count 6;' });
    expect(message.markup?.[0]?.parts[0]).toEqual({ bold: 'Worst' });
  });

  test('is not that of a message about one', () => {
    expect(rendered([host('a')], known).message).not.toHaveProperty('text');
  });

  test('that fails leaves the message as it is, with a note, and the rule has a problem', () => {
    const failing = rule({
      groupText: {
        source: '',
        render: () => ({ ok: false, message: 'no such value' }),
        renderMarkup: () => ({ ok: false, message: 'no such value' }),
      },
    });
    const { message, texts } = rendered([host('a'), host('b')], failing);
    expect(message).not.toHaveProperty('text');
    expect(message.notes).toEqual(['boom: the template of message.group_text failed (no such value); the default is shown']);
    expect(texts).toEqual([{ rule: expect.any(String), problem: message.notes[0] }]);
  });
});

test('a field of the newest document is there by its name, and missing where it is not', () => {
  const text = template(
    '{{ document["user.name"] }} {{ document.nothing }} {% if document.nothing %}!{% endif %}{{ document.nothing | default: "-" }}',
  );
  const evidence = { documents: [{ at: NOON, fields: { 'user.name': 'ann' } }], top: [], trace_ids: [] };
  expect(rendered([host('a', { evidence })], rule({ text })).message.alerts[0]?.text).toBe('ann n/a -');
});
