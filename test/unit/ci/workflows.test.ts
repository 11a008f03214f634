import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import config from '../../../vitest.config.ts';

const ROOT = join(import.meta.dirname, '../../..');
const WORKFLOWS = readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`);
const CI = ['.ci/run', '.ci/other-version', '.ci/nightly'];
const { scripts, engines }: { readonly scripts: Readonly<Record<string, string>>; readonly engines: { readonly node: string } } =
  JSON.parse(read('package.json'));

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly {
    readonly run?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

describe('what continuous integration runs', () => {
  it.each([...WORKFLOWS, ...CI, 'CONTRIBUTING.md', 'RELEASE.md', '.github/PULL_REQUEST_TEMPLATE.md'])(
    '%s names scripts that exist',
    (path) => {
      const text = WORKFLOWS.includes(path) ? runsOf(path).join('\n') : read(path);
      expect(scriptsIn(text).filter((name) => !(name in scripts))).toEqual([]);
    },
  );

  it.each(WORKFLOWS)('%s runs files that exist and may be run', (path) => {
    const files = runsOf(path).flatMap((run) => run.match(/(?<!\S)\.?[\w.-]+\/[\w./-]+/g) ?? []);
    expect(files.filter((file) => (statSync(join(ROOT, file)).mode & 0o111) === 0)).toEqual([]);
  });

  test('actions of others are named by the commit that was reviewed, with its version for people', () => {
    const actions = readdirSync(join(ROOT, '.github/actions')).map((name) => `.github/actions/${name}/action.yml`);
    const loose = [...WORKFLOWS, ...actions].flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line) => /^\s*(?:- )?uses: (?!\.\/)/.test(line) && !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))
        .map((line) => `${path}: ${line.trim()}: write @COMMIT # vVERSION, which Renovate keeps up to date`),
    );
    expect(loose).toEqual([]);
  });

  test.each(WORKFLOWS)('%s may only read, unless a job says otherwise', (path) => {
    expect(workflow(path).permissions).toEqual({ contents: 'read' });
    const checkouts = Object.values(workflow(path).jobs).flatMap(({ steps }) =>
      steps.filter(({ uses }) => uses?.startsWith('actions/checkout@') === true),
    );
    expect(checkouts.length).toBeGreaterThan(0);
    expect(checkouts.map((step) => step.with?.['persist-credentials'])).toEqual(checkouts.map(() => false));
  });

  test('a script that does not exist is found', () => {
    expect(scriptsIn('npm run -s nothing && npm run check\nnpm test')).toEqual(['nothing', 'check', 'test']);
  });

  test('every change is tried on the oldest Node.js that the package takes', () => {
    const { jobs } = workflow('.github/workflows/ci.yml');
    const oldest = engines.node.replace(/^>=(\d+\.\d+).*$/, '$1');
    expect(['check', 'everything'].map((name) => jobs[name]?.strategy?.matrix['node']?.[0])).toEqual([oldest, oldest]);
  });

  test.each(['.ci/run', '.ci/other-version'])('every change is tried by %s', (path) => {
    expect(runsOf('.github/workflows/ci.yml')).toContain(path);
  });

  test('every suite of the nightly script has a job', () => {
    const { jobs } = workflow('.github/workflows/nightly.yml');
    expect(jobs['suite']?.strategy?.matrix['suite']).toEqual(nightlySuites());
  });

  test('the nightly script runs every suite that it defines', () => {
    const defined = [...read('.ci/nightly').matchAll(/^suite_(\w+)\(\)/gm)].map(([, name = '']) => name.replaceAll('_', '-'));
    expect(defined).toEqual(nightlySuites());
  });

  test('every project of vitest is run for each change or every night, and what is run exists', () => {
    const defined = (config.test?.projects ?? []).map(
      (project) => (project as { readonly test: { readonly name: string } }).test.name,
    );
    const run = new Set(CI.flatMap((path) => scriptsIn(read(path))).flatMap(projectsOf));
    // Started by the script of its suite, after it has built what it needs.
    run.add('stack');
    expect([...run].sort()).toEqual([...defined].sort());
  });
});

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function workflow(path: string): Workflow {
  return parse(read(path));
}

function runsOf(path: string): readonly string[] {
  return Object.values(workflow(path).jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
}

function scriptsIn(text: string): readonly string[] {
  return [...text.matchAll(/npm (?:run (?:-s )?([\w:-]+)|(test)\b)/g)].map(([, named, test]) => named ?? test ?? '');
}

function nightlySuites(): readonly string[] {
  const [, names = ''] = /^all=\(([^)]*)\)$/m.exec(read('.ci/nightly')) ?? [];
  return names.split(' ').map((name) => name.replaceAll('_', '-'));
}

/** The projects that a script of package.json runs, by itself or through others. */
function projectsOf(name: string): readonly string[] {
  const text = scripts[name] ?? '';
  return [
    ...[...text.matchAll(/--project ([\w-]+)/g)].map(([, project = '']) => project),
    ...scriptsIn(text).flatMap(projectsOf),
  ];
}
