/** Where `package.json`, `rules/` and `dist/` are. This module is two folders below, as is the file in `dist/program/` that the build puts it into. */
export const PACKAGE_ROOT = new URL('../../', import.meta.url);
