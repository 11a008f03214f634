import { createContext, runInContext } from 'node:vm';
import { bundlePage } from '../../../scripts/page/bundle.ts';
import type { editedYaml } from '../../../src/page/edited-yaml.ts';
import type { unpackSandbox } from '../../../src/page/unpack.ts';
import type { SandboxData } from '../../../src/sandbox/material.ts';
import { packSandbox } from '../../../src/sandbox/pack.ts';
import type { openSandbox, Sandbox } from '../../../src/sandbox/play-edited.ts';

/** What `src/page/main.ts` exports. */
interface PageProgram {
  readonly openSandbox: typeof openSandbox;
  readonly unpackSandbox: typeof unpackSandbox;
  readonly editedYaml: typeof editedYaml;
}

/** What the bundle of a page finds in a browser, and nothing of Node.js. */
const BROWSER = {
  ...{ setTimeout, clearTimeout, performance, AbortController, AbortSignal, TextEncoder, TextDecoder, DOMException },
  ...{ atob, Blob, Response, DecompressionStream, URL },
};

let program: Promise<PageProgram> | undefined;

/** The program of pages as it is bundled for browsers, run without a document. */
export function pageProgram(): Promise<PageProgram> {
  program ??= bundlePage().then((text) => {
    const context = createContext({ ...BROWSER });
    runInContext(text, context);
    return runInContext('tocsinPage', context);
  });
  return program;
}

/** Opens a sandbox as a page does: what it works with has been packed and unpacked. */
export async function openPacked(data: SandboxData): Promise<Sandbox> {
  const { openSandbox, unpackSandbox } = await pageProgram();
  const packed = packSandbox({ ok: true, data });
  if (!packed.ok) throw new Error(packed.why);
  return openSandbox(await unpackSandbox(packed.packed));
}
