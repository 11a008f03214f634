import { join } from 'node:path';
import type { Manifest, Template } from './manifest.ts';
import type { MadeByHand } from './policies/references.ts';
import { writeVolume } from './volume.ts';

/** What the files of a Pod are made of: the objects of an overlay, and the texts of Secrets that others make. */
export interface Contents {
  readonly manifests: readonly Manifest[];
  readonly byHand: MadeByHand;
  /** The text of a key of a Secret that the overlay does not hold. */
  readonly secretText: (key: string) => string;
}

/** Writes the volumes of a Pod's first container below a folder, as the kubelet does: `/etc/x` becomes `FOLDER/etc/x`. */
export async function writePodFiles(folder: string, { owner, spec }: Template, contents: Contents): Promise<void> {
  const mounts = spec.containers[0]?.volumeMounts ?? [];
  for (const { name, mountPath } of mounts) {
    const volume = spec.volumes?.find((one) => one.name === name);
    const at = join(folder, mountPath);
    if (volume?.configMap) {
      const data = dataOf(contents.manifests, 'ConfigMap', owner.metadata.namespace, volume.configMap.name);
      await writeVolume(at, data);
    }
    if (volume?.secret) {
      const { secretName, items } = volume.secret;
      const known = contents.byHand.get(`${owner.metadata.namespace}/${secretName}`) ?? [];
      const wanted = items ?? known.map((key) => ({ key, path: key }));
      await writeVolume(at, Object.fromEntries(wanted.map(({ key, path }) => [path, contents.secretText(key)])), { mode: 0o440 });
    }
  }
}

/** The data of a ConfigMap; empty when there is none. */
export function dataOf(
  manifests: readonly Manifest[],
  kind: string,
  namespace: string | undefined,
  name: string,
): Readonly<Record<string, string>> {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace);
  return (found?.['data'] as Readonly<Record<string, string>> | undefined) ?? {};
}
