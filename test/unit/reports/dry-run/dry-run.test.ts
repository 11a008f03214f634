import { describe, expect, test } from 'vitest';
import type { RuleStory, StatusChange } from '../../../../src/backtest/rule-story.ts';
import { dryRunJson } from '../../../../src/reports/dry-run/dry-run-json.ts';
import { dryRunMarkdown } from '../../../../src/reports/dry-run/dry-run-markdown.ts';
import type { DryRunReport } from '../../../../src/reports/dry-run/dry-run-report.ts';
import { dryRunText } from '../../../../src/reports/dry-run/dry-run-text.ts';
import { quietStory } from '../../../support/backtest/quiet-story.ts';

const LOOK = { color: false, columns: 100 };
const FROM = Date.parse('2026-01-01T10:00:00Z');
const MINUTE = 60_000;
const at = (minutes: number) => FROM + minutes * MINUTE;

const change = (minutes: number, from: StatusChange['from'], to: StatusChange['to'], reason: string): StatusChange => ({
  at: at(minutes),
  group: { 'service.name': 'stub' },
  from,
  to,
  reason,
  severity: 'critical',
  values: { count: 7 },
});

const quiet = quietStory({ id: 'quiet', name: 'quiet', windows: 60 });
const stub: RuleStory = {
  ...quiet,
  name: 'stub-5xx',
  transitions: [
    change(5, 'inactive', 'pending', 'breach'),
    change(10, 'pending', 'firing', 'breach'),
    change(30, 'firing', 'inactive', 'recovered'),
  ],
  notifications: [
    { at: at(10), receiver: 'todo', channel: 'slack', reason: 'first', alerts: 1, title: '[FIRING] stub' },
    { at: at(30), receiver: 'todo', channel: 'slack', reason: 'resolved', alerts: 1, title: '[RESOLVED] stub' },
  ],
};
const flapping: RuleStory = {
  ...quiet,
  name: 'flaps',
  transitions: [
    change(5, 'inactive', 'firing', 'breach'),
    { ...change(7, 'firing', 'inactive', 'recovered'), quiet: true },
    { ...change(9, 'inactive', 'firing', 'breach'), quiet: true },
  ],
  flapping: [{ group: { 'service.name': 'stub' }, from: at(5), to: at(40), firesOn: true, episodes: 12 }],
};
const broken: RuleStory = {
  ...quiet,
  name: 'broken',
  windows: 60,
  failed: 60,
  gaps: [{ from: at(0), to: at(20) }],
  problems: [{ code: 'no_index', message: 'no index matches a-*', hint: 'check `index`', times: 60, first: at(1) }],
};

const report = (rules: readonly RuleStory[], health: readonly StatusChange[] = []): DryRunReport => ({
  from: FROM,
  to: at(60),
  warmUp: 0,
  rules,
  health,
});

describe('a dry run for scripts', () => {
  test('has the keys that scripts rely on, and no others without a reason', () => {
    expect(JSON.parse(dryRunJson(report([stub])))).toEqual({
      from: '2026-01-01T10:00:00.000Z',
      to: '2026-01-01T11:00:00.000Z',
      rules: [
        {
          name: 'stub-5xx',
          windows: 60,
          failed: 0,
          gaps: [],
          transitions: [
            {
              at: '2026-01-01T10:05:00.000Z',
              group: { 'service.name': 'stub' },
              from: 'inactive',
              to: 'pending',
              reason: 'breach',
              severity: 'critical',
              values: { count: 7 },
            },
            expect.objectContaining({ from: 'pending', to: 'firing' }),
            expect.objectContaining({ from: 'firing', to: 'inactive', reason: 'recovered' }),
          ],
          notifications: [
            {
              at: '2026-01-01T10:10:00.000Z',
              receiver: 'todo',
              channel: 'slack',
              reason: 'first',
              alerts: 1,
              title: '[FIRING] stub',
            },
            expect.objectContaining({ reason: 'resolved' }),
          ],
        },
      ],
      health: [],
    });
  });

  test('levels stand beside transitions, where the rule has any', () => {
    const leveled: RuleStory = {
      ...quiet,
      levels: [{ at: at(3), group: {}, from: 'warning', to: 'critical', reason: 'worse', values: {} }],
    };
    const [rule] = JSON.parse(dryRunJson(report([leveled]))).rules;
    expect(rule.levels).toEqual([
      { at: '2026-01-01T10:03:00.000Z', group: {}, from: 'warning', to: 'critical', reason: 'worse', values: {} },
    ]);
  });

  test('windows that failed come with their problems and gaps', () => {
    const [rule] = JSON.parse(dryRunJson(report([broken]))).rules;
    expect(rule).toMatchObject({
      failed: 60,
      gaps: [{ from: '2026-01-01T10:00:00.000Z', to: '2026-01-01T10:20:00.000Z' }],
      problems: [{ code: 'no_index', times: 60, first: '2026-01-01T10:01:00.000Z' }],
    });
  });
});

describe('what was not evaluated in time', () => {
  const late: RuleStory = {
    ...quiet,
    name: 'late',
    late: [
      {
        at: at(3),
        group: { service: 'cart' },
        from: 'inactive',
        to: 'firing',
        reason: 'late_documents',
        severity: 'warning',
        values: { count: 7 },
      },
    ],
  };

  test.each([
    ['text', dryRunText(report([broken]), LOOK)],
    ['Markdown', dryRunMarkdown(report([broken]))],
  ])('is a gap, with the windows that failed: %s', (_format, shown) => {
    expect(shown).toContain('60 windows could not be evaluated');
    expect(shown).toMatch(/the ticks after 2026-01-01T10:00:00.000Z until 2026-01-01T10:20:00.000Z/);
  });

  test('and was found late stands in every format', () => {
    expect(dryRunText(report([late]), LOOK)).toMatch(
      /2026-01-01T10:03:00.000Z +firing +warning, found late +service: cart +count 7/,
    );
    expect(dryRunMarkdown(report([late]))).toContain(
      'inactive → firing | <code>late&#95;documents</code> | <code>warning</code> | <code>count 7</code>',
    );
    expect(JSON.parse(dryRunJson(report([late]))).rules[0].late).toMatchObject([
      { at: '2026-01-01T10:03:00.000Z', reason: 'late_documents' },
    ]);
    expect(Object.keys(JSON.parse(dryRunJson(report([quiet]))).rules[0])).not.toContain('late');
  });
});

describe('a dry run for people', () => {
  test('is a timeline, a table, and what happened', () => {
    expect(dryRunText(report([quiet, stub]), LOOK)).toMatchInlineSnapshot(`
      "Dry run 2026-01-01T10:00:00.000Z – 2026-01-01T11:00:00.000Z (1h)

      quiet    │·························································································
      stub-5xx │·······▒▒▒▒▒▒▒███████████████████████████████············································
                10:00  10:05  10:10   10:15  10:20   10:25  10:30  10:35   10:40  10:45   10:50  10:55
                ▒ pending   █ firing   ▄ recovering   × not evaluated

      RULE      WINDOWS  FAILED  EPISODES  LONGEST  MESSAGES  NOISIEST GROUPS
      stub-5xx       60                 1      20m  todo 2    stub
      quiet          60

      stub-5xx
        2026-01-01T10:10:00.000Z  firing    critical   service.name: stub  count 7
        2026-01-01T10:30:00.000Z  resolved  recovered  service.name: stub  count 7

      2 rules, 120 windows: 1 episode, 2 messages. Nothing was written, nothing was sent.
      "
    `);
  });

  test('shows what could not be evaluated, and why', () => {
    const text = dryRunText(report([broken]), LOOK);
    expect(text).toContain('broken │××××××');
    expect(text).toContain('broken: 60 windows could not be evaluated');
    expect(text).toContain('no_index no index matches a-* (60 times, first at 2026-01-01T10:01:00.000Z)');
    expect(text).toContain('given up: the ticks after 2026-01-01T10:00:00.000Z until 2026-01-01T10:20:00.000Z');
  });

  test('of many rules, the quiet ones are counted', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ ...quiet, name: `quiet-${index}` }));
    const text = dryRunText(report([...many, stub]), LOOK);
    expect(text).toContain('40 other rules stayed quiet.');
    expect(text).not.toContain('quiet-7');
    expect(text).toContain('41 rules, 2,460 windows: 1 episode, 2 messages');
  });

  test('Tocsin’s own health has its own place', () => {
    const ill: StatusChange = {
      ...change(3, 'inactive', 'firing', 'breach'),
      group: { kind: 'rule', subject: 'broken' },
      values: { healthy: false, problem: 'no index' },
    };
    expect(dryRunText(report([quiet], [ill]), LOOK)).toContain('2026-01-01T10:03:00.000Z  unhealthy  rule broken  no index');
  });

  test('no rule is said plainly', () => {
    expect(dryRunText(report([]), LOOK)).toContain('There is no rule to run.');
  });
});

describe('a dry run as a comment', () => {
  test('is a table with the changes folded away', () => {
    expect(dryRunMarkdown(report([stub]))).toMatchInlineSnapshot(`
      "### Dry run of 1 rule

      2026-01-01T10:00:00.000Z – 2026-01-01T11:00:00.000Z (1h)

      | Rule | Windows | Failed | Episodes | Longest | Messages | Noisiest groups |
      | --- | ---: | ---: | ---: | ---: | --- | --- |
      | <code>stub-5xx</code> | 60 |  | 1 | 20m | <code>todo 2</code> | <code>stub</code> |

      <details><summary><code>stub-5xx</code>: 3 changes</summary>

      | At | Group | Change | Reason | Severity | Values |
      | --- | --- | --- | --- | --- | --- |
      | 2026-01-01T10:05:00.000Z | <code>service&#46;name&#58; stub</code> | inactive → pending | <code>breach</code> | <code>critical</code> | <code>count 7</code> |
      | 2026-01-01T10:10:00.000Z | <code>service&#46;name&#58; stub</code> | pending → firing | <code>breach</code> | <code>critical</code> | <code>count 7</code> |
      | 2026-01-01T10:30:00.000Z | <code>service&#46;name&#58; stub</code> | firing → inactive | <code>recovered</code> | <code>critical</code> | <code>count 7</code> |

      </details>

      1 rule, 60 windows: 1 episode, 2 messages. Nothing was written, nothing was sent.
      "
    `);
  });

  test.each([
    '@octocat',
    '#123',
    'org/repo#7',
    'GH-12',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'www.example.com',
    'https://example.com',
    'a@example.com',
    ':tada:',
    '![x](y)',
    '<b>',
    '`',
    '\\|',
    '$x$',
    '~x~',
    '&amp;',
    '</code><b>',
  ])('%s in a name stands in code, where no forge reads it', (name) => {
    const base = stub;
    const transitions = [{ ...change(5, 'inactive', 'firing', 'breach'), group: { g: name } }];
    const markdown = dryRunMarkdown(report([{ ...base, name, transitions }]));
    // What is left outside of code is ours alone, and in code there is nothing but letters, digits and references to characters.
    const outside = markdown.replace(/<code>(?:[\p{L}\p{N} ,-]|&#\d+;)*<\/code>/gu, '');
    const ours = dryRunMarkdown(
      report([{ ...base, name: 'a', transitions: [{ ...transitions[0], group: { g: 'a' } } as never] }]),
    );
    expect(outside).toBe(ours.replace(/<code>(?:[\p{L}\p{N} ,-]|&#\d+;)*<\/code>/gu, ''));
  });

  test('text of documents is no markup, no mention and no link', () => {
    const hostile = {
      ...stub,
      transitions: [{ ...change(5, 'inactive', 'firing', 'breach'), group: { g: '|<img>@all [x](https://a.b)`' } }],
    };
    const markdown = dryRunMarkdown(report([hostile]));
    expect(markdown).not.toMatch(/<img|@all|https:\/\/|[^\\]\[x\]|[^\\]`/);
  });
});

describe('a rule with an alert that flaps', () => {
  test('shows in text what is notified, and the time that it flapped in the lane', () => {
    const text = dryRunText(report([flapping]), LOOK);
    const changes = text.split('\n').filter((line) => line.startsWith('  2026-'));
    expect(changes).toEqual([
      '  2026-01-01T10:05:00.000Z  firing    critical   service.name: stub  count 7',
      '  2026-01-01T10:05:00.000Z  flapping  quiet      service.name: stub  one message until it is steady',
      '  2026-01-01T10:40:00.000Z  steady    firing on  service.name: stub  12 episodes',
    ]);
    expect(text).toContain('▚ flapping, notified once');
    expect(dryRunText(report([stub]), LOOK)).not.toContain('▚');
  });

  test('has every transition for scripts, as without flapping, and the times beside them', () => {
    const [rule] = JSON.parse(dryRunJson(report([flapping]))).rules;
    expect(rule.transitions).toHaveLength(3);
    expect(JSON.stringify(rule.transitions)).not.toContain('quiet');
    expect(rule.flapping).toEqual([
      {
        group: { 'service.name': 'stub' },
        from: '2026-01-01T10:05:00.000Z',
        to: '2026-01-01T10:40:00.000Z',
        episodes: 12,
        fires_on: true,
      },
    ]);
    expect(JSON.parse(dryRunJson(report([stub]))).rules[0]).not.toHaveProperty('flapping');
  });

  test('says in Markdown which changes are not notified', () => {
    expect(dryRunMarkdown(report([flapping])).split('not notified: flapping')).toHaveLength(3);
  });
});
