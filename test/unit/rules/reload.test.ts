import { describe, expect, it } from 'vitest';
import { compileRules, type RuleSet } from '../../../src/rules/load-rules.ts';
import { mergeReload } from '../../../src/rules/reload.ts';
import { frequency } from './rule-files.ts';

type Files = Readonly<Record<string, string>>;

function load(files: Files, unread: readonly string[] = []): RuleSet {
  const sources = Object.entries(files).map(([file, text]) => ({ file, text }));
  return compileRules(sources, {}, undefined, { problems: [], unread });
}

const named = (name: string, ...lines: readonly string[]) => frequency(...lines).replace('sample', name);
const broken = (name: string) => named(name, 'windw: 1m');
const ids = ({ rules }: RuleSet) => rules.map(({ id }) => id).sort();

describe('a reload', () => {
  const before = load({ 'a.yaml': named('a'), 'b.yaml': named('b'), 'x/c.yaml': named('c') });
  const all = { 'a.yaml': named('a'), 'b.yaml': named('b'), 'x/c.yaml': named('c') };

  it('says what changed, what came and what went', () => {
    const next = load({ 'a.yaml': named('a', 'window: 9m'), 'b.yaml': `# moved down\n${named('b')}`, 'd.yaml': named('d') });
    expect(mergeReload(before, next)).toMatchObject({ changed: ['a'], added: ['d'], removed: ['c'] });
  });

  it('of the same set changes nothing', () => {
    expect(mergeReload(before, before)).toEqual({ set: before, changed: [], added: [], removed: [] });
  });

  it('sees a change of defaults as a change of their rules', () => {
    expect(mergeReload(before, load({ ...all, 'x/defaults.yaml': 'window: 9m' })).changed).toEqual(['c']);
  });

  it('keeps the last good version of a file that broke, however often', () => {
    const once = mergeReload(before, load({ ...all, 'a.yaml': broken('a') }));
    const twice = mergeReload(once.set, load({ ...all, 'a.yaml': broken('a'), 'b.yaml': named('b', 'window: 9m') }));
    expect(once).toMatchObject({ changed: [], removed: [] });
    expect(ids(twice.set)).toEqual(['a', 'b', 'c']);
    expect(twice.changed).toEqual(['b']);
    expect(twice.set.files[0]).toEqual({ file: 'a.yaml', ok: false, rules: ['a'] });
    expect(twice.set.problems).toHaveLength(1);
    expect(mergeReload(twice.set, load({ ...all, 'a.yaml': named('a', 'window: 7m') })).changed).toEqual(['a', 'b']);
  });

  it('leaves out a new file that is broken', () => {
    expect(ids(mergeReload(before, load({ ...all, 'd.yaml': broken('d') })).set)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['is broken', broken('b')],
    ['is a good copy', named('b', 'window: 9m')],
    ['holds another rule too', `${named('new')}---\n${named('b')}`],
  ])('blames a new file that takes the name of a loaded rule and %s, wherever it is listed', (_what, text) => {
    for (const file of ['0.yaml', 'z.yaml']) {
      const next = compileRules(
        Object.entries({ ...all, [file]: text })
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, source]) => ({ file: name, text: source })),
        {},
        before,
      );
      expect([...new Set(next.problems.map(({ at }) => at?.file))], file).toEqual([file]);
      expect(next.problems.map(({ message }) => message)).toContain('the name "b" is already used by the rule at b.yaml:1:7');
      expect(mergeReload(before, next)).toMatchObject({ changed: [], added: [], removed: [] });
    }
  });

  it('blames a broken copy also where nothing was loaded before', () => {
    const next = load({ '0.yaml': broken('b'), ...all });
    expect([ids(next), next.problems.map(({ at }) => at?.file)]).toEqual([
      ['a', 'b', 'c'],
      ['0.yaml', '0.yaml'],
    ]);
  });

  it('lets a rule move out of a file that no longer loads', () => {
    const { set } = mergeReload(before, load({ ...all, 'a.yaml': '# empty now\n', 'd.yaml': named('a', 'window: 9m') }));
    expect(ids(set)).toEqual(['a', 'b', 'c']);
    expect(set.rules.find(({ id }) => id === 'a')?.window).toBe(540_000);
  });

  it('keeps all below a folder that cannot be read', () => {
    const { 'x/c.yaml': _unseen, ...seen } = all;
    expect(mergeReload(before, load(seen, ['x'])).removed).toEqual([]);
    expect(mergeReload(before, load(seen, ['xy'])).removed).toEqual(['c']);
  });

  it('keeps all below broken defaults', () => {
    const { set, changed } = mergeReload(before, load({ ...all, 'defaults.yaml': 'windw: 1m' }));
    expect([ids(set), changed]).toEqual([['a', 'b', 'c'], []]);
  });

  it('that would leave no rule at all is refused', () => {
    const merged = mergeReload(before, load({}));
    expect(merged.refused).toBe('the new files contain no rules; the 3 loaded before remain active');
    expect(ids(merged.set)).toEqual(['a', 'b', 'c']);
    expect(merged.removed).toEqual([]);
  });

  it('from nothing to nothing is no reason to refuse', () => {
    expect(mergeReload(load({}), load({ 'a.yaml': broken('a') })).refused).toBeUndefined();
  });
});
