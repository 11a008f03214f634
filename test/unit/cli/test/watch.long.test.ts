import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
// Commands are loaded when they are first used: here, and not within the time of the first test.
import '../../../../src/cli/test.ts';
import { runCommandLine } from '../../../../src/cli/program.ts';
import { concerned } from '../../../../src/cli/test/watched-files.ts';
import { fakeCommandLine } from '../../../support/cli/fake-command-line.ts';

const rule = (name: string) => `name: ${name}\ntype: frequency\nindex: logs-*\ncondition: count >= 5\ndelay: 0s\n`;
const TEST = `tests:
  - name: fires
    documents: [{ at: 0s, repeat: 5, every: 1s, document: { message: out } }]
    checks: [{ at: 1m, alerts: [{ status: firing }] }]
`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-watch-'));
  for (const name of ['a', 'b']) {
    await writeFile(join(folder, `${name}.yaml`), rule(name));
    await writeFile(join(folder, `${name}.test.yaml`), TEST);
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (path: string) => join(folder, path);
type Step = () => unknown;

/** Watches the folder; each time it would wait, the next step is done instead, and after the last one it is asked to stop. */
async function watch(steps: readonly Step[], { terminal = false, words = [] as readonly string[] } = {}) {
  const stop = new AbortController();
  const { line, written } = fakeCommandLine({ signal: stop.signal, terminal });
  let heard: (text: string) => void = () => undefined;
  let listening = 0;
  const waiting = [...steps, () => undefined];
  const sleep = async () => {
    const step = waiting.shift();
    if (step === undefined) stop.abort();
    else await step();
  };
  const type = (text: string) => () => heard(text);
  const limits: unknown[] = [];
  const code = await runCommandLine(['test', folder, '--watch', ...words], {
    ...line,
    clock: { ...line.clock, sleep: async (ms) => (ms === 0 ? undefined : sleep()) },
    limitTime: (limit) => void limits.push(limit),
    typedLines: (hear) => {
      heard = hear;
      listening += 1;
      return () => {
        listening -= 1;
      };
    },
  });
  const runs = written()
    .stdout.split('Waiting for changes.')
    .map((text) => text.replaceAll(`${folder}/`, '').trim());
  return { code, runs, stdout: written().stdout, stderr: written().stderr, type, listening, limits };
}

const nothing: Step = () => undefined;

describe('tocsin test --watch', () => {
  test('runs all tests, and then those that a change concerns', async () => {
    const { code, runs, listening, limits } = await watch([
      () => writeFile(at('a.yaml'), rule('a').replace('>= 5', '>= 6')),
      nothing,
      () => writeFile(at('b.test.yaml'), `${TEST}# changed\n`),
      nothing,
    ]);
    expect(code).toBe(0);
    expect(runs[0]).toContain('2 passed');
    expect(runs[1]).toContain('1 test file of 2: a.yaml changed');
    expect(runs[1]).toContain('1 failed');
    expect(runs[1]).not.toContain('b.test.yaml');
    expect(runs[2]).toContain('1 test file of 2: b.test.yaml changed');
    expect(listening).toBe(0);
    expect(limits.at(-1)).toBeUndefined();
  });

  test('runs all of them when what they share changes', async () => {
    const { runs } = await watch([() => writeFile(at('defaults.yaml'), 'every: 30s\n'), nothing]);
    expect(runs[1]).toContain('2 test files of 2: defaults.yaml changed');
    expect(runs[1]).toContain('2 passed');
  });

  test('waits for a file that is being written, and shows what is wrong with one that stays broken', async () => {
    const { runs } = await watch([
      () => writeFile(at('a.test.yaml'), 'tests: ['),
      () => writeFile(at('a.test.yaml'), `${TEST}# whole\n`),
      nothing,
      () => writeFile(at('a.test.yaml'), 'tests: ['),
      nothing,
    ]);
    expect(runs[1]).toContain('1 passed');
    expect(runs[2]).toContain('1 file with problems');
    expect(runs).toHaveLength(4);
  });

  test('lives through files that disappear and come back', async () => {
    const { code, runs } = await watch([
      () => rm(at('a.test.yaml')),
      nothing,
      () => rename(at('b.yaml'), at('c.yaml')),
      nothing,
      () => rename(at('c.yaml'), at('b.yaml')),
      nothing,
    ]);
    expect(code).toBe(0);
    expect(runs[1]).toContain('no such file');
    expect(runs[2]).toContain('1 passed');
  });

  test('does not begin again for the snapshots that it wrote', async () => {
    await writeFile(at('a.test.yaml'), TEST.replace('name: fires', 'name: fires\n    snapshot: true'));
    const { runs } = await watch([nothing, nothing]);
    expect(runs[0]).toContain('snapshots: 1 written');
    expect(runs.filter((text) => text !== '')).toHaveLength(1);
  });

  test('goes on after a run that fails as a whole', async () => {
    const config = at('tocsin.yaml');
    await writeFile(config, `rules: [${folder}]\nreceivers: [{ name: ops, console_configs: [{}] }]\nroute: { receiver: ops }\n`);
    const { code, runs } = await watch(
      [() => writeFile(config, 'route: ['), nothing, () => writeFile(config, 'rules: [x]\n'), nothing],
      {
        words: ['--config', config],
      },
    );
    expect(code).toBe(0);
    expect(runs[1]).toContain('tocsin.yaml');
    expect(runs[1]).not.toContain('passed');
    expect(runs).toHaveLength(4);
  });

  test('on a terminal clears it, runs again on Enter and ends on q', async () => {
    let type: (text: string) => Step = () => nothing;
    const stop = new AbortController();
    const { line, written } = fakeCommandLine({ signal: stop.signal, terminal: true });
    const steps = [() => type('')(), () => type('q')()];
    const code = await runCommandLine(['test', folder, '--watch', '--no-color'], {
      ...line,
      clock: { ...line.clock, sleep: async (ms) => (ms === 0 ? undefined : void steps.shift()?.()) },
      typedLines: (hear) => {
        type = (text) => () => hear(text);
        return nothing;
      },
    });
    expect(code).toBe(0);
    const { stdout } = written();
    expect(stdout.split('\u001b[2J\u001b[3J\u001b[H')).toHaveLength(3);
    expect(stdout).toContain('2 test files of 2: all of them, as you asked');
    expect(stdout).toContain('Press Enter to run all tests again, or q and Enter to quit.');
    expect(steps).toEqual([]);
  });

  test('is refused with a format that programs read', async () => {
    const { code, stderr } = await watch([], { words: ['--format', 'json'] });
    expect(code).toBe(2);
    expect(stderr).toContain('--watch shows text, not json [cli/watch]');
  });

  test('without a test waits for one', async () => {
    await rm(folder, { recursive: true });
    await mkdir(folder);
    await writeFile(at('a.yaml'), rule('a'));
    const { code, runs } = await watch([() => writeFile(at('a.test.yaml'), TEST), nothing]);
    expect(code).toBe(0);
    expect(runs[0]).toContain('no rule tests in');
    expect(runs[1]).toContain('1 passed');
  });
});

describe('changed paths', () => {
  const dependencies = new Map([
    ['r/a.test.yaml', ['r/a.yaml', 'r/a.ndjson', 'r/__snapshots__/a.test.txt']],
    ['r/b.test.yaml', ['r/a.yaml', 'more']],
  ]);
  test.each([
    ['a test file', 'r/a.test.yaml', ['r/a.test.yaml']],
    ['a rule of two tests', 'r/a.yaml', ['r/a.test.yaml', 'r/b.test.yaml']],
    ['documents', 'r/a.ndjson', ['r/a.test.yaml']],
    ['a file in a folder that a test names', 'more/deep/c.yaml', ['r/b.test.yaml']],
    ['a snapshot', 'r/__snapshots__/a.test.txt', ['r/a.test.yaml']],
    ['defaults', 'r/defaults.yaml', ['r/a.test.yaml', 'r/b.test.yaml']],
    ['a test file that is gone', 'r/c.test.yaml', []],
    ['a text', 'r/notes.txt', []],
    ['a snapshot of no test', 'r/__snapshots__/x.test.txt', []],
  ])('of %s concern', (_what, path, files) => {
    expect([...concerned([path], dependencies)].sort()).toEqual(files);
  });
});
