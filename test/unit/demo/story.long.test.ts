import { writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWords } from '../../support/cli/fake-command-line.ts';
import { keepDemo, playDemo, START } from './played.ts';

/** Every kind of line that belongs to the story, after its time. */
const GRAMMAR: Readonly<Record<string, RegExp>> = {
  measured: /^\d+ of \d+ requests failed in 1m(?: ▇+)?$/,
  shop: /^payments (?:2\.4\.0 is released|is rolled back to 2\.3\.1)$/,
  pending: /^payments-failing \{payments\}: will fire as a warning if this lasts$/,
  firing: /^payments-failing \{payments\}: fires as a warning$/,
  worse: /^payments-failing \{payments\}: now critical, was warning$/,
  recovering: /^payments-failing \{payments\}: will be resolved if this lasts$/,
  resolved: /^payments-failing \{payments\}: is resolved$/,
  because: /^count (?:>= 5 \(warning\)|>= 20 \(critical\)|< 2 \(recover\)): count is \d+$/,
  log: /^POST \/(?:charge|refund): no connection to payments-db within 2 s: 10 of 10 in use, \d+ waiting$/,
  sent: /^(?:Slack to team-payments|mail to on-call): (?:(?:Now critical|Warning|Critical): |(?:Still critical|Resolved) after \d+m: )payments: .+$/,
  'on-call': /^(?:acknowledges|silences) payments-failing(?: for 3m)?: .+$/,
  silence: /^has ended, and payments-failing still fires$/,
  inhibited: /^checkout-failing \{checkout\}: (?:fires; no message while payments-failing fires|ends)$/,
};
const LINE = /^(\d\d:\d\d) {2}([a-z-]+) +(.+)$/;

/** The story without the measurements, each kind as often as it happens. */
const STORY = [
  ...['shop', 'pending', 'firing', 'because', 'log', 'sent'],
  ...['inhibited', 'worse', 'because', 'sent', 'sent'],
  ...['on-call', 'on-call', 'silence', 'sent', 'sent'],
  ...['shop', 'inhibited', 'recovering', 'resolved', 'because', 'sent', 'sent'],
];

function strangers(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => {
    const [, , kind = '', text = ''] = LINE.exec(line) ?? [];
    return !(GRAMMAR[kind]?.test(text) ?? false);
  });
}

const kindsOf = (lines: readonly string[]) => lines.map((line) => LINE.exec(line)?.[2] ?? line);
const bare = (lines: readonly string[]) => lines.map((line) => line.slice('12:00'.length));

/** The demo as most play it: in a pipe, at one time. */
let usual: Awaited<ReturnType<typeof keepDemo>>;
beforeAll(async () => {
  usual = await keepDemo();
});
afterAll(() => usual.remove());

describe('the demo', () => {
  it('prints the lines of one story, in its order, and no other line', async () => {
    const { code, lines, folder, stdout } = usual;
    expect(strangers(lines)).toEqual([]);
    expect(kindsOf(lines).filter((kind) => kind !== 'measured')).toEqual(STORY);
    expect(kindsOf(lines).filter((kind) => kind === 'measured')).toHaveLength(19);
    expect(code).toBe(0);
    expect(stdout).toContain('4 Slack messages and 3 mails were delivered');
    expect(await readdir(join(folder, 'slack'))).toEqual(['01.json', '02.json', '03.json', '04.json']);
    expect(await readdir(join(folder, 'mails'))).toEqual(['01.eml', '02.eml', '03.eml']);
  });

  it.each([
    '12:00  failed     payments-failing: no index matches',
    '12:00  sent       Slack to team-payments: Warning: TocsinHealth',
    '12:00  firing     host-silent {node-1}: fires as a warning',
    'warn: something',
  ])('would be seen to print something else: %s', (line) => expect(strangers([line])).toEqual([line]));

  it('counts what the engine counts', () => {
    const { lines } = usual;
    const counted = lines.flatMap((line) => /^(\S+) {2}measured +(\d+) /.exec(line)?.slice(1, 3).join(' ') ?? []);
    const engine = lines.flatMap((line) => /^(\S+) {2}because .*count is (\d+)$/.exec(line)?.slice(1, 3).join(' ') ?? []);
    expect(engine).toHaveLength(3);
    expect(counted).toEqual(expect.arrayContaining(engine));
  });

  it('tells the same story at any time of any day', async () => {
    const leapNight = Date.parse('2028-02-28T23:50:00.000Z');
    expect(await playDemo(({ lines }) => bare(lines), { start: leapNight })).toEqual(bare(usual.lines));
  });

  it('is coloured on a terminal, and plain elsewhere', async () => {
    const start = String.fromCharCode(27);
    expect(usual.stdout).not.toContain(start);
    expect(await playDemo(({ stdout }) => stdout, { env: { NO_COLOR: '1' }, terminal: true })).not.toContain(start);
    expect(await playDemo(({ stdout }) => stdout, { terminal: true })).toContain(`${start}[31m`);
  });

  it('goes to a temporary folder where it cannot write, and says why', async () => {
    const blocked = (root: string) => {
      writeFileSync(join(root, 'a-file'), '');
      return join(root, 'a-file', 'out');
    };
    await playDemo(
      async ({ code, stdout, folder, page }) => {
        expect(code).toBe(0);
        expect(stdout).toMatch(/^Files go to \S+: E(?:NOTDIR|EXIST)/m);
        expect(page).toContain('<h1>');
        await rm(folder, { recursive: true });
      },
      { output: blocked },
    );
  });

  it('ends without a page when it is stopped', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(playDemo(({ code, lines }) => ({ code, lines }), { signal: stop.signal })).resolves.toMatchObject({ code: 1 });
  });

  it('leaves telemetry of which a dry run makes the same alerts', async () => {
    const { stdout, lines } = usual;
    const words = /npm run -s tocsin -- (dry-run .*)$/m.exec(stdout)?.[1]?.split(' ') ?? [];
    const ran = await runWords([...words, '--format', 'json'], { now: START + 86_400_000 });
    expect(ran.stderr).toBe('');
    const { rules } = JSON.parse(ran.stdout) as { rules: { name: string; transitions: { at: string }[] }[] };
    const replayed = rules.find(({ name }) => name === 'payments-failing')?.transitions.map(({ at }) => at.slice(11, 16));
    // A dry run lists changes of status; `worse` is one of severity.
    const CHANGES = ['pending', 'firing', 'recovering', 'resolved'];
    expect(replayed).toEqual(
      lines.filter((line) => CHANGES.includes(LINE.exec(line)?.[2] ?? '')).map((line) => line.slice(0, 5)),
    );
  });
});
