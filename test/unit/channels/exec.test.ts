import { describe, expect, it } from 'vitest';
import { execChannel } from '../../../src/channels/exec/exec.ts';
import { AT, sampleMessage } from './samples.ts';

const NODE = process.execPath;
const programs = new Set([NODE]);

/** Runs Node with a script; its standard input is the message. */
function run(script: string, { signal = AbortSignal.timeout(20_000), allowed = programs, file = NODE } = {}) {
  const options = execChannel.read({ command: [file, '-e', script] });
  const payload = execChannel.render(sampleMessage(), undefined, options);
  return execChannel.send(payload, options, { fetch, print: () => undefined, now: AT, programs: allowed }, signal);
}

describe('a program', () => {
  it('gets the JSON of webhooks, and no secret of the environment', async () => {
    const script = `
      let text = ''; process.stdin.on('data', (part) => text += part).on('end', () => {
        const { version, id, dedup_key } = JSON.parse(text);
        console.log(version, id, dedup_key, Object.keys(process.env).join());
        process.exit(3);
      });`;
    expect(await run(script)).toMatchObject({ reason: { text: expect.stringContaining('3: 1 message-1 alert-group-1 PATH') } });
  });

  it.each([
    ['process.exit(0)', { kind: 'delivered' }],
    ['process.exit(75)', { kind: 'retry' }],
    [
      'console.error("no \\u001b[31mroute"); process.exit(1)',
      { kind: 'rejected', reason: { text: expect.stringMatching(/exit code 1: no \uFFFD\[31mroute$/) } },
    ],
    ['process.stdin.destroy(); process.exit(0)', { kind: 'delivered' }],
  ])('%s', async (script, expected) => {
    expect(await run(script)).toMatchObject(expected);
  });

  it('that prints without end keeps little of it', async () => {
    const outcome = await run('process.stdout.write("x".repeat(5_000_000), () => process.exit(1))');
    expect(outcome).toMatchObject({ kind: 'rejected' });
    expect(JSON.stringify(outcome).length).toBeLessThan(600);
  });

  it('that hangs is killed with what it has started', async () => {
    const stop = new AbortController();
    const sent = run(
      `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'inherit' }); setInterval(() => 0, 1000)`,
      {
        signal: stop.signal,
      },
    );
    stop.abort(new DOMException('too late', 'TimeoutError'));
    expect(await sent).toMatchObject({ kind: 'unknown', reason: { kind: 'timeout' } });
  });

  it('is not run unless the machine allows it, by exactly this path', async () => {
    for (const allowed of [new Set<string>(), new Set([`${NODE}/../node`]), new Set(['node'])])
      expect(await run('process.exit(0)', { allowed })).toMatchObject({
        kind: 'rejected',
        reason: { kind: 'config', text: expect.stringContaining('TOCSIN_ALLOW_EXEC') },
      });
  });

  it('that is not there is refused', async () => {
    const file = '/nowhere/notify';
    expect(await run('', { file, allowed: new Set([file]) })).toMatchObject({
      kind: 'rejected',
      reason: { kind: 'config', text: expect.stringContaining('ENOENT') },
    });
  });

  it('has an absolute path', () => {
    for (const command of [['notify'], ['./notify'], ['../notify', 'x']])
      expect(() => execChannel.read({ command })).toThrow(/absolute path/);
  });
});
