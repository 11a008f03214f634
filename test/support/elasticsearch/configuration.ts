import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where a node keeps what it owns, all below one folder. */
export interface Layout {
  readonly root: string;
  readonly config: string;
  readonly data: string;
  readonly logs: string;
  readonly temporary: string;
  readonly pidFile: string;
  /** Written by Elasticsearch once it listens: its addresses, one a line. */
  readonly addressFile: string;
  readonly console: string;
}

/** Lays out the folders of a node below `root`. */
export function layoutIn(root: string): Layout {
  const below = (...names: string[]) => path.join(root, ...names);
  return {
    root,
    config: below('config'),
    data: below('data'),
    logs: below('logs'),
    temporary: below('tmp'),
    pidFile: below('pid'),
    addressFile: below('logs', 'http.ports'),
    console: below('console.log'),
  };
}

/** What a test may decide about a node. */
export interface Choices {
  /** 0 lets the system choose. */
  readonly port: number;
  /** As the JVM writes it: `512m`. */
  readonly heap: string;
  readonly secured: boolean;
  readonly settings: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** Writes the configuration of a node again, and keeps its data if there is any. */
export async function configure(home: string, layout: Layout, choices: Choices): Promise<void> {
  const { config, data, logs, temporary, pidFile } = layout;
  await Promise.all([config, logs, temporary, pidFile].map((old) => rm(old, { recursive: true, force: true })));
  await Promise.all([data, logs, temporary].map((folder) => mkdir(folder, { recursive: true })));
  await cp(path.join(home, 'config'), config, { recursive: true });
  const standard = await readFile(path.join(config, 'jvm.options'), 'utf8');
  await Promise.all([
    writeFile(path.join(config, 'elasticsearch.yml'), settingsFile(layout, choices)),
    writeFile(path.join(config, 'jvm.options'), jvmOptions(standard, choices.heap)),
    writeFile(path.join(config, 'log4j2.properties'), logging),
  ]);
}

function settingsFile(layout: Layout, choices: Choices): string {
  const settings = {
    'cluster.name': 'tocsin-test',
    'node.name': 'tocsin-test',
    'path.data': layout.data,
    'path.logs': layout.logs,
    'network.host': '127.0.0.1',
    'http.port': choices.port,
    'transport.port': 0,
    'node.portsfile': true,
    'discovery.type': 'single-node',
    'xpack.security.enabled': choices.secured,
    // A disk that is nearly full on a developer's machine is no reason to refuse an index of ten documents.
    'cluster.routing.allocation.disk.threshold_enabled': false,
    // Garbage that a small heap has not collected yet would trip the breaker: reserved memory is what counts here.
    'indices.breaker.total.use_real_memory': false,
    ...choices.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  return lines.join('');
}

/** Keeps the flags that a version needs, and exchanges those for long running servers against those for a quick start. */
function jvmOptions(standard: string, heap: string): string {
  const unwanted = /^[\d-]*:?-(XX:\+UseG1GC|XX:\+HeapDump|XX:ErrorFile|Xlog:gc)/;
  const kept = standard.split('\n').filter((line) => !line.startsWith('#') && !unwanted.test(line));
  return [
    ...kept,
    `-Xms${heap}`,
    `-Xmx${heap}`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:-UsePerfData',
    '-XX:-AlwaysPreTouch',
    '',
  ].join('\n');
}

const logging = `
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss.SSS} %-5p %c{1.}: %m%n%throwable
`;
