import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { loadRules } from '../../src/rules/load-rules.ts';
import { COMPOSE, hasGo, moduleFolder } from '../support/kubernetes/go-module.ts';
import { ROOT } from '../support/kubernetes/kustomize.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
}

const file = join(ROOT, 'deploy/compose.yaml');
const compose = parse(await readFile(file, 'utf8'), { merge: true }) as { readonly services: Readonly<Record<string, Service>> };
const services = Object.entries(compose.services);
const withGo = await hasGo();

/** What is wrong with a Compose file by the schema of its specification. */
async function schemaErrors(value: unknown): Promise<readonly string[]> {
  const schema = JSON.parse(await readFile(join(await moduleFolder(COMPOSE), 'schema/compose-spec.json'), 'utf8')) as object;
  const { $schema: _dialect, ...rest } = schema as { readonly $schema?: string };
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(rest);
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('the Compose file', () => {
  test.skipIf(!withGo)('is what the specification allows', async () => {
    expect(await schemaErrors(compose)).toEqual([]);
    expect(await schemaErrors({ services: { a: { imag: 'x' } } })).not.toEqual([]);
  });

  test.each(services)('%s has a whole version, paths that exist and dependencies that are there', (_name, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    const mounted = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '').filter((path) => path.startsWith('.'));
    for (const path of mounted) expect(existsSync(resolve(dirname(file), path)), path).toBe(true);
    if (service.build !== undefined)
      expect(existsSync(resolve(dirname(file), service.build, 'Dockerfile')), service.build).toBe(true);
    const needs = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
    for (const need of needs) expect(Object.keys(compose.services)).toContain(need);
  });

  test.each(services)('%s is reached from this machine alone', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('names services that are there in the environment of others', () => {
    const addresses = services.flatMap(([name, { environment = {} }]) =>
      Object.values(environment).flatMap((value) =>
        [...String(value).matchAll(/(?:^|\/\/)([a-z][a-z-]+):\d+/g)].map(([, host]) => [name, host]),
      ),
    );
    expect(addresses.length).toBeGreaterThan(2);
    for (const [, host] of addresses) expect(Object.keys(compose.services)).toContain(host);
  });

  test('has a tocsin.yaml that loads, and rules that do: of the packs whose data the laptop has', async () => {
    const loaded = await loadConfig(join(ROOT, 'deploy/compose/tocsin.yaml'), {});
    expect(loaded.problems.map(formatProblem)).toEqual([]);
    if (!loaded.ok) return;
    const mounted = '/etc/tocsin-rules';
    expect(compose.services['tocsin']?.volumes).toContainEqual(`../rules:${mounted}:ro`);
    const { rules, problems } = await loadRules(loaded.value.rules.map((path) => path.replace(mounted, join(ROOT, 'rules'))));
    expect(problems.map(formatProblem)).toEqual([]);
    const asked = rules.filter(({ source }) => !source.ignoreMissingIndex).flatMap(({ source }) => source.indices);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((index) => /kubernetes|system/.test(index) && !/container_logs/.test(index))).toEqual([]);
  });

  test('takes processors of the Collector that its configuration has', async () => {
    const all = parse(await readFile(join(ROOT, 'deploy/stack/otel-collector/config.yaml'), 'utf8')) as Collector;
    const laptop = parse(await readFile(join(ROOT, 'deploy/compose/otel-collector.yaml'), 'utf8')) as Collector;
    expect(Object.keys(laptop.service.pipelines)).toEqual(Object.keys(all.service.pipelines));
    for (const { processors } of Object.values(laptop.service.pipelines)) {
      expect(Object.keys(all.processors)).toEqual(expect.arrayContaining([...processors]));
    }
  });
});

interface Collector {
  readonly processors: object;
  readonly service: { readonly pipelines: Readonly<Record<string, { readonly processors: readonly string[] }>> };
}
