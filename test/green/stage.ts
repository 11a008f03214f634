import { execFile } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Fate, openGate, type Passing } from '../faults/stage/gate.ts';
import { es, type Requests } from '../support/elasticsearch/request.ts';
import { uniquePrefix } from '../support/elasticsearch/urls.ts';
import { startTocsin, type TocsinProcess } from '../support/service/tocsin-process.ts';
import { type Look, look } from './look.ts';
import { openReceivers, type Receivers } from './receivers.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/** The built service between a gate to its cluster and receivers of its own. */
export interface GreenStage extends AsyncDisposable {
  readonly namespace: string;
  /** The index of the rule `calm`, which always has documents and never fires. */
  readonly index: string;
  readonly cluster: Requests;
  readonly receivers: Receivers;
  readonly tocsin: TocsinProcess;
  readonly address: string;
  /** Decides about each request of the service; `pass` unless a problem says otherwise. */
  fate: (request: Passing) => Fate;
  look(): Promise<Look>;
  /** What `tocsin doctor` prints, warnings and errors only, one finding a line. */
  doctor(): Promise<readonly string[]>;
  /** Puts a file into the service's folder at once, as a ConfigMap does. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Adds documents with the time of now to an index of this stage. */
  add(index: string, documents: readonly object[]): Promise<void>;
  /** Keys of tocsin.yaml that problems add to. */
  readonly usual: { readonly receivers: readonly object[] };
  /** Writes tocsin.yaml again with other keys in place of some of its own. */
  configure(changes: Readonly<Record<string, unknown>>): Promise<void>;
}

/** A rule as text; JSON is YAML. */
export function rule(name: string, index: string, keys: Readonly<Record<string, unknown>> = {}): string {
  const usual = { type: 'frequency', every: '1s', window: '5s', delay: '0s', condition: 'count >= 1', evidence: { samples: 0 } };
  return JSON.stringify({ name, index, ...usual, ...keys });
}

/** Starts the service, `node` with further options, and waits until all of it is green. */
export async function openStage(url: string, node: readonly string[] = []): Promise<GreenStage> {
  const namespace = `${uniquePrefix()}green`;
  const index = `${namespace}-logs`;
  const cluster = es(url);
  const receivers = await openReceivers();
  const gate = await openGate(url, {
    fate: (request) => stage.fate(request),
    done: () => undefined,
    sent: () => undefined,
  });
  await cluster.json('PUT', `/${index}`, {
    settings: { number_of_replicas: 0 },
    mappings: { properties: { '@timestamp': { type: 'date' }, app: { type: 'keyword' }, host: { type: 'keyword' } } },
  });
  const usual = {
    receivers: (['route', 'team', 'meta'] as const).map((name) => ({
      name,
      webhook_configs: [{ name: 'hook', url: receivers.url(name) }],
    })),
  };
  const config = (changes: Readonly<Record<string, unknown>>) =>
    JSON.stringify({
      namespace,
      elasticsearch: { url: gate.url, request_timeout: '6s', compression: false },
      rules: ['rules'],
      server: { port: 0 },
      log: { level: 'info' },
      reload_interval: '1s',
      delivery: { lease: '10s', send_timeout: '5s' },
      heartbeat: { url: receivers.url('heartbeat'), every: '5s', timeout: '4s' },
      meta_receiver: 'meta',
      receivers: usual.receivers,
      route: {
        receiver: 'route',
        group_by: ['...'],
        group_interval: '1s',
        routes: [{ receiver: 'team', matchers: ['for="team"'] }],
      },
      ...changes,
    });
  const calm = rule('calm', index, { condition: 'count >= 1000000' });
  const tocsin = await startTocsin({ 'tocsin.yaml': config({}), 'rules/calm.yaml': calm }, [], node);
  const address = String((await tocsin.line(({ msg }) => msg === 'tocsin is starting'))['address']);
  const write = async (name: string, text: string) => {
    await writeFile(join(tocsin.folder, '.next'), text);
    await rename(join(tocsin.folder, '.next'), join(tocsin.folder, name));
  };
  const stage: GreenStage = {
    namespace,
    index,
    cluster,
    receivers,
    tocsin,
    address,
    usual,
    fate: () => 'pass',
    look: () => look(address),
    doctor: () => findings(tocsin.folder),
    write,
    remove: (name) => rm(join(tocsin.folder, name), { force: true }),
    add: (into, documents) =>
      cluster.bulk(
        into,
        documents.map((one) => ({ '@timestamp': new Date().toISOString(), ...one })),
      ),
    configure: (changes) => write('tocsin.yaml', config(changes)),
    [Symbol.asyncDispose]: async () => {
      await tocsin[Symbol.asyncDispose]();
      await gate[Symbol.asyncDispose]();
      await receivers[Symbol.asyncDispose]();
      await cluster.removeIndices(namespace).catch(() => undefined);
    },
  };
  await until('the service is green', 90_000, async () => whyNotGreen(await stage.look(), stage));
  return stage;
}

/** Why the service does not look well; undefined when it does. */
export function whyNotGreen(now: Look, { receivers }: Pick<GreenStage, 'receivers'>): string | undefined {
  if (now.ready !== 200) return `readiness is ${now.ready}`;
  if (now.healthy !== 200) return `liveness is ${now.healthy}`;
  return receivers.polls.length === 0 ? 'no heartbeat came' : undefined;
}

/** Asks every half second until there is nothing left to complain of; throws with the last complaint. */
export async function until(what: string, within: number, complaint: () => Promise<string | undefined>): Promise<void> {
  const end = performance.now() + within;
  for (;;) {
    const open = await complaint().catch((error: Error) => error.message);
    if (open === undefined) return;
    if (performance.now() > end) throw new Error(`not within ${within / 1_000} s: ${what}: ${open}`);
    await pause(500);
  }
}

interface Report {
  readonly checks: readonly {
    readonly title: string;
    readonly results: readonly { readonly severity: string; readonly subject: string; readonly found: string }[];
  }[];
}

async function findings(folder: string): Promise<readonly string[]> {
  const said = await new Promise<{ readonly stdout: string; readonly stderr: string }>((resolve) => {
    // Its exit code is 1 where it has findings.
    execFile(process.execPath, [MAIN, 'doctor', '--format', 'json'], { cwd: folder }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
  if (said.stdout === '') throw new Error(`doctor printed nothing: ${said.stderr}`);
  const { checks } = JSON.parse(said.stdout) as Report;
  const bad = checks.flatMap((check) => check.results).filter(({ severity }) => severity === 'warning' || severity === 'error');
  return bad.map(({ subject, found }) => `${subject} ${found}`);
}
