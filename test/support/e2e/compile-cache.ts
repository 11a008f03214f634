import { fileURLToPath } from 'node:url';

/**
 * The environment in which processes of the built command line share the compiled form of their modules, so that each of them starts with less
 * work. Node 20 knows no such cache and ignores it.
 */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: fileURLToPath(new URL('../../../.cache/compiled', import.meta.url)) };
