import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../elasticsearch/command.ts';
import { ROOT } from './kustomize.ts';

/** What the Job of `deploy/tocsin/api-key` is notified by its Pod. */
export interface JobSurroundings {
  readonly kubernetesUrl: string;
  /** PEM text of the authority of Kubernetes. */
  readonly kubernetesCa: string;
  readonly token: string;
  readonly namespace: string;
  readonly elasticsearchUrl: string;
  readonly username: string;
  readonly password: string;
  readonly secretName: string;
  /** How long it waits for Elasticsearch. */
  readonly waitSeconds?: number;
}

const SCRIPT = path.join(ROOT, 'deploy/tocsin/api-key/make-api-key.mts');
const TSX = path.join(ROOT, 'node_modules/tsx/dist/cli.mjs');

/** Runs the script of the Job as its Pod would; gives what it said, and rejects with that when it fails. */
export async function runApiKeyJob(given: JobSurroundings): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tocsin-api-key-'));
  try {
    const account = { 'ca.crt': given.kubernetesCa, token: given.token, namespace: given.namespace };
    for (const [name, text] of Object.entries({ ...account, password: given.password })) {
      await writeFile(path.join(folder, name), `${text}\n`, { mode: 0o600 });
    }
    const env = {
      PATH: process.env['PATH'],
      ELASTICSEARCH_URL: given.elasticsearchUrl,
      ELASTICSEARCH_USERNAME: given.username,
      ELASTICSEARCH_PASSWORD_FILE: path.join(folder, 'password'),
      SECRET_NAME: given.secretName,
      KUBERNETES_URL: given.kubernetesUrl,
      SERVICE_ACCOUNT_FOLDER: folder,
      WAIT_SECONDS: String(given.waitSeconds ?? 60),
    };
    // Node.js 24, which the image has, runs the script as it is; older ones need a hand.
    return await run(process.execPath, [TSX, SCRIPT], { env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
