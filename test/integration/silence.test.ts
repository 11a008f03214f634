import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { fakeCommandLine } from '../support/cli/fake-command-line.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 10, 12);

let root = '';
let folder = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-silence-'));
  folder = join(root, 'here');
  // Rules outside of the folder keep their whole paths: a test cannot change the folder of its process, and would read its rules.
  const config = `namespace: ${uniquePrefix()}silence\nelasticsearch: { url: '${elasticsearchUrl()}' }\nrules: ../rules\n`;
  await mkdir(folder);
  await writeFile(join(folder, 'tocsin.yaml'), config);
  await mkdir(join(root, 'rules'));
  await writeFile(join(root, 'rules/boom.yaml'), 'name: boom\ntype: frequency\nindex: logs-*\ncondition: count >= 1\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function silence(words: readonly string[], given: { readonly now?: number; readonly user?: string } = {}) {
  const env = given.user === undefined ? {} : { USER: given.user };
  const { line, written } = fakeCommandLine({ now: given.now ?? NOON, env });
  const code = await runCommandLine(['silence', ...words, '--config', join(folder, 'tocsin.yaml')], { ...line, folder });
  return { code, ...written() };
}

async function json(words: readonly string[], now = NOON) {
  const { code, stdout, stderr } = await silence([...words, '--format', 'json'], { now, user: 'kim' });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const statesOf = (list: { readonly silences: readonly { readonly id: string; readonly state: string }[] }) =>
  Object.fromEntries(list.silences.map(({ id, state }) => [id, state]));

describe('tocsin silence, over Elasticsearch', () => {
  it('lists what is planned in files, with where it comes from, previews it, and does not change it', async () => {
    const planned = (name: string, more = '') =>
      `name: ${name}\nmatchers: [alertname=boom]\nstart: 2026-01-04T11:30\ntimezone: Europe/Berlin\nduration: 4h\ncomment: weekly\n${more}`;
    await mkdir(join(folder, 'silences'));
    await writeFile(join(folder, 'silences/weekly.yaml'), planned('weekly', 'recurrence: FREQ=WEEKLY;BYDAY=SA\n'));
    await writeFile(join(folder, 'silences/broken.yaml'), planned('broken', 'recurrence: FREQ=WEEKLY;BYDAY=XX\n'));
    try {
      const { silences } = await json(['list']);
      expect(silences.find(({ id }: { id: string }) => id === 'file:weekly')).toMatchObject({
        ...{ state: 'active', created_by: 'silences/weekly.yaml', origin: 'silences/weekly.yaml:1' },
        ...{ starts_at: '2026-01-10T10:30:00.000Z', ends_at: '2026-01-10T14:30:00.000Z' },
      });
      for (const words of [
        ['expire', 'file:weekly'],
        ['extend', 'file:weekly', '--for', '1h'],
      ]) {
        const { code, stderr } = await silence(words);
        expect([code, stderr]).toEqual([
          2,
          expect.stringContaining('silence file:weekly is planned in silences/weekly.yaml:1: change or remove it there'),
        ]);
      }
      expect(await json(['preview', '--silence', 'weekly'])).toMatchObject({ matchers: ['alertname="boom"'] });
      const unknown = await silence(['preview', '--silence', 'weekli']);
      expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean weekly?')]);
      const neither = await silence(['preview']);
      expect([neither.code, neither.stderr]).toEqual([2, expect.stringContaining('expected matchers, or a silence of a file')]);
    } finally {
      await rm(join(folder, 'silences'), { recursive: true });
    }
  });

  it('adds, lists, extends and expires a silence', async () => {
    const link = ['--link', 'https://tickets.example/42'];
    const added = await json(['add', 'boom', 'service=~"a|b"', '--for', '2h', '--comment', 'upgrade', ...link]);
    const [{ id }] = added.silences;
    expect(added).toMatchObject({
      done: 'added',
      silences: [
        {
          ...{ state: 'active', created_by: 'kim', comment: 'upgrade', link: 'https://tickets.example/42' },
          ...{ matchers: ['alertname="boom"', 'service=~"a|b"'], starts_at: '2026-01-10T12:00:00.000Z' },
          ends_at: '2026-01-10T14:00:00.000Z',
        },
      ],
    });
    expect(statesOf(await json(['list']))).toEqual({ [id]: 'active' });
    const extended = await json(['extend', id.slice(0, 8), '--for', '4h'], NOON + HOUR);
    expect(extended).toMatchObject({ done: 'extended', silences: [{ id, ends_at: '2026-01-10T17:00:00.000Z' }] });
    expect(await json(['add', 'service=~"a|b"', 'boom', '--for', '1h', '--comment', 'again'])).toMatchObject({
      same_matchers: id,
    });
    expect(await json(['expire', id], NOON + HOUR)).toMatchObject({ done: 'expired', silences: [{ id, state: 'expired' }] });
    expect(statesOf(await json(['list'], NOON + HOUR))[id]).toBeUndefined();
    expect(statesOf(await json(['list', '--expired'], NOON + HOUR))[id]).toBe('expired');
    expect(await json(['preview', 'boom'], NOON + HOUR)).toMatchObject({ alerts: [], past: { complete: true, episodes: [] } });
  });

  it('plans one, and keeps it from beginning', async () => {
    const times = ['--from', '2026-01-11T22:00Z', '--until', '2026-01-12T02:00Z'];
    const [{ id, state }] = (await json(['add', 'team=shop', '--comment', 'disks', ...times])).silences;
    expect(state).toBe('pending');
    await json(['expire', id]);
    expect(statesOf(await json(['list', '--expired']))[id]).toBe('expired');
    expect(statesOf(await json(['list'], Date.UTC(2026, 0, 11, 23)))[id]).toBeUndefined();
  });

  it.each<[what: string, words: readonly string[], message: RegExp]>([
    ['without an end', ['add', 'boom', '--comment', 'x'], /the end of the silence is missing.*--for 2h/s],
    ['with two ends', ['add', 'boom', '--comment', 'x', '--for', '1h', '--until', 'now+2h'], /cannot be used with/],
    ['without a reason', ['add', 'boom', '--for', '1h'], /--comment/],
    ['of everything', ['add', 'x=~".*"', '--for', '1h', '--comment', 'x'], /every alert/],
    ['for a time that is none', ['add', 'boom', '--for', 'long', '--comment', 'x'], /expected a duration/],
    ['by a matcher that is none', ['add', 'a=', '--for', '1h', '--comment', 'x'], /not a matcher/],
    ['that is not there', ['expire', 'abcd1234'], /there is no silence "abcd1234"/],
    ['by too little of its ID', ['extend', 'ab', '--for', '1h'], /at least 4 characters/],
    ['by a time to come', ['preview', 'boom', '--from', 'now+1h'], /--from/],
  ])('refuses one %s, with the next step', async (_what, words, message) => {
    const { code, stdout, stderr } = await silence(words, { user: 'kim' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('asks who adds it where the session does not say', async () => {
    const { code, stderr } = await silence(['add', 'boom', '--for', '1h', '--comment', 'x']);
    expect([code, /--author/.test(stderr)]).toEqual([2, true]);
  });
});
