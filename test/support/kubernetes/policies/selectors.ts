import { called, type Labels, type Manifest, type Template, templates } from '../manifest.ts';

/** The ports of Pods that ECK makes, by kind; a policy may speak of them by number. */
const ECK_PORTS: Readonly<Record<string, readonly number[]>> = {
  Elasticsearch: [9200, 9300],
  Kibana: [5601],
  ApmServer: [8200],
  Agent: [8220],
};

/** The label by which ECK marks the Pods of a resource. */
const ECK_LABELS: Readonly<Record<string, string>> = {
  Elasticsearch: 'elasticsearch.k8s.elastic.co/cluster-name',
  Kibana: 'kibana.k8s.elastic.co/name',
  ApmServer: 'apm.k8s.elastic.co/name',
  Agent: 'agent.k8s.elastic.co/name',
};

/** A set of Pods that a selector may meet. */
interface Pods {
  readonly namespace: string;
  readonly labels: Labels;
  /** Ports by name and by number. */
  readonly ports: readonly (string | number)[];
}

interface Selector {
  readonly matchLabels?: Labels;
}

/** Services, budgets and policies that select no Pod, or speak of a port that the Pods do not have. */
export function selectorComplaints(manifests: readonly Manifest[]): readonly string[] {
  const pods = [...templates(manifests).map(podsOf), ...eckPods(manifests)];
  return manifests.flatMap((manifest) => complaintsOf(manifest, pods).map((text) => `${called(manifest)}: ${text}`));
}

function podsOf({ owner, labels, spec }: Template): Pods {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return {
    namespace: owner.metadata.namespace ?? '',
    labels,
    ports: ports.flatMap(({ name, containerPort }) => (name === undefined ? [containerPort] : [name, containerPort])),
  };
}

function eckPods(manifests: readonly Manifest[]): readonly Pods[] {
  return manifests.flatMap(({ kind, metadata }) => {
    const label = ECK_LABELS[kind];
    if (label === undefined) return [];
    return [{ namespace: metadata.namespace ?? '', labels: { [label]: metadata.name }, ports: ECK_PORTS[kind] ?? [] }];
  });
}

function complaintsOf(manifest: Manifest, pods: readonly Pods[]): readonly string[] {
  const near = pods.filter(({ namespace }) => namespace === (manifest.metadata.namespace ?? ''));
  const spec = manifest['spec'] as Readonly<Record<string, unknown>> | undefined;
  switch (manifest.kind) {
    case 'Service': {
      const selected = near.filter(({ labels }) => fits({ matchLabels: spec?.['selector'] as Labels }, labels));
      const ports = (spec?.['ports'] as readonly { readonly port: number; readonly targetPort?: string | number }[]) ?? [];
      return [
        ...missed(selected, 'it selects no Pod'),
        ...unknownPorts(
          ports.map(({ port, targetPort }) => targetPort ?? port),
          selected,
        ),
      ];
    }
    case 'PodDisruptionBudget':
      return missed(
        near.filter(({ labels }) => fits(spec?.['selector'] as Selector, labels)),
        'it selects no Pod',
      );
    case 'NetworkPolicy': {
      const selected = near.filter(({ labels }) => fits(spec?.['podSelector'] as Selector, labels));
      const inward = rulesOf(spec?.['ingress']).flatMap(({ ports }) => portsOf(ports));
      const peers = [
        ...rulesOf(spec?.['ingress']).flatMap((rule) => rule.from ?? []),
        ...rulesOf(spec?.['egress']).flatMap((rule) => rule.to ?? []),
      ];
      return [
        ...missed(selected, 'it selects no Pod'),
        ...unknownPorts(inward, selected),
        ...peers.flatMap((peer) => peerComplaints(peer, near, pods)),
      ];
    }
    default:
      return [];
  }
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: string | number }[];
}
interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
}

const rulesOf = (rules: unknown): readonly Rule[] => (rules as readonly Rule[] | undefined) ?? [];
const portsOf = (ports: Rule['ports']) => (ports ?? []).flatMap(({ port }) => port ?? []);

function peerComplaints(
  { podSelector, namespaceSelector }: Peer,
  near: readonly Pods[],
  all: readonly Pods[],
): readonly string[] {
  if (podSelector === undefined) return [];
  const reached = namespaceSelector === undefined ? near : all.filter(({ namespace }) => isIn(namespace, namespaceSelector));
  const found = reached.filter(({ labels }) => fits(podSelector, labels));
  return missed(found, `no Pod bears ${JSON.stringify(podSelector.matchLabels ?? {})}, with which it speaks`);
}

function isIn(namespace: string, selector: Selector): boolean {
  const wanted = selector.matchLabels?.['kubernetes.io/metadata.name'];
  return wanted === undefined || wanted === namespace;
}

function fits(selector: Selector | undefined, labels: Labels): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
}

function missed(selected: readonly Pods[], text: string): readonly string[] {
  return selected.length === 0 ? [text] : [];
}

function unknownPorts(wanted: readonly (string | number)[], selected: readonly Pods[]): readonly string[] {
  if (selected.length === 0) return [];
  return wanted
    .filter((port) => !selected.some(({ ports }) => ports.includes(port)))
    .map((port) => `its Pods have no port ${port}`);
}
