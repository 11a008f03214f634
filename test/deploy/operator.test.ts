import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../support/kubernetes/control-plane.ts';
import type { Manifest, PodSpec } from '../support/kubernetes/manifest.ts';
import { apply, installEckKinds, overlayText } from '../support/kubernetes/overlay.ts';
import { secretsOfEck } from '../support/kubernetes/policies/references.ts';
import { program } from '../support/kubernetes/program.ts';
import { until } from '../support/kubernetes/until.ts';

let plane: ControlPlane;
beforeAll(async () => {
  await program('elastic-operator');
  plane = await startControlPlane();
  await installEckKinds(plane);
  await plane.kubectl(['create', 'namespace', 'elastic-system']);
  const flags = [
    '--metrics-host=127.0.0.1',
    '--metrics-port=0',
    '--disable-telemetry',
    '--enable-webhook=false',
    '--disable-config-watch',
  ];
  await plane.start('elastic-operator', [
    'manager',
    ...flags,
    '--operator-namespace=elastic-system',
    '--enable-leader-election=false',
  ]);
});
afterAll(() => plane[Symbol.asyncDispose]());

const why = () => plane.log('elastic-operator');

/** An object that ECK makes, as soon as it is there. */
const made = (kind: string, name: string, namespace = 'observability') =>
  until(
    `${kind} ${namespace}/${name}`,
    async () => (await plane.list<Manifest>(kind, namespace)).find(({ metadata }) => metadata.name === name),
    { why },
  );

const podOf = ({ spec }: Manifest) => (spec as { readonly template: { readonly spec: PodSpec } }).template.spec;

describe('ECK’s operator', () => {
  test('makes single-node into workloads, Services and Secrets', async () => {
    const { all } = await overlayText('single-node');
    await apply(plane, all);
    const elasticsearch = await made('statefulset', 'elasticsearch-es-default');
    expect(elasticsearch['spec']).toMatchObject({ replicas: 1 });
    expect(podOf(elasticsearch).containers.find(({ name }) => name === 'elasticsearch')).toMatchObject({
      image: 'docker.elastic.co/elasticsearch/elasticsearch:9.5.3',
      resources: { limits: { memory: '2Gi' } },
    });
    expect((await made('deployment', 'kibana-kb'))['spec']).toMatchObject({ replicas: 1 });
    expect((await made('deployment', 'apm-server-apm-server'))['spec']).toMatchObject({ replicas: 1 });
    for (const service of ['elasticsearch-es-http', 'kibana-kb-http', 'apm-server-apm-http', 'fleet-server-agent-http']) {
      await made('service', service);
    }
  });

  test('makes every Secret that Pods of the overlay mount, with its keys', async () => {
    const custom = (await Promise.all(['elasticsearch', 'kibana', 'apmserver'].map((kind) => plane.list<Manifest>(kind)))).flat();
    const expected = custom.flatMap((manifest) => Object.entries(secretsOfEck(manifest)));
    expect(expected.length).toBeGreaterThan(4);
    for (const [name, keys] of expected) {
      const { data } = await made('secret', name);
      expect(Object.keys(data as object)).toEqual(expect.arrayContaining([...keys]));
    }
  });

  test('gives Kibana the policies of the agents', async () => {
    const { data } = await made('secret', 'kibana-kb-config');
    const text = Buffer.from((data as Readonly<Record<string, string>>)['kibana.yml'] ?? '', 'base64').toString();
    expect(text).toMatch(/id: fleet-server/);
    expect(text).toMatch(/id: nodes/);
    expect(text).toContain('https://fleet-server-agent-http.observability.svc:8220');
  });

  test('makes production into three masters and three data nodes, apart from each other', async () => {
    const { all } = await overlayText('production');
    // As the guide says of upgrades: the Job has another image.
    await plane.kubectl(['delete', 'job', 'tocsin-api-key', '-n', 'observability', '--ignore-not-found']);
    await apply(plane, all, '--force-conflicts');
    for (const nodes of ['masters', 'data']) {
      const set = await made('statefulset', `elasticsearch-es-${nodes}`);
      expect(set['spec']).toMatchObject({ replicas: 3 });
      expect(JSON.stringify(podOf(set))).toContain('requiredDuringSchedulingIgnoredDuringExecution');
    }
    await made('poddisruptionbudget', 'elasticsearch-es-default');
  });

  test('runs Pods that the namespaces admit', async () => {
    await until(
      'Pods of Elasticsearch, Kibana and APM Server',
      async () => {
        const pods = await plane.list<Manifest>('pods', 'observability');
        const types = new Set(pods.map(({ metadata }) => metadata.labels?.['common.k8s.elastic.co/type']));
        return ['elasticsearch', 'kibana', 'apm-server'].every((type) => types.has(type)) || undefined;
      },
      { why },
    );
    const refused = (await plane.list<Manifest>('events')).filter(({ reason }) => reason === 'FailedCreate');
    expect(refused.map(({ message }) => message)).toEqual([]);
  });
});
