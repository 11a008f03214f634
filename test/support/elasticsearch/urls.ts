import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    elasticsearchUrl: string;
  }
}

/** The address of the Elasticsearch that this test run shares; it may carry `user:password@` when ELASTICSEARCH_URL does. */
export function elasticsearchUrl(): string {
  return inject('elasticsearchUrl');
}

/** Makes the beginning of index names that no other test file uses, such as `t4f09a1c2-`. */
export function uniquePrefix(): string {
  return `t${randomBytes(4).toString('hex')}-`;
}
