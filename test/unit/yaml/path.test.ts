import { describe, expect, it } from 'vitest';
import { formatPath, isBelow, pathIn, pathOfPointer, valueAt } from '../../../src/yaml/path.ts';

const VALUE = { metrics: { slow: { 'p99.9': [1, 2] } }, labels: { 1: 'one', 'a/b~c': 2 }, levels: [{ condition: 'x' }] };

describe('a path', () => {
  it.each([
    [[], ''],
    [['metrics', 'slow', 'p99.9', 1], 'metrics.slow.p99.9[1]'],
    [['levels', 0, 'condition'], 'levels[0].condition'],
    [['labels', '1'], 'labels.1'],
  ])('%j is written %s, and found again', (path, text) => {
    expect(formatPath(path)).toBe(text);
    expect(pathIn(VALUE, text)).toEqual(path);
  });

  it('ends where the value ends', () => {
    expect(pathIn(VALUE, 'levels[0].when.x')).toEqual(['levels', 0]);
  });

  it.each([
    ['/levels/0/condition', ['levels', 0, 'condition']],
    ['/labels/1', ['labels', '1']],
    ['/labels/a~1b~0c', ['labels', 'a/b~c']],
    ['', []],
  ])('is read from the pointer "%s"', (pointer, path) => {
    expect(pathOfPointer(VALUE, pointer)).toEqual(path);
  });

  it('leads to a value, and never to what objects have by birth', () => {
    expect(valueAt(VALUE, ['levels', 0, 'condition'])).toBe('x');
    expect(valueAt(VALUE, ['levels', 3, 'condition'])).toBeUndefined();
    expect(valueAt(VALUE, ['constructor'])).toBeUndefined();
  });

  it.each([
    [['a', 0], [], true],
    [['a', 0], ['a'], true],
    [['a'], ['a'], true],
    [['a'], ['a', 0], false],
    [['ab'], ['a'], false],
  ])('%j below %j: %s', (path, start, below) => {
    expect(isBelow(path, start)).toBe(below);
  });
});
