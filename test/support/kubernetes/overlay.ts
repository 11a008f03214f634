import path from 'node:path';
import type { ControlPlane } from './control-plane.ts';
import { ECK, moduleFolder } from './go-module.ts';
import { ROOT, render } from './kustomize.ts';

/** Teaches a Kubernetes the kinds of ECK. */
export async function installEckKinds(plane: ControlPlane): Promise<void> {
  const file = path.join(await moduleFolder(ECK), 'config/crds/v1/all-crds.yaml');
  await plane.kubectl(['apply', '--server-side', '-f', file]);
  await plane.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
}

/** The YAML of an overlay, and that of its namespaces, which must be there before anything is tried in them. */
export async function overlayText(name: string): Promise<{ readonly all: string; readonly namespaces: string }> {
  const all = await render(path.join(ROOT, 'deploy/overlays', name));
  const documents = all.split('\n---\n');
  return { all, namespaces: documents.filter((text) => /^kind: Namespace$/m.test(text)).join('\n---\n') };
}

/** Applies YAML as the guide says; gives what kubectl said, warnings of the API server among it. */
export function apply(plane: ControlPlane, text: string, ...more: readonly string[]): Promise<string> {
  return plane.kubectl(['apply', '--server-side', ...more, '-f', '-'], text);
}
