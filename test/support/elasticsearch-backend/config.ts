import type { ElasticsearchConfig } from '../../../src/config/config.ts';
import { secret } from '../../../src/core/secret.ts';

/** The configuration that reaches the Elasticsearch of a test; the address may carry `user:password@`. */
export function testConfig(address: string, given: Partial<ElasticsearchConfig> = {}): ElasticsearchConfig {
  const url = new URL(address);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  return {
    urls: [url.toString().replace(/\/$/, '')],
    auth: username === '' ? { kind: 'none' } : { kind: 'basic', username, password: secret(password) },
    verifyCertificate: true,
    compression: false,
    requestTimeout: 30_000,
    ...given,
  };
}
