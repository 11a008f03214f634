import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The part of `node:crypto` that ids are made with. A browser's own digests are promises, and an engine step waits for nothing. */
export function createHash(name: 'sha256') {
  if (name !== 'sha256') throw new Error(`no hash ${name} in a page`);
  const hash = sha256.create();
  return {
    update(text: string) {
      hash.update(utf8ToBytes(text));
      return this;
    },
    digest: () => bytesToHex(hash.digest()),
  };
}
