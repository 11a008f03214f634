import type { ElasticsearchConfig } from '../../../src/config/config.ts';
import { secret } from '../../../src/core/secret.ts';

/** The configuration of a connection to a test server; `user:password@` in its URL becomes basic authentication. */
export function connection(url: string): ElasticsearchConfig {
  const { username, password, origin } = new URL(url);
  return {
    urls: [origin],
    auth: username === '' ? { kind: 'none' } : { kind: 'basic', username, password: secret(decodeURIComponent(password)) },
    verifyCertificate: true,
    compression: false,
    requestTimeout: 30_000,
  };
}
