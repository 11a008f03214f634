import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BUILT, setup as build } from '../e2e/build-setup.ts';
import { SHARED_URL, startSharedNode } from '../elasticsearch/shared-node.ts';

/**
 * All tests. The compiler and the linters leave a processor idle much of the time: meanwhile the command line is built and Elasticsearch starts.
 * It is not vitest that starts it here, so that vitest can keep what it transforms: the errors of setups that it kept cannot be shown.
 */
async function main(): Promise<void> {
  const starting = process.env['ELASTICSEARCH_URL'] ? undefined : startSharedNode(process.env['TOCSIN_TEST_ES'] ?? '');
  // If it does not start, suites that need none are run before that is said.
  starting?.catch(() => undefined);
  try {
    await all([run('npm run -s test:types'), run('npm run -s test:lint'), build()]);
    await run('npm run -s test:unit -- --project long');
    const node = await starting;
    await run('npm run -s test:servers -- --experimental.fsModuleCache', {
      [BUILT]: '1',
      ...(node && { [SHARED_URL]: node.url }),
    });
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
  if (code !== 0) throw new Error(`failed: ${command}`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
