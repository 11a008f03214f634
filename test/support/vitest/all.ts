import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BUILT, setup as build } from '../e2e/build-setup.ts';
import { SHARED_URL, startSharedNode } from '../elasticsearch/shared-node.ts';

/**
 * What `npm test` runs: the commands before `--` side by side, those after it one after the other, the last with an Elasticsearch. The compiler and the
 * linters leave a processor idle much of the time: meanwhile the command line is built and Elasticsearch starts. It is not vitest that starts it here, so that
 * vitest can keep what it transforms: the errors of setups that it kept cannot be shown.
 */
async function main(words: readonly string[]): Promise<void> {
  const beside = words.slice(0, words.indexOf('--'));
  const after = words.slice(words.indexOf('--') + 1);
  const starting = process.env['ELASTICSEARCH_URL'] ? undefined : startSharedNode(process.env['TOCSIN_TEST_ES'] ?? '');
  // If it does not start, what needs none is run before that is said.
  starting?.catch(() => undefined);
  try {
    await all([...beside.map((command) => run(command)), build()]);
    for (const command of after.slice(0, -1)) await run(command);
    const node = await starting;
    await run(after.at(-1) ?? '', { [BUILT]: '1', ...(node && { [SHARED_URL]: node.url }) });
  } finally {
    await starting?.then(
      (node) => node.stop(),
      () => undefined,
    );
  }
}

/** Waits for all of them, so that each says what it found, and rejects when one did. */
async function all(running: readonly Promise<unknown>[]): Promise<void> {
  const failures = (await Promise.allSettled(running)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (failures.length > 0) throw failures[0];
}

async function run(command: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(command, { shell: true, env: { ...process.env, ...env }, stdio: 'inherit' });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} failed`);
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
