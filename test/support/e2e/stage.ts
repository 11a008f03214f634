import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elasticsearchBackend } from '../../../src/backends/elasticsearch/elasticsearch-backend.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { type Instant, manualClock, timeLimit } from '../../../src/core/time.ts';
import { assemble } from '../../../src/engine/assemble.ts';
import { type SimulatedStretch, simulate } from '../../../src/engine/simulate.ts';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import type { TurnPorts } from '../../../src/engine/turn-ports.ts';
import { compileRules } from '../../../src/rules/load-rules.ts';
import { destinationsOf } from '../../../src/service/destinations.ts';
import { connection } from '../elasticsearch/connection.ts';
import { es } from '../elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../http-recorder.ts';
import { type SmtpRecorder, startSmtpServer } from '../smtp-server.ts';

/** A webhook message as it arrived. */
interface Notified {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly reason: string;
  readonly at: string;
  readonly notes: readonly string[];
  readonly more: number;
  readonly alerts: readonly {
    readonly rule: string;
    readonly status: string;
    readonly group: Readonly<Record<string, string>>;
    readonly started_at: string;
    readonly ended_at: string | null;
    readonly late: boolean;
    readonly text: string | null;
    readonly evidence: { readonly documents: readonly unknown[] } | null;
  }[];
}

/** The real engine over the shared Elasticsearch, with its own indices; real receivers; virtual time. */
interface Stage extends AsyncDisposable {
  /** What the names of this stage's data indices begin with; `PREFIX` in rules stands for it. */
  readonly prefix: string;
  readonly hook: HttpRecorder;
  readonly slack: HttpRecorder;
  readonly mail: SmtpRecorder;
  readonly notified: () => readonly Notified[];
  /** Makes an index and puts documents there. */
  index(name: string, mapping: object, documents: readonly object[]): Promise<void>;
  add(name: string, documents: readonly object[]): Promise<void>;
  /** Starts the engine again over what is stored: as a process that was started again. */
  start(rules: string): TurnPorts;
}

const CONFIG = `
namespace: \${env:NAMESPACE}
receivers:
  - { name: hook, webhook_configs: [{ url: "\${env:HOOK}" }] }
  - { name: slack, slack_configs: [{ api_url: "\${env:SLACK}" }] }
  - { name: mail, email_configs: [{ smarthost: "\${env:SMTP}", from: tocsin@example.com, to: ops@example.com, require_tls: false }] }
route:
  receiver: hook
  group_by: [alertname]
  group_interval: 1m
  routes:
    - { matchers: ['to="slack"'], receiver: slack }
    - { matchers: ['to="mail"'], receiver: mail }
`;

/** Tocsin's own indices for the stages of one test file, made once: they cost more than all that is played on them. */
export interface Theatre extends AsyncDisposable {
  open(): Promise<Stage>;
}

/** Makes the indices; they and everything that stages made are removed with it. */
export async function openTheatre(): Promise<Theatre> {
  const prefix = uniquePrefix();
  const made = await storesOf('time', prefix).ensureIndices();
  if (!made.ok) throw new Error(made.message);
  let stages = 0;
  return {
    open: () => openStage(`${prefix}${stages++}-`, prefix),
    [Symbol.asyncDispose]: () => es(elasticsearchUrl()).removeIndices(prefix),
  };
}

function storesOf(namespace: string, prefix: string) {
  return elasticsearchBackend(connection(elasticsearchUrl()), { namespace, indexPrefix: `${prefix}tocsin-` });
}

/** A stage has a namespace of its own, which is all that keeps it apart from the others. */
async function openStage(prefix: string, stores: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-stage-'));
  const [hook, slack, mail] = await Promise.all([startHttpRecorder(), startHttpRecorder(), startSmtpServer()]);
  await writeFile(join(folder, 'tocsin.yaml'), CONFIG);
  const env = { NAMESPACE: prefix, HOOK: `${hook.url}/hook`, SLACK: `${slack.url}/slack`, SMTP: `127.0.0.1:${mail.port}` };
  const config = await loadConfig(join(folder, 'tocsin.yaml'), env);
  if (!config.ok) throw new Error(JSON.stringify(config.problems));
  const cluster = es(elasticsearchUrl());
  const backend = storesOf(prefix, stores);
  return {
    prefix,
    hook,
    slack,
    mail,
    notified: () => hook.requests.map(({ body }) => JSON.parse(body) as Notified),
    index: async (name, mapping, documents) => {
      await cluster.json('PUT', `/${prefix}${name}`, { settings: { number_of_replicas: 0 }, mappings: mapping });
      if (documents.length > 0) await cluster.bulk(prefix + name, documents);
    },
    add: (name, documents) => cluster.bulk(prefix + name, documents),
    start: (text) => {
      const { rules, problems } = compileRules([{ file: 'rules.yaml', text: text.replaceAll('PREFIX', prefix) }]);
      if (problems.some(({ severity }) => severity === 'error')) throw new Error(JSON.stringify(problems));
      return assemble({
        ...config.value,
        backend,
        rules,
        failures: [],
        destination: destinationsOf(config.value),
        meta: undefined,
        kibana: undefined,
        io: { fetch, print: () => undefined },
        clock: manualClock(0),
        deadline: timeLimit,
        newToken: () => crypto.randomUUID(),
      });
    },
    [Symbol.asyncDispose]: async () => {
      await backend.close();
      await Promise.all([hook.close(), slack.close(), mail.close(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

/** Plays virtual time and gives all reports; `before` is told each moment just before its turn. */
export async function playOn(
  ports: TurnPorts,
  range: SimulatedStretch,
  before?: (now: Instant) => Promise<void>,
): Promise<readonly TurnLog[]> {
  const reports: TurnLog[] = [];
  for await (const report of simulate(range, ports, new AbortController().signal, before)) reports.push(report);
  return reports;
}
