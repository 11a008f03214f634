import { called, type Manifest } from '../manifest.ts';

/** A name within the cluster, with its port when it is given. */
const ADDRESS = /(?<![\w.-])([a-z][a-z0-9-]*)\.([a-z][a-z0-9-]*)\.svc(?:\.cluster\.local)?(?::(\d+))?/g;
/** A Service of the same namespace, as URLs and mail servers are written. */
const NEAR = /(?:https?:\/\/|smarthost: "?)([a-z][a-z0-9-]*):(\d+)/g;

/** Addresses within the cluster, in any text of any object, that no Service has. */
export function addressComplaints(manifests: readonly Manifest[]): readonly string[] {
  const services = servicesOf(manifests);
  return manifests.flatMap((manifest) => {
    const text = JSON.stringify(manifest, withoutComments);
    const found = [
      ...[...text.matchAll(ADDRESS)].map(([whole, name, namespace, port]) => ({ whole, at: `${namespace}/${name}`, port })),
      ...[...text.replaceAll('\\"', '"').matchAll(NEAR)]
        .filter(([, name]) => name !== 'localhost')
        .map(([whole, name, port]) => ({ whole, at: `${manifest.metadata.namespace ?? ''}/${name}`, port })),
    ];
    return found.flatMap(({ whole, at, port }) => {
      const ports = services.get(at);
      if (ports === undefined) return [`${called(manifest)}: ${whole} is no Service`];
      return port === undefined || ports.includes(Number(port))
        ? []
        : [`${called(manifest)}: ${whole}: the Service has the ports ${ports.join(', ')}`];
    });
  });
}

/** What a comment of a configuration file mentions is an example. */
function withoutComments(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/^\s*#.*$/gm, '') : value;
}

function servicesOf(manifests: readonly Manifest[]): ReadonlyMap<string, readonly number[]> {
  const services = new Map<string, readonly number[]>([['default/kubernetes', [443]]]);
  for (const manifest of manifests) {
    const { kind, metadata } = manifest;
    const at = `${metadata.namespace ?? ''}/${metadata.name}`;
    if (kind === 'Service') {
      services.set(
        at,
        (manifest['spec'] as { readonly ports: readonly { readonly port: number }[] }).ports.map(({ port }) => port),
      );
    }
    if (kind === 'Elasticsearch') services.set(`${at}-es-http`, [9200]);
    if (kind === 'Kibana') services.set(`${at}-kb-http`, [5601]);
    if (kind === 'ApmServer') services.set(`${at}-apm-http`, [8200]);
    if (kind === 'Agent' && (manifest['spec'] as { readonly fleetServerEnabled?: boolean }).fleetServerEnabled)
      services.set(`${at}-agent-http`, [8220]);
  }
  return services;
}
