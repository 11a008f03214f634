import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { compileRules, type RuleSet } from '../../../src/rules/load-rules.ts';
import { frequency } from './rule-files.ts';

type Files = Readonly<Record<string, string>>;

function load(files: Files, previous?: RuleSet): RuleSet {
  const sources = Object.entries(files).map(([file, text]) => ({ file, text }));
  return compileRules(sources, { receivers: ['todo'] }, previous);
}

const named = (name: string, ...lines: readonly string[]) => frequency(...lines).replace('sample', name);
const lines = (set: RuleSet) => set.problems.map(formatProblem);

describe('a set of files', () => {
  it('leaves out a file with an error, with all its rules, and loads the others', () => {
    const set = load({ 'a.yaml': `${named('a1')}---\n${named('a2', 'windw: 1m')}`, 'b.yaml': named('b') });
    expect(set.rules.map(({ id }) => id)).toEqual(['b']);
    expect(set.files).toEqual([
      { file: 'a.yaml', ok: false, rules: [] },
      { file: 'b.yaml', ok: true, rules: ['b'] },
    ]);
  });

  it('tells all problems of all files at once, in the order of their places', () => {
    const set = load({ 'b.yaml': named('b', 'x1: 1', 'x2: 2'), 'a.yaml': `${named('a', 'x3: 3')}---\n${named('c', 'x4: 4')}` });
    expect(lines(set).map((line) => line.split(' ')[0])).toEqual(['a.yaml:5:1', 'a.yaml:11:1', 'b.yaml:5:1', 'b.yaml:6:1']);
  });

  it('has each name once: the second is refused and names the first', () => {
    const set = load({ 'a.yaml': named('same'), 'b.yaml': named('same') });
    expect(set.rules).toHaveLength(1);
    expect(lines(set)).toEqual([
      'b.yaml:1:7 name: the name "same" is already used by the rule at a.yaml:1:7 (rename one of them)',
    ]);
  });

  it('has each id once, whether it is given or the name', () => {
    const set = load({ 'a.yaml': named('one'), 'b.yaml': named('two', 'id: one') });
    expect(lines(set)).toEqual(['b.yaml:5:5 id: the id "one" is already used by the rule at a.yaml:1:7 (rename one of them)']);
  });

  it('lets a rule take a name that another has given up by an id', () => {
    expect(lines(load({ 'a.yaml': named('new', 'id: old'), 'b.yaml': named('old', 'id: other') }))).toEqual([]);
  });
});

describe('defaults', () => {
  const rule = (files: Files) => load(files).rules[0];

  it('hold for the files of their folder and below, the nearest first', () => {
    const files = {
      'defaults.yaml': 'every: 2m\nwindow: 20m\ndelay: 1m',
      'x/defaults.yaml': 'window: 30m',
      'x/y/a.yaml': named('a', 'delay: 5s'),
    };
    expect(rule(files)).toMatchObject({ schedule: { every: 120_000 }, window: 1_800_000, delay: 5_000 });
  });

  it('do not hold beside their folder', () => {
    expect(rule({ 'x/defaults.yaml': 'window: 30m', 'xy/a.yaml': named('a') })).toMatchObject({ window: 300_000 });
  });

  it('give labels one by one', () => {
    const files = { 'defaults.yaml': 'labels: { team: a, tier: gold }', 'a.yaml': named('a', 'labels: { team: b }') };
    expect(rule(files)?.labels).toEqual({ severity: 'warning', team: 'b', tier: 'gold' });
  });

  it.each([
    ['a schedule replaces an inherited every', 'every: 1m', ["schedule: '0 * * * *'"], { schedule: { kind: 'cron' } }],
    [
      'every replaces an inherited schedule',
      "schedule: '0 * * * *'\ntimezone: Europe/Berlin",
      ['every: 5m'],
      { schedule: { every: 300_000 } },
    ],
    ['an own condition replaces inherited levels', 'levels: [{ severity: info, condition: count > 1 }]', [], { leveled: false }],
  ])('%s', (_what, defaults, own, expected) => {
    expect(rule({ 'defaults.yaml': defaults, 'a.yaml': named('a', ...own) })).toMatchObject(expected);
  });

  it('give no severity to a rule with levels', () => {
    const levels = 'name: a\ntype: frequency\nindex: x\nlevels: [{ severity: info, condition: count > 1 }]';
    expect(rule({ 'defaults.yaml': 'labels: { severity: critical, team: a }', 'a.yaml': levels })?.labels).toEqual({ team: 'a' });
  });

  it('that are broken break the files below, and are notified of once', () => {
    const set = load({ 'x/defaults.yaml': 'windw: 5m', 'x/a.yaml': named('a'), 'x/b.yaml': named('b'), 'c.yaml': named('c') });
    expect(lines(set)).toEqual(['x/defaults.yaml:1:1 windw: unknown key "windw" (did you mean "window"?)']);
    expect(set.rules.map(({ id }) => id)).toEqual(['c']);
    expect(set.files[1]).toEqual({ file: 'x/a.yaml', ok: false, rules: [], brokenBy: 'x/defaults.yaml' });
  });

  it('whose value only a rule finds wrong are notified of once, where it stands', () => {
    const set = load({ 'defaults.yaml': 'receivers: [todo, opz]', 'a.yaml': named('a'), 'b.yaml': named('b') });
    expect(lines(set)).toEqual(
      ['defaults.yaml:1:19 receivers[1]: unknown receiver "opz" (did you mean "todo"?)'].map((line) =>
        line.replace('did you mean "todo"?', 'known: todo'),
      ),
    );
    expect(set.files.map(({ brokenBy }) => brokenBy)).toEqual(['defaults.yaml', 'defaults.yaml']);
  });

  it('that could not be read break the files below: nothing is evaluated without them', () => {
    const set = compileRules([{ file: 'x/a.yaml', text: named('a') }], {}, undefined, {
      problems: [],
      unread: ['x/defaults.yaml'],
    });
    expect(set.rules).toEqual([]);
    expect(set.files[0]).toMatchObject({ file: 'x/a.yaml', ok: false, brokenBy: 'x/defaults.yaml' });
  });

  it.each([
    ['a name', 'name: a', 'unknown key "name"'],
    ['a key of one type', 'exact: true', 'the key "exact" is for rules of type frequency'],
    ['a list', '- a', 'expected keys of rules, got a list'],
    ['two documents', 'window: 5m\n---\nwindow: 6m', "expected one document, found another after '---'"],
  ])('hold no %s', (_what, text, said) => {
    expect(lines(load({ 'defaults.yaml': text, 'a.yaml': named('a') })).join()).toContain(said);
  });

  it('may be empty', () => {
    expect(lines(load({ 'defaults.yaml': '# nothing yet\n', 'a.yaml': named('a') }))).toEqual([]);
  });

  it('that a rule has no use for are no mistake', () => {
    expect(lines(load({ 'defaults.yaml': 'no_data: alert', 'a.yaml': named('a') }))).toEqual([]);
  });
});

describe('loading again', () => {
  const files = { 'a.yaml': named('a'), 'b.yaml': named('b') };
  const first = load(files);

  it('gives the same set where nothing changed', () => {
    expect(load(files, first)).toBe(first);
  });

  it('compiles only what changed', () => {
    const second = load({ ...files, 'b.yaml': named('b', 'window: 9m') }, first);
    expect(second.rules[0]).toBe(first.rules[0]);
    expect(second.rules[1]).toMatchObject({ window: 540_000 });
  });

  it('compiles what depends on defaults that changed', () => {
    expect(load({ ...files, 'defaults.yaml': 'window: 9m' }, first).rules.map(({ window }) => window)).toEqual([
      540_000, 540_000,
    ]);
  });

  it('compiles again when the receivers are others', () => {
    const sources = Object.entries({ 'a.yaml': named('a', 'receivers: [todo]') }).map(([file, text]) => ({ file, text }));
    const before = compileRules(sources, { receivers: ['todo'] });
    expect(compileRules(sources, { receivers: ['ops'] }, before).rules).toEqual([]);
  });
});
