import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installFolder } from './account.ts';
import { run } from './command.ts';
import type { Jdk } from './jdk.ts';
import { withLock } from './lock.ts';
import { pomFor } from './pom.ts';
import type { Release } from './versions.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const projectRoot = path.resolve(here, '../../..');
const pluginName = 'tocsin-harness';

/**
 * Returns the folder of an installed release, the one that holds `bin`, and installs it first when it is not there.
 * An install is built aside and renamed, so that one which is killed half-way is never used.
 */
export async function install(release: Release, jdk: Jdk): Promise<string> {
  const cache = await installFolder(projectRoot);
  const sources = await pluginSources(release);
  const target = path.join(cache, `${release.version}-${await fingerprint(release, sources)}`);
  const home = path.join(target, `elasticsearch-${release.version}`);
  if (await exists(home)) return home;
  await withLock(`${target}.lock`, async () => {
    if (await exists(home)) return;
    await removeRemains(`${target}.partial-`);
    const partial = await mkdtemp(`${target}.partial-`);
    try {
      await build(release, jdk, sources, partial);
      await rename(partial, target);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    progress(`Elasticsearch ${release.version} is ready in ${target}`);
  });
  return home;
}

async function build(release: Release, jdk: Jdk, sources: readonly string[], folder: string): Promise<void> {
  const home = path.join(folder, `elasticsearch-${release.version}`);
  progress(`fetching Elasticsearch ${release.version} with Maven (more than 100 MB, once) …`);
  await fetchWithMaven(release, folder);
  await Promise.all(
    release.modules.map(({ name, pluginClass, extends: base }) =>
      writeDescriptor(path.join(home, 'modules', name), name, pluginClass, release, base),
    ),
  );
  progress('compiling the plugin that answers GET / …');
  await compilePlugin(release, jdk, sources, home);
  await run('chmod', ['-R', 'a+rX', folder]);
}

async function fetchWithMaven(release: Release, folder: string): Promise<void> {
  const pom = path.join(folder, 'pom.xml');
  await writeFile(pom, pomFor(release, folder));
  await run('mvn', ['-q', '-B', '-f', pom, 'process-resources'], {
    ifMissing: 'The integration tests need Maven (mvn) to fetch Elasticsearch: install it, or set ELASTICSEARCH_URL.',
  });
}

async function compilePlugin(release: Release, jdk: Jdk, sources: readonly string[], home: string): Promise<void> {
  const folder = path.join(home, 'plugins', pluginName);
  const classes = path.join(home, '..', 'classes');
  await mkdir(folder, { recursive: true });
  const java = (tool: string) => path.join(jdk.home, 'bin', tool);
  const target = ['-nowarn', '--release', String(release.java), '-d', classes, '-cp', path.join(home, 'lib', '*')];
  await run(java('javac'), [...target, ...sources]);
  await run(java('jar'), ['--create', '--file', path.join(folder, `${pluginName}.jar`), '-C', classes, '.']);
  await writeDescriptor(folder, pluginName, 'tocsin.harness.HarnessPlugin', release);
}

async function writeDescriptor(
  folder: string,
  name: string,
  pluginClass: string,
  release: Release,
  base?: string,
): Promise<void> {
  const lines = {
    name,
    description: name,
    version: release.version,
    classname: pluginClass,
    'java.version': String(release.java),
    'elasticsearch.version': release.version,
    ...(base && { 'extended.plugins': base }),
  };
  const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(path.join(folder, 'plugin-descriptor.properties'), text.join(''));
}

async function pluginSources(release: Release): Promise<string[]> {
  const common = path.join(here, 'plugin');
  const folders = [common, path.join(common, `v${release.version.split('.')[0]}`)];
  const files = await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => path.join(folder, name))));
  return files
    .flat()
    .filter((file) => file.endsWith('.java'))
    .sort();
}

/** Changes with everything that an install is made of, so that a changed recipe is a new install and not a stale one. */
async function fingerprint(release: Release, sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(release));
  const recipe = ['install.ts', 'pom.ts'].map((name) => path.join(here, name));
  for (const file of [...recipe, ...sources]) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 8);
}

async function removeRemains(prefix: string): Promise<void> {
  const folder = path.dirname(prefix);
  const remains = (await readdir(folder)).filter((name) => name.startsWith(path.basename(prefix)));
  await Promise.all(remains.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

/** Tells on standard error what takes so long. */
function progress(text: string): void {
  process.stderr.write(`[elasticsearch] ${text}\n`);
}
