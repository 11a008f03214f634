import { createHash } from 'node:crypto';
import { access, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../elasticsearch/command.ts';
import { withLock } from '../elasticsearch/lock.ts';
import { cacheFolder, progress } from './cache.ts';
import { ECK, KUBERNETES } from './go-module.ts';

/** A program of Kubernetes that is built from its module of Go. */
export type ProgramName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'elastic-operator';

interface Recipe {
  /** The folder below `modules/` whose go.mod and go.sum say what it is made of. */
  readonly module: string;
  readonly package: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** How long it took on two cores with nothing in Go's caches, while another was built beside it. */
  readonly takes: string;
}

const [major = '', minor = ''] = KUBERNETES.version.slice(1).split('.');
const OF_KUBERNETES = {
  'k8s.io/component-base/version.gitVersion': KUBERNETES.version,
  'k8s.io/component-base/version.gitMajor': major,
  'k8s.io/component-base/version.gitMinor': minor,
};

const RECIPES: Readonly<Record<ProgramName, Recipe>> = {
  'kube-apiserver': {
    module: 'control-plane',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    variables: OF_KUBERNETES,
    takes: 'ten minutes',
  },
  'kube-controller-manager': {
    module: 'control-plane',
    package: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    variables: OF_KUBERNETES,
    takes: 'two minutes',
  },
  etcd: { module: 'control-plane', package: './etcd', takes: 'three minutes' },
  'elastic-operator': {
    module: 'operator',
    package: 'github.com/elastic/cloud-on-k8s/v3/cmd',
    variables: {
      'github.com/elastic/cloud-on-k8s/v3/pkg/about.version': ECK.version.slice(1),
      'github.com/elastic/cloud-on-k8s/v3/pkg/about.buildHash': 'tests',
      'github.com/elastic/cloud-on-k8s/v3/pkg/about.buildDate': '2026-01-01T00:00:00Z',
    },
    takes: 'ten minutes',
  },
};

/** The file of a program, which is built first when it is not there; the second time costs nothing. */
export async function program(name: ProgramName): Promise<string> {
  const recipe = RECIPES[name];
  const folder = path.join(import.meta.dirname, 'modules', recipe.module);
  const file = path.join(await cacheFolder(), `${name}-${await fingerprint(folder, recipe)}`);
  if (await exists(file)) return file;
  await withLock(`${file}.lock`, async () => {
    if (!(await exists(file))) await build(name, recipe, folder, file);
  });
  return file;
}

async function build(name: ProgramName, recipe: Recipe, folder: string, file: string): Promise<void> {
  progress(`building ${name} from its module of Go (about ${recipe.takes}, once) …`);
  const started = performance.now();
  const since = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const notification = setInterval(() => progress(`still building ${name}, since ${since()} …`), 30_000);
  const partial = await mkdtemp(`${file}.partial-`);
  const settings = Object.entries(recipe.variables ?? {}).map(([key, value]) => `-X ${key}=${value}`);
  const flags = ['-trimpath', '-ldflags', ['-s', '-w', ...settings].join(' ')];
  try {
    await run('go', ['build', ...flags, '-o', path.join(partial, name), recipe.package], {
      cwd: folder,
      // GOFLAGS of the machine may ask for what a build from a module cannot have.
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
      ifMissing: `${name} is built with Go 1.26 or newer: install it from go.dev/dl, or from your distribution.`,
    });
    await rename(path.join(partial, name), file);
    progress(`${name} is ready after ${since()}`);
  } finally {
    clearInterval(notification);
    await rm(partial, { recursive: true, force: true });
  }
}

/** Changes with everything that a program is made of, so that a changed recipe is a new program and not a stale one. */
async function fingerprint(folder: string, recipe: Recipe): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(path.join(folder, name)));
  return hash.digest('hex').slice(0, 8);
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
