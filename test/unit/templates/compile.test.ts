import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepFreeze } from '../../../src/core/freeze.ts';
import { compileTemplate } from '../../../src/templates/compile.ts';
import { firstHidden } from '../../../src/templates/hidden-names.ts';
import { templateNames } from '../../../src/templates/template.ts';

const SCOPE = deepFreeze({
  rule: 'stub-5xx',
  group: { 'service.name': 'stub', 'url.path': '/todos/' },
  labels: { team: 'todo' },
  values: { count: 7, ratio: 0.1 + 0.2, nothing: null },
  window: '5m',
  at: Date.UTC(2026, 0, 1, 10, 5),
  from: '2026-01-01T09:59:30.000Z',
  evidence: { documents: [{ message: 'one' }, { message: 'two' }] },
  count: 7,
  ratio: 0.1 + 0.2,
  used: 1_288_490_189,
  nothing: null,
});
const NAMES = Object.keys(SCOPE);
const MEMBERS = { group: ['service.name', 'url.path'] };

function rendered(text: string) {
  const compiled = compileTemplate(text, NAMES, MEMBERS);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
  return compiled.template.render(SCOPE);
}

describe('what templates print', () => {
  test.each<[string, string]>([
    ['nothing to fill in', 'nothing to fill in'],
    ["{{ group['service.name'] }} fails on {{ group['url.path'] }}", 'stub fails on /todos/'],
    ['{{ count }} server errors in {{ window }}', '7 server errors in 5m'],
    ['{{ values.count }} {{ labels.team }}', '7 todo'],
    ['{{ ratio }}', '0.3'],
    ['{{ nothing }}', 'n/a'],
    ['{{ nothing | default: "none" }}', 'none'],
    ['{{ group }}', 'service.name: stub, url.path: /todos/'],
    ['{{ values }}', 'count: 7, ratio: 0.3, nothing: n/a'],
    ['{{ evidence.documents | map: "message" }}', 'one, two'],
    ['{% for d in evidence.documents %}{{ forloop.index }}:{{ d.message }} {% endfor %}', '1:one 2:two '],
    ['{% if count > 5 and ratio < 1 %}bad{% else %}good{% endif %}', 'bad'],
    ['{% assign twice = count | times: 2 %}{{ twice }}', '14'],
    ['{% capture c %}<{{ count }}>{% endcapture %}{{ c }}', '<7>'],
    ['{% for d in evidence.documents %}{% cycle "odd", "even" %}:{{ d.message }} {% endfor %}', 'odd:one even:two '],
    ['{{ used | bytes }}', '1.2 GiB'],
    ['{{ ratio | percent }}', '30%'],
    ['{{ 0.9345 | percent: 2 }}', '93.45%'],
    ['{{ 1234567.891 | number }}', '1,234,567.89'],
    ['{{ 2 | number: 2 }}', '2.00'],
    ['{{ 300000 | duration }}', '5m'],
    ['{{ window | duration }}', '5m'],
    ['{{ nothing | bytes }} {{ nothing | percent }} {{ nothing | number }} {{ nothing | duration }}', 'n/a n/a n/a n/a'],
    ['{{ rule | upcase | append: "!" }}', 'STUB-5XX!'],
    ['{{ at | date: "%Y-%m-%d %H:%M" }}', '2026-01-01 10:05'],
    ['{{ at | date: "%H:%M", "Europe/Berlin" }}', '11:05'],
    ['{{ from | date: "%H:%M:%S" }}', '09:59:30'],
    ['{{ "now" | date: "%Y" }}', 'n/a'],
    ['{{ nothing | date: "%Y" }}', 'n/a'],
    ['{% comment %}{{ unknown }}{% endcomment %}{% raw %}{{ unknown }}{% endraw %}', '{{ unknown }}'],
    ['{{ "<b>" }}&', '<b>&'],
  ])('%s => %s', (text, expected) => {
    expect(rendered(text)).toEqual({ ok: true, text: expected });
  });
});

describe('a missing value', () => {
  const documents = [{ fields: { 'user.name': 'ada', bytes: 5 } }, { fields: {} }];
  const scope = { nothing: null, count: 7, evidence: { documents, logs: [] } };
  const shown = (text: string) => {
    const compiled = compileTemplate(text, [...Object.keys(scope), 'absent']);
    if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
    return compiled.template.render(scope);
  };

  test.each<[string, string]>([
    ['{{ absent }} {{ nothing }} {{ absent.a.b }} {{ evidence.other }}', 'n/a n/a n/a n/a'],
    ["{% for d in evidence.documents %}{{ d.fields['user.name'] }} {% endfor %}", 'ada n/a '],
    ["{% for d in evidence.documents %}{{ d.fields['user.name'] | default: 'nobody' }} {% endfor %}", 'ada nobody '],
    ["{% for d in evidence.documents %}{% if d.fields['user.name'] %}yes{% else %}no{% endif %} {% endfor %}", 'yes no '],
    ['{{ evidence.logs[0].text }} {{ evidence.documents[5].fields.message }}', 'n/a n/a'],
    ["{{ evidence.documents | map: 'fields' | map: 'user.name' | join: ', ' }}", 'ada, n/a'],
    ["{{ evidence.documents | map: 'fields.user.name' }}", 'ada, n/a'],
    ["{{ evidence.documents | where: 'fields.user.name', 'ada' | size }}", '1'],
    ["{{ evidence.documents | where: 'fields.user.name', absent | size }}", '0'],
    ["{{ evidence.documents | map: 'fields.bytes' | sum }} {{ evidence.documents | sum: 'fields.bytes' }}", 'n/a n/a'],
    ["{{ evidence.documents | where: 'fields.bytes' | sum: 'fields.bytes' }}", '5'],
    ['{{ absent | append: "x" }} {{ "x" | append: absent }} {{ absent | upcase | default: "none" }}', 'n/a xn/a none'],
    [
      '{% if absent < 3 %}a{% endif %}{% if nothing < 3 %}b{% endif %}{% if nothing >= 0 %}c{% endif %}{% unless nothing %}d{% endunless %}',
      'd',
    ],
    ['{% if count < 8 and count > 6 and count <= 7 and count >= 7 %}yes{% endif %}', 'yes'],
    ['{% for x in absent %}x{% else %}none{% endfor %}{% assign y = absent %}{{ y }}', 'nonen/a'],
    [
      '{{ absent | date: "%H" | default: "never" }} {{ absent | duration | default: "-" }} {{ absent | percent | default: "-" }}',
      'never - -',
    ],
    ['{{ group.constructor.name }}{{ evidence.__proto__ }}', 'n/an/a'],
  ])('%s => %s', (text, expected) => {
    const names = [...Object.keys(scope), 'absent', 'group'];
    const compiled = compileTemplate(text, names);
    expect(compiled.ok && compiled.template.render({ ...scope, group: {} })).toEqual({ ok: true, text: expected });
  });

  test.each([
    ...[
      'abs',
      'at_least: 1',
      'at_most: 1',
      'ceil',
      'divided_by: 2',
      'floor',
      'minus: 1',
      'modulo: 2',
      'plus: 1',
      'round',
      'round: 2',
      'times: 2',
    ],
    ...[
      'bytes',
      'percent',
      'number',
      'duration',
      'date: "%H"',
      'size',
      'sum',
      'join: ","',
      'upcase',
      'truncate: 5',
      'split: ","',
      'first',
      'last',
    ],
  ])('through %s it is neither 0 nor empty', (filter) => {
    expect([shown(`{{ absent | ${filter} }}`), shown(`{{ nothing | ${filter} }}`)]).toEqual([
      { ok: true, text: 'n/a' },
      { ok: true, text: 'n/a' },
    ]);
  });

  test.each(['plus', 'times', 'minus', 'divided_by', 'modulo', 'at_least', 'at_most', 'round'])(
    'as an operand of %s there is no result',
    (filter) => {
      expect(shown(`{{ count | ${filter}: absent }}`)).toEqual({ ok: true, text: 'n/a' });
      expect(shown(`{{ count | divided_by: 0 | ${filter}: 1 }}`)).toEqual({ ok: true, text: 'n/a' });
    },
  );
});

describe('what is refused when a rule loads', () => {
  test.each<[string, number, string, string | undefined]>([
    ['{{ cuont }}', 3, 'unknown variable `cuont`', 'did you mean `count`?'],
    ['a\n b {{ rulle }}', 8, 'unknown variable `rulle`', 'did you mean `rule`?'],
    ['{% if coumt > 1 %}x{% endif %}', 6, 'unknown variable `coumt`', 'did you mean `count`?'],
    ['{{ count | append: winow }}', 19, 'unknown variable `winow`', 'did you mean `window`?'],
    ['{{ group[feild] }}', 9, 'unknown variable `feild`', undefined],
    ['{% for d in evidence.documents %}{% endfor %}{{ d }}', 48, 'unknown variable `d`', undefined],
    ['{{ group.service.name }}', 3, '`group` has no `service`', "write {{ group['service.name'] }}"],
    ["{{ group['service.nmae'] }}", 3, '`group` has no `service.nmae`', "did you mean `group['service.name']`?"],
    ['{{ count | upcse }}', 11, 'unknown filter `upcse`', 'did you mean `upcase`?'],
    ['a {{ count }} {{ count|bites }}', 23, 'unknown filter `bites`', 'did you mean `bytes`?'],
    ['{% includ "x" %}', 0, 'unknown tag `includ`', undefined],
    ['x {% if count > 1 %}y', 2, 'tag {% if count > 1 %} not closed', undefined],
    ['{{ count', 0, 'output "{{ count" not closed', undefined],
    ['{% if %}x{% endif %}', 5, 'invalid value expression: ""', undefined],
  ])('%j at %i: %s', (text, offset, message, hint) => {
    const compiled = compileTemplate(text, NAMES, MEMBERS);
    expect(compiled).toMatchObject({ ok: false, offset, message });
    if (hint !== undefined) expect(compiled).toMatchObject({ hint });
  });

  test.each(['include "x"', 'render "x"', 'layout "x"', 'block x', 'increment count', 'decrement count', 'tablerow x in group'])(
    'there is no tag {%% %s %%}',
    (tag) => {
      expect(compileTemplate(`{% ${tag} %}`, NAMES)).toMatchObject({ ok: false, message: expect.stringMatching(/^unknown tag/) });
    },
  );

  test.each(['sample', 'sha256', 'raw', 'escape', 'where_exp', 'date_to_string', 'inspect'])(
    'there is no filter %s',
    (filter) => {
      expect(compileTemplate(`{{ count | ${filter} }}`, NAMES)).toMatchObject({
        ok: false,
        message: `unknown filter \`${filter}\``,
      });
    },
  );

  test('a template longer than twenty thousand characters', () => {
    expect(compileTemplate('x'.repeat(20_001), [])).toMatchObject({ ok: false, offset: 20_000 });
  });
});

describe('what fails only on a real document', () => {
  test.each<[string, RegExp]>([
    ['{% for i in (1..1000000000) %}x{% endfor %}', /limit exceeded/],
    ['{% for i in (1..4000) %}{% for j in (1..4000) %}{% endfor %}{% endfor %}', /limit exceeded/],
    ['{% assign s = "xxxxxxxxxx" %}{% for i in (1..1000) %}{% assign s = s | append: s %}{% endfor %}', /limit exceeded/],
    [`{% for i in (1..900) %}${'x'.repeat(60)}{% endfor %}`, /^the text is longer than 32000 characters$/],
  ])('%s gives its reason, and does not throw', (text, message) => {
    const compiled = compileTemplate(text, NAMES);
    if (!compiled.ok) throw new Error(compiled.message);
    expect(compiled.template.render(SCOPE)).toMatchObject({ ok: false, message: expect.stringMatching(message) });
  });
});

describe('what a compiled template is', () => {
  test('it renders again and again, keeps its source, and leaves the scope alone', () => {
    const compiled = compileTemplate('{% assign count = 9 %}{{ count }}', NAMES);
    if (!compiled.ok) throw new Error(compiled.message);
    expect(compiled.template.source).toBe('{% assign count = 9 %}{{ count }}');
    expect([compiled.template.render(SCOPE), compiled.template.render(SCOPE)]).toEqual([
      { ok: true, text: '9' },
      { ok: true, text: '9' },
    ]);
  });

  test('whatever text comes, it is compiled or refused with a place inside it, and rendering never throws', () => {
    const piece = fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      ' count ',
      ' if ',
      ' for i in ',
      ' endif ',
      ' endfor ',
      '|',
      ' upcase ',
      '"',
      '(1..3)',
      ' assign x = ',
      '[',
      ']',
      '.',
    );
    const texts = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const compiled = compileTemplate(text, NAMES);
        if (compiled.ok) return typeof compiled.template.render(SCOPE).ok === 'boolean';
        return compiled.offset >= 0 && compiled.offset <= text.length && !compiled.message.includes('\n');
      }),
      { numRuns: 1_000 },
    );
  });
});

test('the names of a rule’s templates are the fixed ones and its variables, each once', () => {
  const names = templateNames({ used: 'number', values: 'number' });
  expect(names).toEqual(expect.arrayContaining(['rule', 'group', 'severity', 'condition', 'evidence', 'used']));
  expect(names.filter((name) => name === 'values')).toHaveLength(1);
});

describe('a name that means something else in a template', () => {
  const NAMES = ['status', 'values', 'empty', 'contains', 'used'];
  test.each([
    ['alone', '{{ status }}', ['status', 3]],
    ['with a filter, on a later line', 'a\n{{ status | upcase }}', ['status', 5]],
    ['in a condition', '{% if used > 1 and status == "red" %}x{% endif %}', ['status', 19]],
    ['in an argument', '{{ used | plus: status }}', ['status', 16]],
    ['a member of what is a text', '{{ status.code }}', ['status', 3]],
    ['all values', '{% for one in values %}{{ one }}{% endfor %}', ['values', 14]],
    ['a literal of Liquid', '{{ values.used }} {{ empty }}', ['empty', 21]],
    ['an operator of Liquid', '{{ contains }}', ['contains', 3]],
    ['the first of several', '{{ empty }} {{ status }}', ['empty', 3]],
  ] as const)('is found: %s', (_name, text, [name, offset]) => {
    expect(firstHidden(text, NAMES)).toMatchObject({ name, offset });
  });

  test.each([
    ['a variable of its own', '{{ used }}'],
    ['a member of values', '{{ values.status }} {{ values["empty"] }} {{ values.empty }}'],
    ['a text', 'status empty {{ "status empty" }} {{ \'empty\' }}'],
    ['what the template assigns', '{% assign status = values.status %}{{ status }}'],
    ['a part of another name', '{{ labels.non-empty }} {{ group["x"] }} {{ emptyish }}'],
    ['a text that does not parse', '{{ status'],
  ])('is not %s', (_name, text) => {
    expect(firstHidden(text, NAMES)).toBeUndefined();
  });

  test('is none where the rule has no such name', () => {
    expect(firstHidden('{{ status }} {% if used == empty %}{% endif %}', ['used'])).toBeUndefined();
  });
});
