import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../support/kubernetes/kustomize.ts';

const read = (file: string) => readFile(join(ROOT, file), 'utf8');

/** What a Dockerfile copies from its context. */
function copiedFrom(dockerfile: string): readonly string[] {
  return dockerfile
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));
}

describe('the image of Tocsin', async () => {
  const dockerfile = await read('Dockerfile');
  const allowed = (await read('.dockerignore')).split('\n').filter((line) => line.startsWith('!'));

  test.each(copiedFrom(dockerfile))('finds %s in its context', (path) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(allowed).toContain(`!${path.replace(/^\.\//, '')}`);
  });

  test('is of the version of the package, and of the Node.js that the deployment expects', async () => {
    const { version } = JSON.parse(await read('package.json')) as { readonly version: string };
    expect(/^ARG VERSION=(.*)$/m.exec(dockerfile)?.[1]).toBe(version);
    expect(await read('deploy/tocsin/deployment.yaml')).toContain(`image: tocsin:${version}`);
    expect(await read('deploy/compose.yaml')).toContain(`image: tocsin:${version}`);
    // The Job's script is TypeScript, which Node.js runs as it is since 23.6.
    expect([...dockerfile.matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => Number(major))).toEqual([24, 24]);
  });

  test('runs as a user that Kubernetes sees is not root, in the folder where its commands find tocsin.yaml', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last).toMatch(/^WORKDIR \/etc\/tocsin$/m);
    expect(last).not.toMatch(/^RUN npm/m);
  });
});
