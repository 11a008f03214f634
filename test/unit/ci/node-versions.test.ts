import { readFile } from 'node:fs/promises';
import { minVersion, satisfies } from 'semver';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly packages: Readonly<Record<string, { readonly engines?: { readonly node?: string } }>>;
}

const read = async (file: string) => JSON.parse(await readFile(file, 'utf8'));

describe('packages', () => {
  it('are the same for those who install Tocsin: npm reads overrides of the root alone', async () => {
    expect(await read('package.json')).not.toHaveProperty('overrides');
  });

  it('run on the oldest Node.js that Tocsin supports', async () => {
    const { engines }: { readonly engines: { readonly node: string } } = await read('package.json');
    const { packages }: Locked = await read('package-lock.json');
    const oldest = minVersion(engines.node)?.version ?? '';
    const newer = Object.entries(packages).filter(
      ([, { engines: needed }]) => needed?.node !== undefined && !satisfies(oldest, needed.node),
    );
    expect(oldest).toMatch(/^\d+\.\d+\.\d+$/);
    expect(newer.map(([path, { engines: needed }]) => `${path} needs Node.js ${needed?.node}`)).toEqual([]);
  });
});
