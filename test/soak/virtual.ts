import { mkdir, mkdtemp, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDocuments } from '../../src/backends/embedded/documents.ts';
import { embeddedSearch } from '../../src/backends/embedded/search.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { manualClock } from '../../src/core/time.ts';
import { loadRules } from '../../src/rules/load-rules.ts';
import { createLog } from '../../src/service/log.ts';
import type { FileSources } from '../../src/service/reload/reload.ts';
import { type Service, startService } from '../../src/service/service.ts';
import type { ServiceBackend } from '../../src/service/store.ts';
import { configFile, documentsOf, isNotifiable, type Pace, ruleFiles, silenceAt } from './churn.ts';

/** One soak in virtual time: whole services, reload, leases, housekeeping and all, over one pair of stores. */
export interface VirtualSoak {
  readonly from: number;
  readonly to: number;
  /** Virtual time between two polls of the ticker, ms. */
  readonly step: number;
  readonly pace: Pace;
  readonly replicas: number;
  /** How long a replica lives before it stops in order and another starts; undefined: for ever. */
  readonly replaced?: number;
  readonly sampleEvery: number;
  readonly stores: ServiceBackend;
  readonly namespace: string;
  /** The address that stands in the configuration; nothing is asked there. */
  readonly elasticsearch: string;
  readonly sample: (now: number) => Promise<void>;
  readonly progress: (text: string) => void;
}

/** What was done, so that a soak in which nothing happened cannot pass. */
export interface Done {
  readonly polls: number;
  readonly messages: number;
  readonly replicas: number;
  /** Lines of the log by level. */
  readonly lines: Readonly<Record<string, number>>;
  /** The first few errors. */
  readonly errors: readonly string[];
}

interface Replica {
  readonly service: Service;
  readonly poll: () => void;
  readonly since: number;
}

/** Plays a soak; the services are stopped at its end. */
export async function soakVirtually(soak: VirtualSoak): Promise<Done> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-soak-'));
  await mkdir(join(folder, 'rules'));
  const clock = manualClock(soak.from);
  const work = underway();
  const lines: Record<string, number> = {};
  const errors: string[] = [];
  let messages = 0;
  let search = embeddedSearch(createDocuments());
  const backend: ServiceBackend = {
    ...counted(soak.stores, work),
    search: { ask: (queries, signal) => search.ask(queries, signal) },
  };
  const take = (line: string) => {
    const { level, msg, ...rest } = JSON.parse(line) as { readonly level: string; readonly msg: string };
    lines[level] = (lines[level] ?? 0) + 1;
    if (level === 'error' && errors.length < 5 && !isNotifiable({ msg, ...rest }))
      errors.push(`${msg} ${JSON.stringify(rest)}`.slice(0, 300));
  };
  const io = {
    fetch: (async () => {
      messages++;
      return new Response('ok');
    }) as typeof fetch,
    print: () => undefined,
  };
  const configPath = join(folder, 'tocsin.yaml');
  const config = async () => loadConfig(configPath, {});
  const sources: FileSources = counted(
    {
      config,
      rules: (loaded, previous) => loadRules(loaded.rules, { receivers: Object.keys(loaded.routing.destinations) }, previous),
    },
    work,
  );
  const begin = async (now: number): Promise<Replica> => {
    const loaded = await config();
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const ruleSet = await sources.rules(loaded.value);
    const wrong = ruleSet.problems.filter(({ severity }) => severity === 'error');
    if (wrong.length > 0) throw new Error(wrong.map(formatProblem).join('\n'));
    const log = createLog({ level: 'info', format: 'json' }, () => [], take);
    let poll: () => void = () => undefined;
    const service = await startService({
      version: 'soak',
      config: loaded.value,
      ruleSet,
      sources,
      // Stores are closed once, at the end, and not with each replica.
      backend: { ...backend, close: async () => undefined },
      clock,
      log,
      io,
      ticker: (given) => {
        poll = given;
        return { silentFor: () => 0, stop: () => undefined };
      },
    });
    return { service, poll: () => poll(), since: now };
  };

  let replicas: Replica[] = [];
  let started = 0;
  let polls = 0;
  let silenced = -1;
  try {
    await writeFiles(folder, soak.from, soak);
    for (let now = soak.from; now <= soak.to; now += soak.step) {
      clock.set(now);
      if (now % (5 * 60_000) < soak.step) await writeFiles(folder, now, soak);
      const documents = createDocuments();
      documents.add(documentsOf(now - 2 * soak.pace.every, now, soak.pace.every / 2, soak.pace));
      search = embeddedSearch(documents);
      if (Math.floor(now / soak.pace.silences) !== silenced) {
        silenced = Math.floor(now / soak.pace.silences);
        await soak.stores.silences.put(silenceAt(now, soak.pace));
      }
      const [oldest] = replicas;
      if (soak.replaced !== undefined && oldest !== undefined && now - oldest.since >= soak.replaced) {
        replicas = replicas.slice(1);
        await oldest.service.stop();
      }
      while (replicas.length < soak.replicas) {
        replicas.push(await begin(now));
        started++;
      }
      for (const replica of replicas) replica.poll();
      polls += replicas.length;
      await work.idle();
      if ((now - soak.from) % soak.sampleEvery < soak.step && now > soak.from) {
        soak.progress(new Date(now).toISOString());
        await soak.sample(now);
      }
    }
    return { polls, messages, replicas: started, lines, errors };
  } finally {
    for (const { service } of replicas) await service.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeFiles(folder: string, now: number, { pace, namespace, elasticsearch }: VirtualSoak): Promise<void> {
  const rest = 'server: { enabled: false }\nreload_interval: 5m\nruns: { keep: 7d }\nhistory: { keep: 20d }\n';
  await writeFile(
    join(folder, 'tocsin.yaml'),
    configFile(now, pace, { namespace, elasticsearch, hook: 'http://127.0.0.1:9', rest }),
  );
  const files = ruleFiles(now, pace);
  for (const name of await readdir(join(folder, 'rules'))) if (!(name in files)) await unlink(join(folder, 'rules', name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'rules', name), text);
}

/** Counts calls that have not returned, so that virtual time goes on only when nobody works any more. */
function underway() {
  let open = 0;
  let calls = 0;
  const step = () => new Promise<void>((resolve) => void setImmediate(resolve));
  return {
    count: <T>(result: T): T => {
      if (!(result instanceof Promise)) return result;
      open++;
      calls++;
      const end = () => void open--;
      result.then(end, end);
      return result;
    },
    idle: async () => {
      for (let quiet = 0, before = calls; quiet < 5; quiet = open === 0 && calls === before ? quiet + 1 : 0) {
        before = calls;
        await step();
      }
    },
  };
}

/** The same object, of whose methods every promise is counted, one level down. */
function counted<T extends object>(given: T, work: ReturnType<typeof underway>): T {
  const wrap = (value: unknown, owner: unknown): unknown => {
    if (typeof value === 'function') return (...words: unknown[]) => work.count(Reflect.apply(value, owner, words));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, wrap(inner, value)]));
    return value;
  };
  return wrap(given, undefined) as T;
}
