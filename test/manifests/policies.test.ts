import { describe, expect, test } from 'vitest';
import { hasGo } from '../support/kubernetes/go-module.ts';
import { readGuide, secretsMadeByHand } from '../support/kubernetes/guide.ts';
import { manifestsOf, render } from '../support/kubernetes/kustomize.ts';
import type { Manifest } from '../support/kubernetes/manifest.ts';
import { overlayComplaints } from '../support/kubernetes/policies/all.ts';
import { amount } from '../support/kubernetes/policies/workload.ts';
import { loadSchemas, strict } from '../support/kubernetes/schemas.ts';

const text = await render('deploy/overlays/production');
const byHand = secretsMadeByHand(readGuide());

/** The overlay with one text in one of its objects replaced. */
function broken(kind: string, name: string, from: string | RegExp, to: string): readonly Manifest[] {
  const parts = text.split('\n---\n');
  const at = parts.findIndex(
    (part) => new RegExp(`^kind: ${kind}$`, 'm').test(part) && new RegExp(`^  name: ${name}`, 'm').test(part),
  );
  const before = parts[at] ?? '';
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${kind} ${name} does not say ${from}`);
  return manifestsOf(parts.with(at, after).join('\n---\n'));
}

describe('a mistake in an overlay is noticed:', () => {
  test.each([
    ['root', 'Deployment', 'tocsin', 'runAsNonRoot: true', 'runAsNonRoot: false', /may run as root/],
    ['no seccomp', 'Deployment', 'tocsin', 'type: RuntimeDefault', 'type: Unconfined', /seccompProfile/],
    ['a writable root', 'Deployment', 'tocsin', 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false', /may write/],
    ['capabilities', 'Job', 'tocsin-api-key', '- ALL', '- NET_RAW', /keeps capabilities/],
    [
      'privileges',
      'Deployment',
      'otel-collector',
      'allowPrivilegeEscalation: false',
      'allowPrivilegeEscalation: true',
      /gain privileges/,
    ],
    ['a request above its limit', 'Deployment', 'tocsin', 'memory: 192Mi', 'memory: 1Gi', /above its limit of 512Mi/],
    ['no limit', 'Deployment', 'kube-state-metrics', 'memory: 256Mi', 'cpu: 1', /no limit of memory/],
    ['no probe', 'Deployment', 'otel-collector', 'readinessProbe', 'lifecycle', /no readinessProbe/],
    ['a probe of no port', 'Deployment', 'otel-collector', /port: health\n/, 'port: helth\n', /probed at the port helth/],
    ['an image that moves', 'Deployment', 'otel-collector', ':0.139.0', ':latest', /expected a whole version/],
    ['an image of a minor version', 'Deployment', 'otel-collector', ':0.139.0', ':0.139', /expected a whole version/],
    ['an image without a version', 'Job', 'tocsin-api-key', '/tocsin:0.1.0', '/tocsin', /expected a whole version/],
    ['a request above its limit within ECK', 'Elasticsearch', 'elasticsearch', 'memory: 2Gi', 'memory: 1Gi', /above its limit/],
    ['a Service of nothing', 'Service', 'tocsin', /(selector:\n.*)tocsin/, '$1toscin', /selects no Pod/],
    ['a Service of no port', 'Service', 'tocsin', 'targetPort: http', 'targetPort: htpp', /no port htpp/],
    ['a budget of nothing', 'PodDisruptionBudget', 'apm-server', /(matchLabels:\n.*)apm-server/, '$1apm', /selects no Pod/],
    ['a policy of nothing', 'NetworkPolicy', 'kibana', /(matchLabels:\n.*)kibana$/m, '$1kibna', /selects no Pod/],
    ['a policy of no port', 'NetworkPolicy', 'otel-collector', 'port: otlp-grpc', 'port: otlp', /no port otlp/],
    ['a policy of another port of Kibana', 'NetworkPolicy', 'kibana', 'port: 5601', 'port: 5602', /no port 5602/],
    [
      'a ConfigMap that nobody makes',
      'Deployment',
      'tocsin',
      'name: tocsin-rules',
      'name: tocsin-rule',
      /nothing makes the ConfigMap/,
    ],
    [
      'a Secret that nobody makes',
      'Deployment',
      'tocsin',
      'secretName: tocsin-receivers',
      'secretName: receivers',
      /nothing makes the Secret/,
    ],
    ['a key that is not in a Secret', 'Deployment', 'otel-collector', 'key: secret-token', 'key: token', /has no key token/],
    [
      'a volume that is not there',
      'Deployment',
      'tocsin',
      /- mountPath: \/etc\/tocsin\n\s+name: config/,
      '- mountPath: /etc/tocsin\n          name: conf',
      /no volume conf/,
    ],
    [
      'a path within a volume',
      'Deployment',
      'tocsin',
      '- mountPath: /etc/tocsin\n',
      '- subPath: tocsin.yaml\n          mountPath: /etc/tocsin\n',
      /subPath/,
    ],
    [
      'an account that is not there',
      'Deployment',
      'tocsin',
      'serviceAccountName: tocsin',
      'serviceAccountName: toscin',
      /no ServiceAccount toscin/,
    ],
    [
      'a role that is not there',
      'RoleBinding',
      'tocsin-api-key',
      /(kind: Role\n\s+name: )tocsin-api-key/,
      '$1tocsin-key',
      /no Role/,
    ],
    [
      'an Elasticsearch that is not there',
      'Kibana',
      'kibana',
      /(elasticsearchRef:\n\s+name: )elasticsearch/,
      '$1elastic',
      /no Elasticsearch/,
    ],
    [
      'a Kibana of another namespace',
      'Agent',
      'elastic-agent',
      /(kibanaRef:\n.*\n\s+namespace: )observability/,
      '$1kibana',
      /no Kibana/,
    ],
    ['a policy that Kibana does not have', 'Agent', 'elastic-agent', 'policyID: nodes', 'policyID: node', /no agent policy node/],
    [
      'a namespace that nobody makes',
      'Deployment',
      'kube-state-metrics',
      'namespace: elastic-agent',
      'namespace: agents',
      /no Namespace agents/,
    ],
    ['an address that is no Service', 'Kibana', 'kibana', 'fleet-server-agent-http', 'fleet-agent-http', /is no Service/],
    ['a port that a Service does not have', 'Deployment', 'otel-collector', 'svc:8200', 'svc:8300', /has the ports 8200/],
    [
      'an address of the same namespace',
      'ConfigMap',
      'tocsin-config',
      'elasticsearch-es-http:9200',
      'elasticsearch:9200',
      /is no Service/,
    ],
  ] as const)('%s', (_name, kind, name, from, to, complaint) => {
    expect(overlayComplaints(broken(kind, name, from, to), byHand).join('\n')).toMatch(complaint);
  });

  test('a Secret whose making the guide does not describe', () => {
    expect(overlayComplaints(manifestsOf(text), new Map()).join('\n')).toMatch(/nothing makes the Secret tocsin-receivers/);
  });
});

describe.skipIf(!(await hasGo()))('the schemas refuse', async () => {
  const schemas = await loadSchemas();
  test.each([
    [
      'a key that a Deployment does not have',
      'Deployment',
      'tocsin',
      'replicas: 2',
      'replcas: 2',
      /must NOT have additional properties \(replcas\)/,
    ],
    ['a text where a number belongs', 'Deployment', 'tocsin', 'containerPort: 9095', 'containerPort: http', /must be integer/],
    ['a key that a Pod of ECK does not have', 'Agent', 'fleet-server', 'deployment:', 'deploymnt:', /\(deploymnt\)/],
    ['a key that ECK does not know', 'Elasticsearch', 'elasticsearch', 'nodeSets:', 'nodesets:', /\(nodesets\)/],
    ['a metadata key that is none', 'Kibana', 'kibana', 'metadata:\n', 'metadata:\n  lables: {}\n', /\(lables\)/],
    ['a kind that is none', 'Service', 'tocsin', 'kind: Service', 'kind: Servce', /no schema of v1 Servce/],
  ] as const)('%s', (_name, kind, name, from, to, complaint) => {
    const complaints = broken(kind, name, from, to).flatMap((manifest) => schemas.complaints(manifest));
    expect(complaints.join('\n')).toMatch(complaint);
  });
});

describe('an amount', () => {
  test.each([
    ['250m', 0.25],
    ['2', 2],
    [0.5, 0.5],
    ['64Mi', 64 * 2 ** 20],
    ['1G', 1e9],
    ['much', Number.NaN],
    ['1Xi', Number.NaN],
  ])('of %s is %d', (quantity, number) => expect(amount(quantity)).toBe(number));
});

test('a schema that leaves keys open stays open', () => {
  const open = { properties: { a: {} }, additionalProperties: true };
  expect(strict({ properties: { free: { 'x-kubernetes-preserve-unknown-fields': true, properties: {} }, open } })).toEqual({
    properties: { free: { 'x-kubernetes-preserve-unknown-fields': true, properties: {} }, open },
    additionalProperties: false,
  });
});
