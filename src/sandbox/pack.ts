import { gzipSync } from 'node:zlib';
import { type SandboxMaterial, sandboxText, type WhyNoSandbox } from './material.ts';

/** The material of a sandbox as it lies in a page: base64 of gzip, which has no sign that could end an element. */
export type PackedSandbox = { readonly ok: true; readonly packed: string } | { readonly ok: false; readonly why: WhyNoSandbox };

/** Packs the material of a rule; unpacked, that of many rules would fill the memory. */
export function packSandbox(material: SandboxMaterial): PackedSandbox {
  return material.ok ? { ok: true, packed: gzipSync(sandboxText(material.data)).toString('base64') } : material;
}
