import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processIdentity, type System } from '../../../src/service/sharding/process-identity.ts';

/** A system on which process 7 looks around and process 9, `a (b) c`, runs since tick 500. */
function system(given: Partial<System> & { readonly files?: Readonly<Record<string, string>> } = {}): System {
  const files: Readonly<Record<string, string>> = {
    '/proc/sys/kernel/random/boot_id': 'boot\n',
    '/proc/7/stat': stat(7, 'S', 400),
    '/proc/9/stat': stat(9, 'S', 500),
    ...given.files,
  };
  return { pid: 7, read: (path) => files[path], link: () => 'pid:[1]', exists: (pid) => `/proc/${pid}/stat` in files, ...given };
}

function stat(pid: number, state: string, start: number): string {
  return `${pid} (a (b) c) ${state} ${Array.from({ length: 18 }, () => '0').join(' ')} ${start} 0 0`;
}

describe('the identity of a process', () => {
  it.each<[string, string, System, boolean]>([
    ['one that runs is not over', 'boot pid:[1] 9 500', system(), false],
    ['this one is not over', 'boot pid:[1] 7 400', system(), false],
    ['one whose number nobody has is over', 'boot pid:[1] 8 450', system(), true],
    ['one whose number another has by now is over', 'boot pid:[1] 9 450', system(), true],
    [
      'one that has ended and is not buried is over',
      'boot pid:[1] 9 500',
      system({ files: { '/proc/9/stat': stat(9, 'Z', 500) } }),
      true,
    ],
    ['one of another machine, or of this one before it was started, may live', 'other pid:[1] 8 450', system(), false],
    ['one of another container may live', 'boot pid:[2] 8 450', system(), false],
    ['one that may not be looked at may live', 'boot pid:[1] 8 450', system({ exists: () => true }), false],
    ['what is no name may live', 'boot pid:[1] ', system(), false],
    ['where the system says nothing, everybody may live', 'boot pid:[1] 8 450', system({ read: () => undefined }), false],
  ])('%s', (_name, process, given, expected) => {
    expect(processIdentity(given).isOver(process)).toBe(expected);
  });

  it('has no name where the system says nothing', () => {
    expect(processIdentity(system({ link: () => undefined })).me).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is over on this machine once the process has ended', async () => {
    const source = new URL('../../../src/service/sharding/process-identity.ts', import.meta.url).href;
    const script = `import(${JSON.stringify(source)}).then(({ processIdentity }) => process.stdout.write(processIdentity().me))`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--eval', `${script}; setInterval(() => 0, 1000)`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    const { isOver, me } = processIdentity();
    expect(isOver(me ?? '')).toBe(false);
    expect(isOver(text.toString())).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isOver(text.toString())).toBe(true);
  });
});
