import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runRuleTests } from '../../../src/rule-tests/run-rule-tests.ts';
import { orphanedSnapshots, type SnapshotMode } from '../../../src/rule-tests/snapshots/snapshot-book.ts';
import {
  keptText,
  keyText,
  readSnapshots,
  snapshotPath,
  snapshotsText,
} from '../../../src/rule-tests/snapshots/snapshot-file.ts';

const RULE = `name: errors
type: frequency
index: logs-*
condition: count >= 3
delay: 0s
evidence: { samples: 0 }
message: { title: "TITLE", text: "{{ count }} errors." }
`;
const DOCUMENTS = 'documents: [{ at: 0s, repeat: 3, every: 1s, document: { message: out } }]';

let folder = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tocsin-snapshots-')));
  await writeFile(join(folder, 'errors.yaml'), RULE.replace('TITLE', 'it fails'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const kept = () => readFile(join(folder, '__snapshots__/errors.test.txt'), 'utf8');

/** A test file with the tests of these names, each with its messages as snapshots in some forms. */
function testFile(forms: string, ...names: readonly string[]) {
  const tests = names.map(
    (name) => `  - { name: ${name}, snapshot: ${forms}, ${DOCUMENTS}, checks: [{ at: 1m, alerts: [{ status: firing }] }] }\n`,
  );
  return { file: join(folder, 'errors.test.yaml'), text: `tests:\n${tests.join('')}` };
}

async function run(source: ReturnType<typeof testFile>, snapshots: SnapshotMode, filter?: string) {
  const report = await runRuleTests([source], { snapshots, ...(filter === undefined ? {} : { filter }) });
  const [file] = report.files;
  return {
    report,
    changes: file?.snapshots,
    problems: file?.problems ?? [],
    failures: file?.tests.flatMap((one) => one.failures) ?? [],
  };
}

describe('snapshots of messages', () => {
  test('are written where they are missing, to be read by people, and compared from then on', async () => {
    const { changes, failures } = await run(testFile('true', 'fires'), 'missing');
    expect(failures).toEqual([]);
    expect(changes).toMatchObject({ written: ['fires > message 1 to default'], updated: [], obsolete: [] });
    expect(await kept()).toBe(`# Messages of errors.test.yaml; \`tocsin test --update\` rewrites them.

fires > message 1 to default
  +1m, first, by console:
  🟠 Warning: it fails
     3 documents in 5m · limit 3 · since 00:01 UTC
     3 errors.
     rule errors · condition count >= 3 · window 5m until 2026-01-01 00:01:00 UTC · since 2026-01-01 00:01:00 UTC · to default
`);
    expect(await run(testFile('true', 'fires'), 'nothing')).toMatchObject({ changes: undefined, failures: [] });
  });

  test('have the forms that the test asks for', async () => {
    await run(testFile('[text, slack, email]', 'fires'), 'missing');
    const text = await kept();
    expect([...readSnapshots(text).keys()]).toEqual(
      ['email', 'slack', 'text'].map((form) => `fires > message 1 to default as ${form}`),
    );
    expect(text).toContain('  Subject: Warning: it fails\n');
    expect(text).toContain('    - type: header\n');
  });

  test('of a notification that a check expects are of that one', async () => {
    const text = `tests: [{ name: fires, ${DOCUMENTS}, checks: [{ at: 1m, notifications: [{ reason: first, snapshot: text }] }] }]`;
    await run({ file: join(folder, 'errors.test.yaml'), text }, 'missing');
    expect([...readSnapshots(await kept()).keys()]).toEqual(['fires > at +1m, notification 1 as text']);
  });

  test('that are missing fail where nothing may be written', async () => {
    const { failures, changes } = await run(testFile('true', 'fires'), 'nothing');
    expect(failures).toMatchObject([{ kind: 'snapshot', message: 'this message has no snapshot' }]);
    expect(changes).toBeUndefined();
    expect(await readdir(folder)).toEqual(['errors.yaml']);
  });

  test('that differ fail with what differs by lines, and are written again when that is asked for', async () => {
    await run(testFile('true', 'fires'), 'missing');
    await writeFile(join(folder, 'errors.yaml'), RULE.replace('TITLE', 'it breaks'));
    const { failures } = await run(testFile('true', 'fires'), 'missing');
    expect(failures).toMatchObject([{ kind: 'snapshot', position: { line: 2 } }]);
    expect(failures[0]?.diff?.slice(0, 4)).toEqual([
      ' +1m, first, by console:',
      '-🟠 Warning: it fails',
      '+🟠 Warning: it breaks',
      '    3 documents in 5m · limit 3 · since 00:01 UTC',
    ]);
    expect(await kept()).toContain('it fails');
    expect((await run(testFile('true', 'fires'), 'update')).changes).toMatchObject({ updated: ['fires > message 1 to default'] });
    expect(await kept()).toContain('it breaks');
  });

  test('of tests that are gone are named, and removed by an update; those of tests that did not run are spared', async () => {
    await run(testFile('true', 'fires', 'burns', 'rings'), 'missing');
    const left = testFile('true', 'fires', 'burns');
    const obsolete = ['rings > message 1 to default'];
    expect((await run(left, 'missing')).changes).toMatchObject({ obsolete, removed: false });
    expect((await run(left, 'update', 'fires')).changes).toMatchObject({ obsolete, removed: true });
    expect([...readSnapshots(await kept()).keys()]).toEqual(['burns > message 1 to default', 'fires > message 1 to default']);
    const none = { ...left, text: left.text.replaceAll('snapshot: true', 'snapshot: false') };
    expect((await run(none, 'update')).changes?.obsolete).toHaveLength(2);
    await expect(kept()).rejects.toThrow('ENOENT');
  });

  test('of a test that fails for another reason are spared', async () => {
    await run(testFile('true', 'fires'), 'missing');
    const failing = testFile('true', 'fires');
    const text = failing.text.replace('repeat: 3', 'repeat: 2');
    const { changes, failures } = await run({ ...failing, text }, 'update');
    expect(failures).toMatchObject([{ kind: 'missing' }]);
    expect(changes).toBeUndefined();
    expect(await kept()).toContain('it fails');
  });

  test('are those of no test where the test file is gone', async () => {
    const source = testFile('true', 'fires');
    await run(source, 'missing');
    await writeFile(source.file, source.text);
    expect(await orphanedSnapshots([source.file])).toEqual([]);
    expect(await orphanedSnapshots([join(folder, 'other.test.yaml')])).toEqual([]);
    await rm(source.file);
    expect(await orphanedSnapshots([join(folder, 'other.test.yaml')])).toEqual([snapshotPath(source.file)]);
  });

  test.each([
    ['their folder', async (elsewhere: string) => symlink(elsewhere, join(folder, '__snapshots__'))],
    [
      'their file',
      async (elsewhere: string) => {
        await mkdir(join(folder, '__snapshots__'));
        await symlink(join(elsewhere, 'victim.txt'), join(folder, '__snapshots__/errors.test.txt'));
      },
    ],
  ])('are not written through a link in the place of %s', async (_what, link) => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'tocsin-elsewhere-'));
    try {
      await writeFile(join(elsewhere, 'victim.txt'), 'untouched');
      await link(elsewhere);
      const { problems, report } = await run(testFile('true', 'fires'), 'update');
      expect(problems).toMatchObject([{ code: 'rule-test/snapshot', severity: 'error' }]);
      expect(report.files[0]?.snapshots?.written ?? []).toEqual(
        problems[0]?.message.includes('leads out') ? [] : expect.any(Array),
      );
      expect(await readFile(join(elsewhere, 'victim.txt'), 'utf8')).toBe('untouched');
      expect(await readdir(elsewhere)).toEqual(['victim.txt']);
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  test('leave nothing beside them', async () => {
    await run(testFile('true', 'fires'), 'update');
    expect(await readdir(join(folder, '__snapshots__'))).toEqual(['errors.test.txt']);
    expect((await lstat(join(folder, '__snapshots__/errors.test.txt'))).mode & 0o022).toBe(0);
  });
});

describe('a snapshot file', () => {
  test('is read as it was written, whatever messages hold', () => {
    const key = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `t > ${keyText(text)}`.trim());
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\t', '#', '>', '\r', '\u202e', '=') }).map(keptText);
    fc.assert(
      fc.property(fc.dictionary(key, text, { maxKeys: 4 }), (given) => {
        const snapshots = new Map(Object.entries(given));
        expect(readSnapshots(snapshotsText('a.test.yaml', snapshots))).toEqual(snapshots);
      }),
    );
  });

  test('of anything gives some keys', () => {
    fc.assert(fc.property(fc.string(), (text) => readSnapshots(text).size >= 0));
    expect(readSnapshots('<<<<<<< ours\n  a\n=======\n')).toEqual(
      new Map([
        ['<<<<<<< ours', 'a'],
        ['=======', ''],
      ]),
    );
  });
});
