import { describe, expect, it, test } from 'vitest';
import { authorOf, systemUserName } from '../../../src/cli/author.ts';
import { runCommandLine } from '../../../src/cli/program.ts';
import { fakeCommandLine } from '../../support/cli/fake-command-line.ts';

describe('the author of a change', () => {
  it.each<[string, string | undefined, Readonly<Record<string, string>>, string | undefined, string]>([
    ['the one that was given', 'anna', { USER: 'kim' }, 'root', 'anna'],
    ['that of the session', undefined, { USER: 'kim', LOGNAME: 'lee' }, 'root', 'kim'],
    ['that of the login', undefined, { LOGNAME: 'lee' }, 'root', 'lee'],
    ['that of Windows', undefined, { USERNAME: 'max' }, undefined, 'max'],
    ['the user of the system, where the session has none', undefined, {}, 'deploy', 'deploy'],
    ['the user of the system, where that of the session is empty', undefined, { USER: '', LOGNAME: ' ' }, 'deploy', 'deploy'],
  ])('is %s', (_what, given, env, user, author) => {
    expect(authorOf(given, { env, userName: () => user }, 'cli/ack')).toBe(author);
  });

  test.each([
    ['ack', ['ack', 'errors', '--comment', 'on it']],
    ['silence', ['silence', 'add', 'errors', '--for', '1h', '--comment', 'x']],
  ])('of %s is asked for where no one has a name, before anything is opened', async (name, words) => {
    const { line, written } = fakeCommandLine();
    const code = await runCommandLine(words, { ...line, userName: () => undefined });
    expect(code).toBe(2);
    expect(written().stderr).toMatch(/the author is unknown: .*--author NAME/);
    expect(written().stderr).toContain(`[cli/${name}]`);
  });

  it('is known of the user that runs the tests, or is not, but is never an error', () => {
    expect(['string', 'undefined']).toContain(typeof systemUserName());
  });
});
