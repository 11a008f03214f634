import { describe, expect, test } from 'vitest';
import { lookOf } from '../../../src/cli/command-line.ts';
import { errorText } from '../../../src/cli/error-text.ts';
import { COMMANDS } from '../../../src/cli/program.ts';
import { TocsinError } from '../../../src/core/errors.ts';
import { fakeCommandLine, runWords } from '../../support/cli/fake-command-line.ts';

describe('help', () => {
  test.each(COMMANDS.map(({ name }) => name))('%s --help teaches with examples, on stdout', async (name) => {
    const { code, stdout, stderr } = await runWords([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: tocsin ${name}`);
    expect(stdout).toMatch(new RegExp(`Examples:\n  .+\n    \\$ .*tocsin ${name}`));
    expect(stdout).toContain('--config <file>');
  });

  test('tocsin --help lists every command, and what exit codes mean', async () => {
    const { code, stdout } = await runWords(['--help']);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} .*${summary.slice(0, 20)}`, 'm'));
    expect(stdout).toContain('Exit codes: 0 success · 1 problems found');
  });

  test.each(COMMANDS.map(({ name }) => name))('%s --help fits its terminal, and shows no default of flags', async (name) => {
    const { stdout } = await runWords([name, '--help']);
    const [text = '', examples = ''] = stdout.split('\nExamples:\n');
    const [, codes = ''] = examples.split(/^Exit codes:/m);
    for (const line of `${text}\nExit codes:${codes}`.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
    expect(text).not.toContain('(default: false)');
  });

  test('tocsin help check is tocsin check --help', async () => {
    expect(await runWords(['help', 'check'])).toEqual(await runWords(['check', '--help']));
  });

  test('tocsin alone shows the help and did nothing', async () => {
    const { code, stdout, stderr } = await runWords([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: tocsin');
  });

  test('--version prints the version alone', async () => {
    const { code, stdout } = await runWords(['--version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('what nobody understands ends with 2 and says what was meant', () => {
  test.each([
    ['a misspelt command', ['chekc'], "unknown command 'chekc'", 'Did you mean check?'],
    ['a misspelt option', ['check', '--strickt'], "unknown option '--strickt'", 'Did you mean --strict?'],
    ['an unknown format', ['check', '--format', 'xml'], 'Allowed choices are text, json, github, sarif', ''],
    ['a misspelt format', ['check', '--format', 'jsno'], 'Did you mean json? Allowed choices are text, json, github, sarif', ''],
    ['a misspelt channel', ['message', 'preview', 'x', '--channel', 'googlechat'], 'Did you mean google_chat?', 'pagerduty, '],
    ['a misspelt channel of noise', ['noise', '--channel', 'emial'], 'Did you mean email?', 'Allowed choices are '],
    ['a misspelt status', ['message', 'preview', 'x', '--status', 'resolve'], 'Did you mean resolved?', 'Allowed choices are '],
    ['a misspelt schema', ['schema', 'rule'], 'Did you mean rules?', 'Allowed choices are rules,'],
    ['a missing option', ['dry-run'], "required option '--from <moment>' not specified", ''],
    ['a duration that is none', ['dry-run', '--from', 'now-1d', '--warm-up', 'long'], 'expected a duration (such as 90s', ''],
    ['a duration in words', ['dry-run', '--from', 'now-1d', '--warm-up', '10 minutes'], 'expected a duration (write 10m)', ''],
    ['an unknown schema', ['schema', 'all'], 'Allowed choices are rules,', ''],
    ['a misspelt subcommand', ['routes', 'tets'], "unknown command 'tets'", 'Did you mean test?'],
    ['no labels', ['routes', 'test'], "missing required argument 'labels'", ''],
    ['too much', ['doctor', 'now'], 'too many arguments', ''],
  ])('%s', async (_name, words, message, suggestion) => {
    const { code, stdout, stderr } = await runWords(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(suggestion);
    expect(stderr).toContain('--help shows the usage');
  });

  test('text of the command line cannot paint the terminal', async () => {
    const { stderr } = await runWords(['\u001B[2Jcheck']);
    expect(stderr).not.toContain('\u001B');
  });
});

describe('an error', () => {
  const { line } = fakeCommandLine();
  const known = new TocsinError('cli/range', 'the end is before\nthe beginning', {
    hint: 'name another',
    cause: new Error('because'),
  });

  test('is one line with its code and the next step', () => {
    expect(errorText(known, line)).toBe('tocsin: the end is before the beginning [cli/range] (name another)\n');
  });

  test('that nobody expected says so', () => {
    expect(errorText(new TypeError('x is undefined'), line)).toMatch(
      /^tocsin: x is undefined \[unexpected\] \(.*TOCSIN_DEBUG=1.*\)\n$/,
    );
  });

  test('shows where it came from with TOCSIN_DEBUG alone', () => {
    const debugging = fakeCommandLine({ env: { TOCSIN_DEBUG: '1' } }).line;
    const text = errorText(known, debugging);
    expect(text).toMatch(/\n {4}at /);
    expect(text).toContain('caused by: Error: because');
  });
});

describe('colours', () => {
  const stdout = (isTerminal: boolean) => ({ write: () => undefined, isTerminal, columns: isTerminal ? 80 : undefined });
  test.each([
    ['on a terminal', true, {}, true, true],
    ['not in a pipe', false, {}, true, false],
    ['not with NO_COLOR', true, { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR says nothing', true, { NO_COLOR: '' }, true, true],
    ['not with --no-color', true, {}, false, false],
    ['not on a dumb terminal', true, { TERM: 'dumb' }, true, false],
    ['in a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true, true],
    ['NO_COLOR is stronger than FORCE_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('%s', (_name, terminal, env, wanted, color) => {
    expect(lookOf(stdout(terminal), env, wanted).color).toBe(color);
  });
});
