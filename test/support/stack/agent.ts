import { freemem, totalmem } from 'node:os';
import { run } from '../elasticsearch/command.ts';
import type { Requests } from '../elasticsearch/request.ts';
import { POD, type Stub } from './pipeline.ts';

const NODE = 'node-1';
const HOST = { name: NODE, hostname: NODE, architecture: 'x86_64' };
/** The limit that the container of the service is said to have, bytes. */
const MEMORY_LIMIT = 160 * 1024 ** 2;

/** Writes, as long as it lives, what Elastic Agent would write about the service and its node. */
export interface Agent extends AsyncDisposable {
  /** The first failure, if there was one. */
  readonly failure: () => Error | undefined;
}

/**
 * Stands where Elastic Agent stands: once a second it writes documents of the kubelet, of kube-state-metrics and of the host. Their shape is
 * the Agent's; the memory in them is the real use of the service's process. Lines of its standard output become container logs.
 */
export function startAgent(cluster: Requests, stub: Stub): Agent {
  let failure: Error | undefined;
  let going: Promise<void> = Promise.resolve();
  const lines: string[] = [];
  stub.program.follow((line) => lines.push(line));
  const poll = async () => {
    const used = await memoryOf(stub.program.pid);
    const now = new Date().toISOString();
    await Promise.all([
      ...[...metrics(now, used)].map(([index, document]) => cluster.bulk(index, [document])),
      ...(lines.length === 0 ? [] : [cluster.bulk('logs-kubernetes.container_logs-default', lines.splice(0).map(containerLog))]),
    ]);
  };
  // On a machine that is too busy for a poll a second, polls are left out: late ones would pile up.
  let busy = false;
  const start = () => {
    if (busy) return;
    busy = true;
    going = poll()
      .catch((error: Error) => {
        failure ??= error;
      })
      .finally(() => {
        busy = false;
      });
  };
  start();
  const ticking = setInterval(start, 1_000);
  return {
    failure: () => failure,
    [Symbol.asyncDispose]: async () => {
      clearInterval(ticking);
      await going;
    },
  };
}

/** Resident memory of a process, bytes. */
async function memoryOf(pid: number): Promise<number> {
  return Number((await run('ps', ['-o', 'rss=', '-p', String(pid)])).trim()) * 1024;
}

function metrics(now: string, used: number): ReadonlyMap<string, object> {
  const pod = { namespace: 'todo', node: { name: NODE }, pod: { name: POD } };
  const document = (module: string, metricset: string, fields: object) => ({
    '@timestamp': now,
    agent: { name: NODE, type: 'metricbeat', version: '9.2.0' },
    event: { dataset: `${module}.${metricset}`, module },
    metricset: { name: metricset, period: 1000 },
    host: HOST,
    ...fields,
  });
  const kubernetes = (metricset: string, fields: object) =>
    document('kubernetes', metricset, { kubernetes: { ...pod, ...fields } });
  return new Map([
    [
      'metrics-kubernetes.container-default',
      kubernetes('container', {
        deployment: { name: 'stub' },
        container: { name: 'stub', memory: { usage: { bytes: used }, workingset: { bytes: used }, rss: { bytes: used } } },
      }),
    ],
    [
      'metrics-kubernetes.state_container-default',
      kubernetes('state_container', {
        container: {
          name: 'stub',
          memory: { limit: { bytes: MEMORY_LIMIT }, request: { bytes: MEMORY_LIMIT / 2 } },
          status: { phase: 'running', ready: true, restarts: 0 },
        },
      }),
    ],
    [
      'metrics-kubernetes.state_pod-default',
      kubernetes('state_pod', { pod: { name: POD, status: { phase: 'running', ready: 'true', scheduled: 'true' } } }),
    ],
    [
      'metrics-kubernetes.state_node-default',
      document('kubernetes', 'state_node', {
        kubernetes: { node: { name: NODE, status: { ready: 'true', unschedulable: false } } },
      }),
    ],
    [
      'metrics-kubernetes.state_deployment-default',
      kubernetes('state_deployment', {
        deployment: { name: 'stub', replicas: { desired: 1, available: 1, updated: 1, unavailable: 0 }, paused: false },
      }),
    ],
    [
      'metrics-system.filesystem-default',
      document('system', 'filesystem', {
        system: {
          filesystem: {
            type: 'ext4',
            device_name: '/dev/sda1',
            mount_point: '/',
            available: 8e10,
            used: { pct: 0.2, bytes: 2e10 },
          },
        },
      }),
    ],
    [
      'metrics-system.memory-default',
      document('system', 'memory', {
        system: { memory: { total: totalmem(), free: freemem(), actual: { used: { pct: 1 - freemem() / totalmem() } } } },
      }),
    ],
  ]);
}

/** A line as the Agent's container input stores it: text, which it does not look into. */
function containerLog(line: string): object {
  return {
    '@timestamp': new Date().toISOString(),
    message: line,
    data_stream: { type: 'logs', dataset: 'kubernetes.container_logs', namespace: 'default' },
    input: { type: 'filestream' },
    stream: 'stdout',
    kubernetes: { namespace: 'todo', node: { name: NODE }, pod: { name: POD }, container: { name: 'stub' } },
    host: HOST,
  };
}
