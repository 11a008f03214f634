import { tmpdir } from 'node:os';
import { run } from '../elasticsearch/command.ts';
import { progress } from './cache.ts';

/** A module of Go at one version, and the checksum by which it is known. */
export interface GoModule {
  readonly path: string;
  readonly version: string;
  readonly sum: string;
}

/** Where Kubernetes' own schemas are: the API server of the deployment tests is built from the same module. */
export const KUBERNETES: GoModule = {
  path: 'k8s.io/kubernetes',
  version: 'v1.34.4',
  sum: 'h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=',
};

/** Where the definitions of ECK's resources are, and its operator. */
export const ECK: GoModule = {
  path: 'github.com/elastic/cloud-on-k8s/v3',
  version: 'v3.5.0',
  sum: 'h1:sR4oj+gNnwI9hgsKhBwjUlx+5F2T/kND40hrzaogtek=',
};

/** Where the schema of Compose files is. */
export const COMPOSE: GoModule = {
  path: 'github.com/compose-spec/compose-go/v2',
  version: 'v2.10.0',
  sum: 'h1:K2C5LQ3KXvkYpy5N/SG6kIYB90iiAirA9btoTh/gB0Y=',
};

/** Whether Go is there; when it is not, what needs it is left out, and says so. */
export async function hasGo(): Promise<boolean> {
  const found = await run('go', ['version']).then(
    () => true,
    () => false,
  );
  if (!found) {
    progress(
      'Go is missing: manifests are not held against the schemas of Kubernetes and ECK. Install Go 1.24 or newer to have it done.',
    );
  }
  return found;
}

/** The folder of a module in Go's own cache, downloaded when it is not there. */
export async function moduleFolder({ path, version, sum }: GoModule): Promise<string> {
  // Outside any module, so that nothing else is resolved.
  const answer = await run('go', ['mod', 'download', '-json', `${path}@${version}`], { cwd: tmpdir() });
  const { Dir, Sum } = JSON.parse(answer) as { readonly Dir: string; readonly Sum: string };
  if (Sum !== sum) throw new Error(`${path} ${version} is not the module that is known: expected ${sum}, got ${Sum}`);
  return Dir;
}
