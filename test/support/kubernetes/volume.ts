import { mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a ConfigMap's or Secret's files as the kubelet does: into a new hidden folder, to which the link `..data` is moved in one
 * step; what people see are links through `..data`. Called again, it replaces the files; `atSwap` is called while links of files that
 * are gone still stand.
 */
export async function writeVolume(
  folder: string,
  files: Readonly<Record<string, string>>,
  { mode = 0o644, atSwap }: { readonly mode?: number; readonly atSwap?: () => Promise<void> } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const data = path.join(folder, '..data');
  const before = await readlink(data).catch(() => undefined);
  const name = `..2026_01_01_00_00_00.${Math.random().toString().slice(2, 12)}`;
  await mkdir(path.join(folder, name));
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, name, file), text, { mode });
  await symlink(name, `${data}_tmp`);
  await rename(`${data}_tmp`, data);
  await atSwap?.();
  const shown = (await readdir(folder)).filter((entry) => !entry.startsWith('..'));
  for (const file of Object.keys(files)) {
    if (!shown.includes(file)) await symlink(path.join('..data', file), path.join(folder, file));
  }
  for (const file of shown) if (!(file in files)) await rm(path.join(folder, file));
  if (before !== undefined) await rm(path.join(folder, before), { recursive: true });
}
