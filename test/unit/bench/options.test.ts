import { describe, expect, it } from 'vitest';
import { PARTS, readOptions } from '../../bench/options.ts';

describe('the command line of the benchmark', () => {
  it.each([
    ['without words, all parts in their order', [], { parts: PARTS, every: 30, write: false, python: undefined }],
    ['parts in the order in which they run, whatever the order they are named in', ['load', 'turn'], { parts: ['turn', 'load'] }],
    ['numbers where they are given', ['--rules', '10', '--every=60'], { rules: 10, every: 60, rounds: 3 }],
    ['several workloads', ['--only', 'burst', '--only', 'metric-100'], { only: ['burst', 'metric-100'] }],
    ['a Python and the wish to write', ['--python', '/p', '--write'], { python: '/p', write: true }],
  ])('gives %s', (_name, words, expected) => {
    expect(readOptions(words)).toMatchObject(expected);
  });

  it.each([
    ['a part that there is not', ['speed'], '“speed” is no part of the benchmark'],
    ['a number that is none', ['--rules', 'many'], '--rules takes a whole number above 0, not “many”'],
    ['nothing at all to do', ['--intervals', '0'], '--intervals takes a whole number above 0, not “0”'],
    ['an option that there is not', ['--quick'], '--quick'],
  ])('refuses %s and says how it is called', (_name, words, message) => {
    expect(() => readOptions(words)).toThrow(message);
  });
});
