import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { iso } from '../../src/core/time.ts';
import { repositoryIn, type ScriptedRepository } from '../support/revisions/repository.ts';
import { LONG, rulesRepository, START } from '../support/revisions/rules-repository.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const TOCSIN = `${process.execPath} ${join(ROOT, 'dist', 'main.js')}`;

let origin: ScriptedRepository;
let clone: ScriptedRepository;
let tools = '';
beforeAll(async () => {
  origin = await rulesRepository();
  tools = await mkdtemp(join(tmpdir(), 'tocsin-tools-'));
  origin.git('clone', '-q', `file://${origin.folder}`, join(tools, 'clone'));
  clone = repositoryIn(join(tools, 'clone'));
});
afterAll(async () => {
  await origin.remove();
  await rm(tools, { recursive: true, force: true });
});

/** A program that notes its words, one a line, and prints what it is to print. */
async function fakeProgram(name: string, prints: string): Promise<() => Promise<readonly string[]>> {
  const file = join(tools, name);
  await writeFile(`${file}.prints`, prints);
  await writeFile(
    file,
    `#!/bin/sh\necho "$*" >> '${file}.calls'\ncase "$*" in *PATCH*|*POST*|*PUT*) ;; *) cat '${file}.prints' ;; esac\n`,
  );
  await chmod(file, 0o755);
  await rm(`${file}.calls`, { force: true });
  return async () => (await readFile(`${file}.calls`, 'utf8')).trim().split('\n');
}

function run(script: string, env: Readonly<Record<string, string>>) {
  const path = `${tools}${delimiter}${process.env['PATH'] ?? ''}`;
  const ran = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: clone.folder,
    env: { PATH: path, HOME: clone.folder, TOCSIN, ...env },
    encoding: 'utf8',
  });
  return { code: ran.status, said: ran.stdout + ran.stderr };
}

describe('the action for GitHub', () => {
  const steps = async (): Promise<Readonly<Record<string, string>>> => {
    const action = parse(await readFile(join(ROOT, '.github', 'actions', 'tocsin-pr', 'action.yml'), 'utf8'));
    return Object.fromEntries(
      action.runs.steps.map((step: { readonly name: string; readonly run?: string }) => [step.name, step.run ?? '']),
    );
  };

  test('reports, writes the summary, and gives the exit code to the last step', async () => {
    const { Report = '', Result = '' } = await steps();
    const env = {
      ...{ AGAINST: 'origin/main', FROM: iso(START), DOCUMENTS: 'documents.ndjson', RUNNER_TEMP: tools },
      ...{ GITHUB_STEP_SUMMARY: join(tools, 'summary'), GITHUB_OUTPUT: join(tools, 'output') },
    };
    const ran = run(Report.replace('--html', `--to ${iso(START + LONG)} --html`), env);
    expect(ran).toEqual({ code: 0, said: '' });
    expect(await readFile(join(tools, 'summary'), 'utf8')).toContain('| <code>errors</code> | changed | 6 |');
    expect(await readFile(join(tools, 'tocsin-pr.html'), 'utf8')).toContain('<!doctype html>');
    expect(await readFile(join(tools, 'output'), 'utf8')).toBe('code=0\n');
    expect(run(Result, { CODE: '1' }).code).toBe(1);
  });

  test.each([
    ['makes a comment', '', 'api -X POST repos/o/r/issues/7/comments'],
    ['writes its own one again', '41\n', 'api -X PATCH repos/o/r/issues/comments/41'],
  ])('%s', async (_name, found, call) => {
    const calls = await fakeProgram('gh', found);
    const { Comment = '' } = await steps();
    expect(run(Comment, { RUNNER_TEMP: tools, REPOSITORY: 'o/r', NUMBER: '7', GH_TOKEN: 'x' })).toEqual({ code: 0, said: '' });
    expect((await calls()).at(-1)).toContain(call);
  });
});

test('the component for GitLab reports, and writes its own comment again', async () => {
  const calls = await fakeProgram(
    'curl',
    JSON.stringify([
      { id: 5, body: 'other' },
      { id: 6, body: '<!-- tocsin-pr -->\nold' },
    ]),
  );
  const [, job] = parseAllDocuments(await readFile(join(ROOT, 'templates', 'tocsin-pr', 'template.yml'), 'utf8'));
  if (job === undefined) throw new Error('the component has no job');
  const { script }: { readonly script: readonly string[] } = job.toJS()['tocsin-pr'];
  const env = {
    ...{
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
      FROM: 'now-7d',
      TOCSIN_COMMENT_TOKEN: 'x',
      CI_API_V4_URL: 'https://forge.example/api/v4',
    },
    ...{ CI_PROJECT_ID: '1', CI_MERGE_REQUEST_IID: '2' },
  };
  const ran = run(script.join('\n'), env);
  expect(ran).toEqual({ code: 0, said: '' });
  expect((await calls()).at(-1)).toContain(
    '-X PUT -H PRIVATE-TOKEN: x --data-urlencode body@tocsin-pr.md https://forge.example/api/v4/projects/1/merge_requests/2/notes/6',
  );
  expect(JSON.parse(await readFile(join(clone.folder, 'gl-code-quality-report.json'), 'utf8'))).toEqual([]);
  expect(await readFile(join(clone.folder, 'tocsin-junit.xml'), 'utf8')).toContain('tests="1" failures="0"');
});

test('the hooks of pre-commit are commands that there are', async () => {
  const hooks: readonly { readonly id: string; readonly entry: string }[] = parse(
    await readFile(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8'),
  );
  expect(hooks.map(({ id }) => id)).toEqual(['tocsin-check', 'tocsin-test']);
  for (const { entry } of hooks) expect(run(entry.replace('tocsin', '$TOCSIN'), {})).toMatchObject({ code: 0 });
});
