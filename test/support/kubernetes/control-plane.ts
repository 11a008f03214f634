import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lastLines, run } from '../elasticsearch/command.ts';
import { type Supervisor, supervise } from '../elasticsearch/supervisor.ts';
import { findKubectl } from './kubectl.ts';
import { type ProgramName, program } from './program.ts';

/** A Kubernetes without nodes: etcd, kube-apiserver and kube-controller-manager on 127.0.0.1. Objects are real, containers are not. */
export interface ControlPlane extends AsyncDisposable {
  readonly url: string;
  /** The PEM file of the authority that signed the API server's certificate. */
  readonly caFile: string;
  readonly folder: string;
  /** Runs kubectl as the administrator and gives what it printed; rejects with its last lines when it fails. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** The objects of a kind in all namespaces, or in one. */
  list<T>(kind: string, namespace?: string): Promise<readonly T[]>;
  /** Starts a further program that is notified by KUBECONFIG where the API server is; it ends with the control plane. */
  start(name: ProgramName, args: readonly string[]): Promise<void>;
  /** The last lines of a program's log. */
  log(name: ProgramName): Promise<string>;
}

const START_LIMIT = 180_000;

/** Starts one and resolves when it answers; builds its programs first if need be. */
export async function startControlPlane(): Promise<ControlPlane> {
  const programs = { etcd: await program('etcd'), api: await program('kube-apiserver') };
  await program('kube-controller-manager');
  const folder = await mkdtemp(path.join(tmpdir(), 'tocsin-kubernetes-'));
  const running: Supervisor[] = [];
  const tidy = async () => {
    for (const one of running.toReversed()) await one.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [etcdPort, peerPort, port] = await freePorts(3);
    const url = `https://127.0.0.1:${port}`;
    const files = await writeCredentials(folder, url);
    const start = async (name: string, command: readonly string[]) => {
      const supervisor = await supervise({
        command,
        env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: files.kubeconfig },
        cwd: folder,
        logFile: path.join(folder, `${name}.log`),
        pidFile: path.join(folder, `${name}.pid`),
        account: undefined,
        removeIfOrphaned: folder,
      });
      running.push(supervisor);
      return supervisor;
    };
    await start('etcd', [programs.etcd, ...etcdArguments(folder, etcdPort, peerPort)]);
    const api = await start('kube-apiserver', [programs.api, ...apiArguments(files, etcdPort, port)]);
    const kubectl = await findKubectl();
    const plane: ControlPlane = {
      url,
      caFile: files.caFile,
      folder,
      kubectl: (args, input) =>
        run(kubectl, args, {
          env: { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: files.kubeconfig },
          ...(input !== undefined && { input }),
        }),
      list: async <T>(kind: string, namespace?: string) => {
        const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
        const text = await plane.kubectl(['get', kind, ...where, '--output=json']);
        return (JSON.parse(text) as { readonly items: readonly T[] }).items;
      },
      start: async (name, args) => void (await start(name, [await program(name), ...args])),
      log: async (name) => lastLines(await readFile(path.join(folder, `${name}.log`), 'utf8'), 40),
      [Symbol.asyncDispose]: tidy,
    };
    await untilReady(plane, api);
    await plane.start('kube-controller-manager', controllerArguments(files));
    return plane;
  } catch (error) {
    await tidy();
    throw error;
  }
}

interface Files {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly caFile: string;
  readonly serviceAccountKey: string;
  readonly tokens: string;
}

async function writeCredentials(folder: string, url: string): Promise<Files> {
  const files: Files = {
    folder,
    kubeconfig: path.join(folder, 'kubeconfig'),
    // kube-apiserver makes this itself, and puts its authority into the same file.
    caFile: path.join(folder, 'certificates/apiserver.crt'),
    serviceAccountKey: path.join(folder, 'service-accounts.key'),
    tokens: path.join(folder, 'tokens.csv'),
  };
  const token = randomBytes(16).toString('hex');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await mkdir(path.dirname(files.caFile));
  await writeFile(files.serviceAccountKey, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  await writeFile(files.tokens, `${token},admin,admin,"system:masters"\n`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'tests', cluster: { server: url, 'certificate-authority': files.caFile } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'tests', context: { cluster: 'tests', user: 'admin' } }],
    'current-context': 'tests',
  };
  await writeFile(files.kubeconfig, JSON.stringify(config));
  return files;
}

function etcdArguments(folder: string, port: number | undefined, peerPort: number | undefined): readonly string[] {
  const [own, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  return [
    `--data-dir=${path.join(folder, 'etcd')}`,
    `--listen-client-urls=${own}`,
    `--advertise-client-urls=${own}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // What is in it is thrown away.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiArguments(files: Files, etcdPort: number | undefined, port: number | undefined): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${path.dirname(files.caFile)}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${files.tokens}`,
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
  ];
}

function controllerArguments(files: Files): readonly string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    '--bind-address=127.0.0.1',
    '--secure-port=0',
    `--service-account-private-key-file=${files.serviceAccountKey}`,
    `--root-ca-file=${files.caFile}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    // Nobody answers for the node of the tests: it must not be given up.
    '--controllers=*,-node-lifecycle-controller,-node-ipam-controller,-taint-eviction-controller',
  ];
}

async function untilReady(plane: ControlPlane, api: Supervisor): Promise<void> {
  const deadline = performance.now() + START_LIMIT;
  while (!api.hasEnded() && performance.now() < deadline) {
    const answer = await plane.kubectl(['get', '--raw=/readyz', '--request-timeout=5s']).catch(() => '');
    if (answer === 'ok') return;
    await pause(200);
  }
  const why = api.hasEnded() ? 'ended while it started' : `did not answer within ${START_LIMIT / 1000} s`;
  throw new Error(`kube-apiserver ${why}. The end of its log:\n${await plane.log('kube-apiserver')}`);
}

/** Ports that nobody listens on at this moment. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map((server) => {
      const address = server.address();
      return new Promise<number>((resolve) =>
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0)),
      );
    }),
  );
}
