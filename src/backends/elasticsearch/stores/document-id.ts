import { hashId } from '../../../core/ids.ts';

/** Elasticsearch takes no `_id` of more bytes. */
const LONGEST_ID = 512;

/**
 * The `_id` of a namespace's document. The namespace is encoded, so that no two namespaces' documents can meet; a long id is
 * hashed.
 */
export function documentId(namespace: string, id: string): string {
  const prefix = `${encodeURIComponent(namespace)}:`;
  const full = prefix + id;
  return Buffer.byteLength(full) <= LONGEST_ID ? full : `${prefix.slice(0, 400)}#${hashId(namespace, id)}`;
}
