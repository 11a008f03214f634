import { access, readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isReachable } from './account.ts';

/** An installed Java development kit: where it is, and its major version. */
export interface Jdk {
  readonly home: string;
  readonly major: number;
}

/**
 * Finds a JDK that is new enough: ES_JAVA_HOME or JAVA_HOME when they are, else the oldest installed one that is.
 * Throws one line that says what to install.
 */
export async function findJdk(oldest: number): Promise<Jdk> {
  const fits = (jdk: Jdk | undefined): jdk is Jdk => jdk !== undefined && jdk.major >= oldest;
  const named = [process.env['ES_JAVA_HOME'], process.env['JAVA_HOME']].filter((home) => home !== undefined);
  const chosen = (await Promise.all(named.map(inspect))).find(fits);
  if (chosen) return chosen;
  const installed = (await Promise.all((await installedHomes()).map(inspect))).filter(fits);
  const [best] = installed.sort((a, b) => a.major - b.major);
  if (best) return best;
  throw new Error(
    `The integration tests need a JDK ${oldest} or newer to run Elasticsearch: install one and set ES_JAVA_HOME, or set ELASTICSEARCH_URL.`,
  );
}

async function installedHomes(): Promise<string[]> {
  const within = async (folder: string, below = '') =>
    (await readdir(folder).catch(() => [])).map((name) => path.join(folder, name, below));
  const home = process.env['HOME'] ?? '/nonexistent';
  const groups = await Promise.all([
    within('/usr/lib/jvm'),
    within('/Library/Java/JavaVirtualMachines', 'Contents/Home'),
    within('/opt/homebrew/opt', 'libexec/openjdk.jdk/Contents/Home'),
    within(path.join(home, '.sdkman/candidates/java')),
    homesOfPath(),
  ]);
  return groups.flat();
}

async function homesOfPath(): Promise<string[]> {
  const compilers = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'javac'));
  const found = await Promise.all(compilers.map((file) => realpath(file).catch(() => undefined)));
  return found.filter((file) => file !== undefined).map((file) => path.dirname(path.dirname(file)));
}

/** Reads the version from the `release` file that every JDK carries; a mere runtime without a compiler is none. */
async function inspect(home: string): Promise<Jdk | undefined> {
  try {
    await access(path.join(home, 'bin', 'javac'));
    const release = await readFile(path.join(home, 'release'), 'utf8');
    const major = Number(/^JAVA_VERSION="(\d+)/m.exec(release)?.[1]);
    return major > 0 && (await isReachable(home)) ? { home, major } : undefined;
  } catch {
    return undefined;
  }
}
