import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReachable, serverAccount, shortLivedFolder } from './account.ts';
import { lastLines, run } from './command.ts';
import { type Choices, configure, type Layout, layoutIn } from './configuration.ts';
import { install } from './install.ts';
import { findJdk, type Jdk } from './jdk.ts';
import { basic } from './request.ts';
import { type Supervisor, supervise } from './supervisor.ts';
import { findRelease } from './versions.ts';

const startLimitMs = 120_000;

/** What a node is started with; all of it may be left out. */
export interface NodeOptions {
  /** `8.19`, `9.5`, or a full version. Default: 8.19. */
  readonly version?: string;
  /** As the JVM writes it. Default: `512m`. */
  readonly heap?: string;
  /** Turns security on; it is the password of the user `elastic`. */
  readonly password?: string;
  /** Lines of elasticsearch.yml; they win over the harness's own, so that two nodes can know of each other. */
  readonly settings?: Choices['settings'];
  /** A folder that survives the node, for a restart on the same data; the caller removes it. Default: a temporary one. */
  readonly dataDir?: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** How well its cluster must be before it counts as started. Default: yellow. */
  readonly health?: 'yellow' | 'red';
}

/** A running Elasticsearch on 127.0.0.1, alone in its cluster. */
export interface ElasticsearchNode extends AsyncDisposable {
  readonly url: string;
  readonly version: string;
  /** The value of the `authorization` header that the superuser sends, if security is on. */
  readonly authorization: string | undefined;
  /** The process that holds the data. */
  readonly pid: number;
  readonly port: number;
  readonly dataDir: string;
  /** Ends it in order; a second call does nothing. */
  stop(): Promise<void>;
  /** Ends it as a power cut would (SIGKILL). */
  kill(): Promise<void>;
}

/** Starts a real Elasticsearch and resolves when it answers; installs it first if need be, which takes a minute or two. */
export async function startElasticsearch(options: NodeOptions = {}): Promise<ElasticsearchNode> {
  const release = findRelease(options.version);
  const jdk = await findJdk(release.java);
  const home = await install(release, jdk);
  const layout = layoutIn(await ownFolder(options.dataDir));
  const tidy = async () => {
    if (options.dataDir === undefined) await rm(layout.root, { recursive: true, force: true });
  };
  try {
    const supervisor = await launch(home, jdk, layout, options);
    const authorization = options.password === undefined ? undefined : basic('elastic', options.password);
    const url = await untilItAnswers(supervisor, layout, authorization, options.health ?? 'yellow');
    const pid = Number(await readFile(layout.pidFile, 'utf8'));
    const facts = { version: release.version, url, port: Number(new URL(url).port), pid, authorization, dataDir: layout.root };
    return { ...facts, ...endings(supervisor, pid, layout, tidy) };
  } catch (error) {
    await tidy();
    throw error;
  }
}

async function launch(home: string, jdk: Jdk, layout: Layout, options: NodeOptions): Promise<Supervisor> {
  const account = await serverAccount();
  const env = environmentOf(layout, jdk);
  const { port = 0, heap = '512m', password, settings = {} } = options;
  await configure(home, layout, { port, heap, settings, secured: password !== undefined });
  if (account) await run('chown', ['-R', `${account.uid}:${account.gid}`, layout.root]);
  if (password !== undefined) {
    const keystore = path.join(home, 'bin', 'elasticsearch-keystore');
    const add = ['add', '--force', '--stdin', '--silent', 'bootstrap.password'];
    await run(keystore, add, { env, cwd: layout.root, input: password, ...(account && { account }) });
  }
  return supervise({
    command: [path.join(home, 'bin', 'elasticsearch'), '-p', layout.pidFile],
    env,
    cwd: layout.root,
    logFile: layout.console,
    pidFile: layout.pidFile,
    account,
    removeIfOrphaned: options.dataDir === undefined ? layout.root : undefined,
  });
}

async function ownFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(path.join(await shortLivedFolder(), 'tocsin-es-'));
  const folder = path.resolve(wanted);
  if (!(await isReachable(path.dirname(folder)))) throw new Error(`Elasticsearch, which runs as nobody, cannot enter ${folder}.`);
  await mkdir(folder, { recursive: true });
  return folder;
}

function environmentOf(layout: Layout, jdk: Jdk): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: layout.root,
    ES_JAVA_HOME: jdk.home,
    ES_PATH_CONF: layout.config,
    ES_TMPDIR: layout.temporary,
    CLI_JAVA_OPTS: `-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Djava.io.tmpdir=${layout.temporary}`,
  };
}

async function untilItAnswers(
  supervisor: Supervisor,
  layout: Layout,
  authorization: string | undefined,
  health: 'yellow' | 'red',
): Promise<string> {
  const deadline = performance.now() + startLimitMs;
  while (!supervisor.hasEnded() && performance.now() < deadline) {
    const address = await localAddress(layout.addressFile);
    if (address && (await isHealthy(`http://${address}`, authorization, health))) return `http://${address}`;
    await sleep(150);
  }
  const why = supervisor.hasEnded() ? 'ended while it started' : `did not answer within ${startLimitMs / 1000} s`;
  await supervisor.end();
  throw new Error(`Elasticsearch ${why}. The end of its log:\n${await endOfLog(layout)}`);
}

/** Without the stack frames, which would crowd out the line that names the cause. */
async function endOfLog(layout: Layout): Promise<string> {
  const log = await readFile(layout.console, 'utf8').catch(() => '');
  return lastLines(log.replaceAll(/^\s+at .*\n/gm, ''), 40);
}

async function localAddress(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').find((line) => line.startsWith('127.0.0.1:'));
}

async function isHealthy(url: string, authorization: string | undefined, health: 'yellow' | 'red'): Promise<boolean> {
  const headers = authorization === undefined ? {} : { authorization };
  const signal = AbortSignal.timeout(10_000);
  return fetch(`${url}/_cluster/health?wait_for_status=${health}&timeout=5s`, { headers, signal }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
}

function endings(supervisor: Supervisor, pid: number, layout: Layout, tidy: () => Promise<void>) {
  let asked = false;
  const stop = async () => {
    // Tests that find no server any more say only that they were refused.
    if (!asked && supervisor.hasEnded())
      process.stderr.write(`Elasticsearch ended by itself. The end of its log:\n${await endOfLog(layout)}\n`);
    asked = true;
    await supervisor.end();
    await tidy();
  };
  const kill = async () => {
    asked = true;
    if (!supervisor.hasEnded()) process.kill(pid, 'SIGKILL');
    await supervisor.ended;
    await tidy();
  };
  return { stop, kill, [Symbol.asyncDispose]: stop };
}
