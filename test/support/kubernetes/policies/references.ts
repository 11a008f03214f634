import { called, eckTemplates, isEck, type Manifest, type Template, templates } from '../manifest.ts';

/** Secrets that a person makes as the guide says, by `namespace/name`, with their keys. */
export type MadeByHand = ReadonlyMap<string, readonly string[]>;

/** Names that lead nowhere: ConfigMaps, Secrets and their keys, service accounts, roles, ECK's resources, namespaces, policies of agents. */
export function referenceComplaints(manifests: readonly Manifest[], byHand: MadeByHand): readonly string[] {
  const world = worldOf(manifests, byHand);
  return [
    ...[...templates(manifests), ...eckTemplates(manifests)].flatMap((template) => podComplaints(template, world)),
    ...manifests.flatMap((manifest) => objectComplaints(manifest, world).map((text) => `${called(manifest)}: ${text}`)),
  ];
}

interface World {
  /** Keys of each Secret and ConfigMap, by `kind namespace/name`. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly objects: ReadonlySet<string>;
  readonly agentPolicies: readonly string[];
}

const BUILT_IN = ['kube-system', 'kube-public', 'default'];

function worldOf(manifests: readonly Manifest[], byHand: MadeByHand): World {
  const keys = new Map<string, readonly string[]>();
  const add = (place: string, more: readonly string[]) => keys.set(place, [...(keys.get(place) ?? []), ...more]);
  for (const manifest of manifests) {
    const { kind, metadata } = manifest;
    const at = `${metadata.namespace ?? ''}/${metadata.name}`;
    if (kind === 'ConfigMap' || kind === 'Secret')
      add(`${kind} ${at}`, Object.keys((manifest['data'] as object | undefined) ?? {}));
    for (const [name, made] of Object.entries(secretsOfEck(manifest))) add(`Secret ${metadata.namespace}/${name}`, made);
    // The Job writes what it is notified to write.
    if (kind === 'Job' && metadata.name === 'tocsin-api-key')
      add(`Secret ${metadata.namespace}/tocsin-elasticsearch`, ['api-key']);
  }
  for (const [place, made] of byHand) add(`Secret ${place}`, made);
  const config = manifests
    .filter(({ kind }) => kind === 'Kibana')
    .map(({ spec }) => (spec as { readonly config?: Settings }).config ?? {});
  return {
    keys,
    objects: new Set(manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)),
    agentPolicies: config.flatMap((one) => (one['xpack.fleet.agentPolicies'] ?? []).map(({ id }) => id)),
  };
}

interface Settings {
  readonly 'xpack.fleet.agentPolicies'?: readonly { readonly id: string }[];
}

/** The Secrets that ECK makes of a resource, with their keys; `npm run test:deploy` sees it make them. */
export function secretsOfEck({ kind, metadata: { name } }: Manifest): Readonly<Record<string, readonly string[]>> {
  const certificates = ['ca.crt', 'tls.crt'];
  switch (kind) {
    case 'Elasticsearch':
      return { [`${name}-es-elastic-user`]: ['elastic'], [`${name}-es-http-certs-public`]: certificates };
    case 'Kibana':
      return { [`${name}-kb-http-certs-public`]: certificates };
    case 'ApmServer':
      return { [`${name}-apm-token`]: ['secret-token'], [`${name}-apm-http-certs-public`]: certificates };
    default:
      return {};
  }
}

function podComplaints({ owner, spec }: Template, { keys, objects }: World): readonly string[] {
  const namespace = owner.metadata.namespace ?? '';
  const wants: [kind: string, name: string, keys: readonly string[], optional: boolean | undefined][] = [];
  for (const { secret, configMap } of spec.volumes ?? []) {
    if (secret) wants.push(['Secret', secret.secretName, (secret.items ?? []).map(({ key }) => key), secret.optional]);
    if (configMap) wants.push(['ConfigMap', configMap.name, (configMap.items ?? []).map(({ key }) => key), configMap.optional]);
  }
  for (const { env = [], envFrom = [] } of spec.containers) {
    for (const { valueFrom } of env) {
      const [secret, map] = [valueFrom?.secretKeyRef, valueFrom?.configMapKeyRef];
      if (secret) wants.push(['Secret', secret.name, [secret.key], secret.optional]);
      if (map) wants.push(['ConfigMap', map.name, [map.key], map.optional]);
    }
    for (const { secretRef, configMapRef } of envFrom) {
      if (secretRef) wants.push(['Secret', secretRef.name, [], secretRef.optional]);
      if (configMapRef) wants.push(['ConfigMap', configMapRef.name, [], configMapRef.optional]);
    }
  }
  const complaints = wants.flatMap(([kind, name, wanted, optional]) => {
    const has = keys.get(`${kind} ${namespace}/${name}`);
    if (has === undefined)
      return optional === true ? [] : [`nothing makes the ${kind} ${name}, and the guide does not say how to`];
    return wanted.filter((key) => !has.includes(key)).map((key) => `the ${kind} ${name} has no key ${key}`);
  });
  const account = spec.serviceAccountName;
  if (account !== undefined && !objects.has(`ServiceAccount ${namespace}/${account}`))
    complaints.push(`there is no ServiceAccount ${account}`);
  const mounted = spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  if (!isEck(owner))
    complaints.push(...mounted.filter(({ name }) => !volumes.includes(name)).map(({ name }) => `there is no volume ${name}`));
  complaints.push(
    ...mounted
      .filter(({ subPath }) => subPath !== undefined)
      .map(({ name }) => `${name} has a subPath: changes would not reach the Pod`),
  );
  return complaints.map((text) => `${called(owner)}: ${text}`);
}

const REFERENCES = { elasticsearchRef: 'Elasticsearch', kibanaRef: 'Kibana', fleetServerRef: 'Agent' } as const;

function objectComplaints(manifest: Manifest, { objects, agentPolicies }: World): readonly string[] {
  const namespace = manifest.metadata.namespace;
  const complaints: string[] = [];
  const need = (kind: string, at: string | undefined, name: string) => {
    if (!objects.has(`${kind} ${at ?? ''}/${name}`))
      complaints.push(`there is no ${kind} ${at === undefined ? '' : `${at}/`}${name}`);
  };
  if (namespace !== undefined && !BUILT_IN.includes(namespace)) need('Namespace', undefined, namespace);
  if (isEck(manifest)) {
    const spec = manifest['spec'] as Readonly<Record<string, unknown>>;
    type Ref = { readonly name: string; readonly namespace?: string };
    for (const [key, kind] of Object.entries(REFERENCES)) {
      const ref = spec[key] as Ref | undefined;
      if (ref) need(kind, ref.namespace ?? namespace, ref.name);
    }
    for (const ref of (spec['elasticsearchRefs'] ?? []) as readonly Ref[])
      need('Elasticsearch', ref.namespace ?? namespace, ref.name);
    const policy = spec['policyID'] as string | undefined;
    if (policy !== undefined && !agentPolicies.includes(policy)) complaints.push(`Kibana has no agent policy ${policy}`);
  }
  if (manifest.kind === 'RoleBinding' || manifest.kind === 'ClusterRoleBinding') {
    const role = manifest['roleRef'] as { readonly kind: string; readonly name: string };
    need(role.kind, role.kind === 'Role' ? namespace : undefined, role.name);
    for (const subject of manifest['subjects'] as readonly {
      readonly kind: string;
      readonly name: string;
      readonly namespace?: string;
    }[]) {
      need(subject.kind, subject.namespace, subject.name);
    }
  }
  return complaints;
}
