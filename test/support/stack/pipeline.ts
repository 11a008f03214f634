import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { goProgram } from './go-program.ts';
import { freePort, type Program, startProgram, untilAnswers } from './program.ts';

const COLLECTOR = path.resolve(import.meta.dirname, '../../../deploy/stack/otel-collector');
const TOKEN = 'the-secret-token-of-apm-server';

/** The service that is watched, and where it takes requests and faults. */
export interface Stub extends AsyncDisposable {
  readonly url: string;
  readonly program: Program;
  /** Asks for a fault, or with `undefined` for the end of all. */
  chaos(fault: Readonly<Record<string, unknown>> | undefined): Promise<void>;
}

/** Starts the service; it sends its traces, metrics and log lines over OTLP to `endpoint`. */
export async function startStub(endpoint: string): Promise<Stub> {
  const program = startProgram(await goProgram('stub'), [], {
    STUB_ADDRESS: '127.0.0.1:0',
    STUB_ADMIN_ADDRESS: '127.0.0.1:0',
    // With what the process needs itself it comes near the limit that its container is said to have, and not above.
    STUB_LEAK_LIMIT_MIB: '125',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    // Seconds are all that the test has: the defaults are 5 s, 1 s and 60 s.
    OTEL_BSP_SCHEDULE_DELAY: '500',
    OTEL_BLRP_SCHEDULE_DELAY: '500',
    OTEL_METRIC_EXPORT_INTERVAL: '2000',
    // What the Downward API tells a Pod of itself.
    OTEL_RESOURCE_ATTRIBUTES: `k8s.namespace.name=todo,k8s.pod.name=${POD},k8s.container.name=stub,service.version=1.4.2,service.instance.id=${POD}`,
  });
  const listening = JSON.parse(await program.line((line) => line.includes('stub listens'))) as Record<
    'address' | 'admin',
    string
  >;
  return {
    url: `http://${listening.address}`,
    program,
    chaos: async (fault) => {
      const body = fault === undefined ? {} : { body: JSON.stringify(fault) };
      const answer = await fetch(`http://${listening.admin}/chaos`, { method: fault === undefined ? 'DELETE' : 'PUT', ...body });
      if (!answer.ok) throw new Error(`/chaos answered ${answer.status}: ${await answer.text()}`);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** The Pod that the service believes to be. */
export const POD = 'stub-5d8f7c9b64-h2xkq';

/** Starts the stand-in for APM Server, which writes to Elasticsearch. */
export async function startApmServer(elasticsearch: string): Promise<Program & { readonly address: string }> {
  const program = startProgram(await goProgram('apmconv'), ['-elasticsearch', elasticsearch, '-token', TOKEN], {});
  return { ...program, address: await program.line((line) => line.startsWith('127.0.0.1:')) };
}

/** A Collector with a deployed configuration, and the address where it takes OTLP over gRPC. */
export interface Collector extends AsyncDisposable {
  readonly endpoint: string;
  readonly program: Program;
}

/** Where a Collector sends to: the stand-in for APM Server, or Elasticsearch. */
export type Behind = { readonly apmServer: string } | { readonly elasticsearch: string };

/** The configuration of deploy/ for what stands behind the Collector, and the variables that it takes. */
export function deployed(behind: Behind): { readonly file: string; readonly env: Readonly<Record<string, string>> } {
  const common = { POD_IP: '127.0.0.1', DEPLOYMENT_ENVIRONMENT: 'stack-test' };
  if ('elasticsearch' in behind) {
    return {
      file: path.join(COLLECTOR, 'config-elasticsearch.yaml'),
      env: { ...common, ELASTICSEARCH_URL: behind.elasticsearch },
    };
  }
  return {
    file: path.join(COLLECTOR, 'config.yaml'),
    env: { ...common, APM_SERVER_ENDPOINT: behind.apmServer, APM_SERVER_SECRET_TOKEN: TOKEN, APM_SERVER_INSECURE: 'true' },
  };
}

/**
 * Starts a Collector with a deployed configuration. Over it lies one that takes away what needs a cluster of Kubernetes
 * (k8sattributes) and chooses free ports; everything else is as deployed.
 */
export async function startCollector(behind: Behind): Promise<Collector> {
  const { file, env } = deployed(behind);
  const [grpc, http, health] = [await freePort(), await freePort(), await freePort()];
  const folder = await mkdtemp(path.join(tmpdir(), 'tocsin-collector-'));
  const overlay = path.join(folder, 'overlay.yaml');
  await writeFile(overlay, overlayOf(behind, grpc, http, health));
  const program = startProgram(await goProgram('otelcol'), ['--config', file, '--config', overlay], env);
  await untilAnswers(`http://127.0.0.1:${health}/`, program);
  return {
    endpoint: `http://127.0.0.1:${grpc}`,
    program,
    [Symbol.asyncDispose]: async () => {
      await program[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function overlayOf(behind: Behind, grpc: number, http: number, health: number): string {
  const processors = (last: readonly string[]) => ({ processors: ['memory_limiter', 'resource', ...last] });
  const batched = 'apmServer' in behind ? ['batch'] : [];
  // JSON is YAML.
  return JSON.stringify({
    extensions: { health_check: { endpoint: `127.0.0.1:${health}` } },
    receivers: {
      otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${grpc}` }, http: { endpoint: `127.0.0.1:${http}` } } },
    },
    service: {
      telemetry: { metrics: { level: 'none', readers: [] } },
      pipelines: {
        traces: processors(batched),
        metrics: processors('apmServer' in behind ? ['batch'] : ['cumulativetodelta']),
        logs: processors(batched),
      },
    },
  });
}
