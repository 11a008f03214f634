/**
 * The address of Elasticsearch within a cloud id: `NAME:` and base64 of `HOST[:PORT]$ELASTICSEARCH$KIBANA`, where the second part may
 * have its own port. Undefined if it is invalid.
 */
export function readCloudId(id: string): string | undefined {
  const encoded = id.slice(id.lastIndexOf(':') + 1);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const [domain = '', cluster = ''] = Buffer.from(encoded, 'base64').toString('utf8').split('$');
  const [, host = '', hostPort] = /^([a-z0-9.-]+?)(?::(\d{1,5}))?$/i.exec(domain) ?? [];
  const [, name = '', ownPort] = /^([a-z0-9-]+)(?::(\d{1,5}))?$/i.exec(cluster) ?? [];
  const url = `https://${name}.${host}:${ownPort ?? hostPort ?? 443}`;
  return host === '' || name === '' || !URL.canParse(url) ? undefined : url;
}
