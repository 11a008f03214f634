import { type SandboxData, sandboxOf } from '../sandbox/material.ts';

/** Reads the data of a sandbox out of a page: base64 of gzip of its JSON. */
export async function unpackSandbox(packed: string): Promise<SandboxData> {
  const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return sandboxOf(await new Response(plain).text());
}
