import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_CERTIFICATE } from '../support/certificate.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es } from '../support/elasticsearch/request.ts';
import { runApiKeyJob } from '../support/kubernetes/api-key-job.ts';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.ts';
import { ROOT } from '../support/kubernetes/kustomize.ts';
import { type Manifest, type Template, templates } from '../support/kubernetes/manifest.ts';
import { apply, installEckKinds, overlayText } from '../support/kubernetes/overlay.ts';
import { dataOf, writePodFiles } from '../support/kubernetes/pod-files.ts';
import { until } from '../support/kubernetes/until.ts';
import { startTocsin } from '../support/service/tocsin-process.ts';

const overlays = await readdir(join(ROOT, 'deploy/overlays'));
const NAMESPACE = 'observability';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
  await installEckKinds(plane);
  for (const overlay of overlays) await apply(plane, (await overlayText(overlay)).namespaces);
});
afterAll(() => plane[Symbol.asyncDispose]());

describe('kube-apiserver', () => {
  test.each(overlays)('takes all of %s in a dry run, without a warning', async (overlay) => {
    const { all } = await overlayText(overlay);
    const said = await apply(plane, all, '--dry-run=server');
    expect(said.trim().split('\n')).toHaveLength(all.split('\n---\n').length);
    expect(said).not.toMatch(/warning/i);
  });

  test.each([
    ['a key that is none', 'single-node', 'replicas: 1', 'replcas: 1', /unknown field|field not declared/],
    ['a key that ECK does not know', 'single-node', 'nodeSets:', 'nodesets:', /unknown field|field not declared/],
    ['a request above its limit', 'single-node', 'memory: 192Mi', 'memory: 2Gi', /must be less than or equal to memory limit/],
    [
      'a selector that its Pods do not fit',
      'single-node',
      /(matchLabels:\n\s+app.kubernetes.io\/name: )tocsin\n {2}strategy/,
      '$1other\n  strategy',
      /does not match template/,
    ],
    [
      'a Pod that may be root where none may',
      'tocsin-only',
      'runAsNonRoot: true',
      'runAsNonRoot: false',
      /violate PodSecurity "restricted/,
    ],
  ] as const)('reports %s', async (_name, overlay, from, to, words) => {
    const { all } = await overlayText(overlay);
    const text = all.replace(from, to);
    expect(text).not.toBe(all);
    const said = await apply(plane, text, '--dry-run=server', '--validate=strict').catch((error: Error) => error.message);
    expect(said).toMatch(words);
  });
});

describe('single-node, applied', () => {
  beforeAll(async () => {
    await apply(plane, (await overlayText('single-node')).all);
  });

  test('becomes Pods that the namespaces admit', async () => {
    const wanted = ['kube-state-metrics', 'mailpit', 'otel-collector', 'tocsin', 'stub', 'tocsin-api-key'];
    const names = async () => {
      const pods = await plane.list<Manifest>('pods');
      const made = new Set(pods.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name']));
      return wanted.every((name) => made.has(name)) ? made : undefined;
    };
    const why = async () =>
      JSON.stringify(
        (await plane.list<Manifest>('events')).map(({ message }) => message),
        null,
        1,
      );
    await until('a Pod of each workload', names, { why });
    const refused = (await plane.list<Manifest>('events')).filter(({ reason }) => reason === 'FailedCreate');
    expect(refused.map(({ message }) => message)).toEqual([]);
  });

  test('gives the Job one Secret to read and change, and Tocsin nothing', async () => {
    const may = async (account: string, ...what: readonly string[]) => {
      const as = `--as=system:serviceaccount:${NAMESPACE}:${account}`;
      const said = await plane.kubectl(['auth', 'can-i', ...what, '-n', NAMESPACE, as]).catch((error: Error) => error.message);
      return said.split('\n').includes('yes');
    };
    const allowed = await Promise.all([
      may('tocsin-api-key', 'get', 'secrets/tocsin-elasticsearch'),
      may('tocsin-api-key', 'patch', 'secrets/tocsin-elasticsearch'),
      may('tocsin-api-key', 'get', 'secrets/elasticsearch-es-elastic-user'),
      may('tocsin-api-key', 'list', 'secrets'),
      may('tocsin-api-key', 'create', 'secrets'),
      may('tocsin-api-key', 'delete', 'secrets/tocsin-elasticsearch'),
      may('tocsin', 'get', 'secrets/tocsin-elasticsearch'),
      may('tocsin', 'list', 'pods'),
    ]);
    expect(allowed).toEqual([true, true, false, false, false, false, false, false]);
  });

  test('gets its API key from a real Elasticsearch, keeps it when it is applied again, and Tocsin runs with it', async () => {
    await using node = await startElasticsearch({ password: 'sesame-opens' });
    const job = {
      kubernetesUrl: plane.url,
      kubernetesCa: await readFile(plane.caFile, 'utf8'),
      token: (await plane.kubectl(['create', 'token', 'tocsin-api-key', '-n', NAMESPACE])).trim(),
      namespace: NAMESPACE,
      elasticsearchUrl: node.url,
      username: 'elastic',
      password: 'sesame-opens',
      secretName: 'tocsin-elasticsearch',
    };
    expect(await runApiKeyJob(job)).toContain('was created and stored in the Secret');
    await apply(plane, (await overlayText('single-node')).all);
    expect(await runApiKeyJob(job)).toContain('is valid');

    await using pod = await mountedPod(node.url);
    await using tocsin = await startTocsin({}, ['--config', pod.config]);
    await tocsin.line(({ msg }) => msg.includes('the state is accessible'));
    const who = await es(node.url, `ApiKey ${pod.apiKey}`).json('GET', '/_security/_authenticate');
    expect(who).toMatchObject({ api_key: { name: 'tocsin' } });

    const rule = { 'added.yaml': 'name: added\ntype: frequency\nindex: logs-*\ncondition: count >= 1\n' };
    await plane.kubectl(['patch', 'configmap', 'tocsin-rules', '-n', NAMESPACE, '--patch', JSON.stringify({ data: rule })]);
    await pod.sync();
    expect(await tocsin.line(({ msg }) => msg === 'rules reloaded')).toMatchObject({ added: ['added'] });
  });
});

/** The files of Tocsin's Pod as the API server holds them, and `sync`, by which the kubelet brings what has changed. */
async function mountedPod(elasticsearchUrl: string) {
  const folder = join(plane.folder, 'pod');
  const objects = async () =>
    (await Promise.all(['deployment', 'configmap', 'secret'].map((kind) => plane.list<Manifest>(kind, NAMESPACE)))).flat();
  const write = async (): Promise<readonly Manifest[]> => {
    const manifests = await objects();
    const [template] = templates(manifests.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'tocsin'));
    const key = dataOf(manifests, 'Secret', NAMESPACE, 'tocsin-elasticsearch')['api-key'] ?? '';
    const secretText = (name: string) => (name === 'ca.crt' ? TEST_CERTIFICATE : Buffer.from(key, 'base64').toString());
    await writePodFiles(folder, template as Template, { manifests, byHand: new Map(), secretText });
    return manifests;
  };
  const manifests = await write();
  const given = await readFile(join(folder, 'etc/tocsin/tocsin.yaml'), 'utf8');
  const config = join(folder, 'tocsin.yaml');
  // Elasticsearch of the tests speaks no TLS, nobody but this machine is to reach Tocsin, and nobody wants to wait.
  const here = given
    .replaceAll(/(?<=[\s[])\/(?=etc|run)/g, `${folder}/`)
    .replace('https://elasticsearch-es-http:9200', elasticsearchUrl)
    .replace('host: 0.0.0.0', 'host: 127.0.0.1, port: 0');
  await writeFile(config, `${here}\nreload_interval: 1s\n`);
  const apiKey = Buffer.from(
    dataOf(manifests, 'Secret', NAMESPACE, 'tocsin-elasticsearch')['api-key'] ?? '',
    'base64',
  ).toString();
  return { config, apiKey, sync: write, [Symbol.asyncDispose]: async () => undefined };
}
