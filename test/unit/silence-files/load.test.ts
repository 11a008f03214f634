import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatProblem } from '../../../src/core/problems.ts';
import { NO_FILE_SILENCES } from '../../../src/silence-files/file-silence.ts';
import { loadSilences, withLastGood } from '../../../src/silence-files/load.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-silences-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const GOOD = `
name: db-weekly
matchers: ['host.name=~"db-.*"', severity!=critical]
start: 2026-01-04T22:00
timezone: Europe/Berlin
duration: 4h
recurrence: FREQ=WEEKLY;BYDAY=SU
except: [2026-12-27]
comment: Weekly maintenance
author: ops
link: https://tickets.example/1
notify: ops
`;

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

const load = (receivers?: readonly string[]) => loadSilences({ paths: [folder], optional: false }, { receivers });
const problems = async (receivers?: readonly string[]) =>
  (await load(receivers)).problems.map((one) => formatProblem(one).replace(`${folder}/`, ''));

describe('files of silences', () => {
  test('give silences, several of one file as well', async () => {
    write({ 'db.yaml': `${GOOD}---\n${GOOD.replace('db-weekly', 'second')}`, 'notes.txt': 'x', '.hidden.yaml': 'x' });
    const { silences, files } = await load(['ops']);
    expect(files).toEqual([{ file: join(folder, 'db.yaml'), ok: true }]);
    expect(silences).toHaveLength(2);
    expect(silences[0]).toMatchObject({
      ...{ id: 'file:db-weekly', timezone: 'Europe/Berlin', duration: 4 * 3_600_000, author: 'ops', notify: 'ops' },
      matchers: [
        { label: 'host.name', op: '=~', value: 'db-.*' },
        { label: 'severity', op: '!=', value: 'critical' },
      ],
      position: { line: 2, column: 7 },
    });
  });

  test('say what is wrong with them and where', async () => {
    write({
      'a.yaml': GOOD.replace('BYDAY=SU', 'BYDAY=XX'),
      'b.yaml': GOOD.replace('db-weekly', 'b').replace('[\'host.name=~"db-.*"\', severity!=critical]', '[severity!=critical]'),
      'c.yaml': GOOD.replace('db-weekly', 'c')
        .replace('2026-01-04T22:00', '2026-02-30T22:00')
        .replace('Europe/Berlin', 'Europe/Bärlin'),
      'd.yaml': GOOD.replace('db-weekly', 'd').replace('FREQ=WEEKLY;BYDAY=SU', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'),
      'e.yaml': GOOD.replace('db-weekly', 'e').replace('notify: ops', 'notify: opps'),
      'f.yaml': GOOD.replace('db-weekly', 'f').replace('comment:', 'coment:').replace('4h', '2y'),
      'g.yaml': 'password: hunter2\n',
    });
    expect(await problems(['ops'])).toEqual([
      'a.yaml:7:13 recurrence: BYDAY: expected days such as MO,WE, or the second Tuesday of a month: 2TU, the last one: -1TU (the parts must be those of an RRULE (RFC 5545): FREQ=WEEKLY;BYDAY=SU)',
      'b.yaml:3:11 matchers: the silence is invalid: it could suppress every alert; at least one matcher must not match the empty text (name the alerts by their labels, such as team=shop)',
      'c.yaml:4:8 start: invalid time: "2026-02-30T22:00" (such as 2026-01-04T22:00)',
      'c.yaml:5:11 timezone: unknown time zone "Europe/Bärlin" (expected an IANA name such as Europe/Berlin)',
      'd.yaml:7:13 recurrence: the silence never starts (check `recurrence`, `start` and `except`)',
      'e.yaml:12:9 notify: unknown receiver "opps" (did you mean ops?)',
      'f.yaml:9:1 coment: unknown key "coment" (did you mean "comment"?)',
      'f.yaml:6:11 duration: expected a duration, got "2y" (such as 90s, 5m, 1h30m or 7d)',
      'g.yaml:1:1: no silence in this file (a silence has the keys name, matchers, start, duration and comment)',
    ]);
  });

  test('may not have two silences of one name: the second file is left out', async () => {
    write({ 'a.yaml': GOOD, 'b.yaml': GOOD, 'c.yaml': GOOD.replace('db-weekly', 'c') });
    const loaded = await load();
    expect(loaded.silences.map(({ name, position }) => [name, position.file])).toEqual([
      ['db-weekly', join(folder, 'a.yaml')],
      ['c', join(folder, 'c.yaml')],
    ]);
    expect(loaded.files.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(formatProblem(loaded.problems[0] as never)).toContain('another silence is named "db-weekly"');
  });

  test('need not be there where nothing was said of them, and must where a path was given', async () => {
    const absent = join(folder, 'silences');
    expect(await loadSilences({ paths: [absent], optional: true })).toEqual(NO_FILE_SILENCES);
    const named = await loadSilences({ paths: [absent], optional: false });
    expect(named.problems.map(({ message }) => message)).toEqual(['no such file or folder']);
    expect(named.files).toEqual([{ file: absent, ok: false }]);
  });

  test('that lead out of their folder are not read', async () => {
    mkdirSync(join(folder, 'silences'));
    write({ 'secret.yaml': GOOD });
    symlinkSync(join(folder, 'secret.yaml'), join(folder, 'silences', 'x.yaml'));
    const loaded = await loadSilences({ paths: [join(folder, 'silences')], optional: false });
    expect(loaded.silences).toEqual([]);
    expect(loaded.problems.map(({ code }) => code)).toEqual(['silence/unreadable']);
  });
});

describe('a reload', () => {
  test('keeps the last good silences of a file that does not load, and lets those go of a file that is gone', async () => {
    write({ 'a.yaml': GOOD, 'b.yaml': GOOD.replace('db-weekly', 'b') });
    const before = await load();
    write({ 'a.yaml': GOOD.replace('4h', 'soon') });
    rmSync(join(folder, 'b.yaml'));
    const after = withLastGood(before, await load());
    expect(after.silences).toEqual([before.silences[0]]);
    expect(after.silences[0]).toBe(before.silences[0]);
    write({ 'a.yaml': GOOD.replace('4h', '5h') });
    expect(withLastGood(after, await load()).silences.map(({ duration }) => duration)).toEqual([5 * 3_600_000]);
  });

  test('keeps all of them when the folder cannot be read', async () => {
    write({ 'a.yaml': GOOD });
    const before = await load();
    rmSync(folder, { recursive: true });
    expect(withLastGood(before, await load()).silences).toEqual(before.silences);
  });
});
