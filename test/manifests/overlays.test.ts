import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/core/problems.ts';
import { loadRules } from '../../src/rules/load-rules.ts';
import { TEST_CERTIFICATE } from '../support/certificate.ts';
import { ECK, hasGo } from '../support/kubernetes/go-module.ts';
import { needsOfPieces, readGuide, secretsMadeByHand } from '../support/kubernetes/guide.ts';
import { build, manifestsOf, ROOT, render } from '../support/kubernetes/kustomize.ts';
import { type Manifest, templates } from '../support/kubernetes/manifest.ts';
import { dataOf, writePodFiles } from '../support/kubernetes/pod-files.ts';
import { overlayComplaints } from '../support/kubernetes/policies/all.ts';
import { loadSchemas } from '../support/kubernetes/schemas.ts';

const OVERLAYS = join(ROOT, 'deploy/overlays');
const overlays = await readdir(OVERLAYS);
const guide = readGuide();
const byHand = secretsMadeByHand(guide);
const withGo = await hasGo();
/** A pack of rules that an overlay offers in a comment. */
const OPTIONAL_PACK = /^ {2}# - \S*\/rules\/([\w-]+) *#.*$/gm;
const isTocsin = ({ kind, metadata }: Manifest) => kind === 'Deployment' && metadata.name === 'tocsin';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-overlays-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** An overlay as someone changed it: the same files from another folder. */
async function changed(overlay: string, name: string, change: (text: string) => string): Promise<readonly Manifest[]> {
  const to = await mkdtemp(join(folder, `${name}-`));
  const from = join(OVERLAYS, overlay);
  for (const file of await readdir(from)) {
    const text = await readFile(join(from, file), 'utf8');
    const moved = text.replaceAll('../../', `${relative(to, join(ROOT, 'deploy'))}/`);
    await writeFile(join(to, file), file === 'kustomization.yaml' ? change(moved) : text);
  }
  return manifestsOf(await render(to));
}

describe.each(overlays)('the overlay %s', (overlay) => {
  test('is whole: nothing in it leads nowhere, or asks for more than it should', async () => {
    expect(overlayComplaints(await build(`deploy/overlays/${overlay}`), byHand)).toEqual([]);
  });

  test.skipIf(!withGo)('is what Kubernetes and ECK understand, with no key that they do not know', async () => {
    const schemas = await loadSchemas();
    expect((await build(`deploy/overlays/${overlay}`)).flatMap((manifest) => schemas.complaints(manifest))).toEqual([]);
  });

  test('has a tocsin.yaml and rules that load in its Pod, where every file that they name is mounted', async () => {
    const manifests = await build(`deploy/overlays/${overlay}`);
    const [pod] = templates(manifests.filter(isTocsin));
    if (pod === undefined) throw new Error('there is no Tocsin in it');
    const root = join(folder, overlay);
    const secretText = (key: string) => (key === 'ca.crt' ? TEST_CERTIFICATE : 'https://hooks.example.com/0123456789');
    await writePodFiles(root, pod, { manifests, byHand, secretText });
    const args = (pod.spec.containers[0] as { readonly args?: readonly string[] }).args ?? [];
    const file = join(root, args[args.indexOf('--config') + 1] ?? '');
    const text = await readFile(file, 'utf8');
    const inside = join(file, '../inside.yaml');
    await writeFile(inside, text.replaceAll(/(?<=[\s[])\/(?=etc|run)/g, `${root}/`));
    const checked = await loadConfig(inside, {});
    expect(checked.problems.map(formatProblem)).toEqual([]);
    if (!checked.ok) return;
    const receivers = Object.keys(checked.value.routing.destinations);
    const { rules, problems } = await loadRules(checked.value.rules, { receivers });
    expect(problems.map(formatProblem)).toEqual([]);
    expect(rules.length).toBeGreaterThan(0);
    expect(checked.value.server.host).toBe('0.0.0.0');
  });
});

describe('packs of rules', async () => {
  const entries = await readdir(join(ROOT, 'rules'), { withFileTypes: true });
  const packs = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const inPack = async (pack: string) =>
    (await readdir(join(ROOT, 'rules', pack))).filter((name) => /(?<!\.test)\.yaml$/.test(name)).sort();
  /** What an overlay deploys of all packs, as `PACK/FILE`. */
  const deployed = (manifests: readonly Manifest[], namespace?: string) =>
    Object.fromEntries(
      packs.flatMap((pack) =>
        Object.entries(dataOf(manifests, 'ConfigMap', namespace, `tocsin-rules-${pack}`)).map(([file, text]) => [
          `${pack}/${file}`,
          text,
        ]),
      ),
    );
  const filesOf = async (pack: string) => (await inPack(pack)).map((file) => `${pack}/${file}`);

  test.each(packs)('%s deploys its rules as they are in its folder, and no rule test', async (pack) => {
    const to = await mkdtemp(join(folder, `pack-${pack}-`));
    const path = (name: string) => relative(to, join(ROOT, name));
    const text = stringify({ resources: [path('deploy/tocsin')], components: [path(`rules/${pack}`)] });
    await writeFile(join(to, 'kustomization.yaml'), text);
    const data = deployed(manifestsOf(await render(to)));
    expect(Object.keys(data).sort()).toEqual(await filesOf(pack));
    for (const [name, rule] of Object.entries(data)) expect(rule).toBe(await readFile(join(ROOT, 'rules', name), 'utf8'));
  });

  test('are described with their data in rules/README.md, and no rule is outside of one', async () => {
    const readme = await readFile(join(ROOT, 'rules/README.md'), 'utf8');
    expect([...readme.matchAll(/^\| \[`([\w-]+)`\]\(([\w-]+)\/?\) \|/gm)].map(([, pack]) => pack).sort()).toEqual(packs);
    expect(entries.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['README.md']);
  });

  test('have a ConfigMap and a folder of their own in the Pod each, so that its defaults hold for no other', async () => {
    const manifests = await build('deploy/overlays/tocsin-only');
    const [pod] = templates(manifests.filter(isTocsin));
    const mounts = new Map((pod?.spec.containers[0]?.volumeMounts ?? []).map(({ name, mountPath }) => [name, mountPath]));
    const volumes = new Map((pod?.spec.volumes ?? []).map(({ name, configMap }) => [name, configMap?.name]));
    for (const pack of packs) {
      expect(volumes.get(`rules-${pack}`)).toBe(`tocsin-rules-${pack}`);
      expect(mounts.get(`rules-${pack}`)).toBe(`/etc/tocsin-rules/${pack}`);
    }
  });

  test('leave room for silences: a ConfigMap that overlays merge into, mounted where tocsin.yaml says', async () => {
    const manifests = await build('deploy/overlays/tocsin-only');
    const [pod] = templates(manifests.filter(isTocsin));
    const mount = (pod?.spec.containers[0]?.volumeMounts ?? []).find(({ name }) => name === 'silences');
    const volume = (pod?.spec.volumes ?? []).find(({ name }) => name === 'silences');
    expect(volume?.configMap?.name).toBe('tocsin-silences');
    const config = dataOf(manifests, 'ConfigMap', 'alerting', 'tocsin-config')['tocsin.yaml'] ?? '';
    expect((parse(config) as { silences: string[] }).silences).toEqual([mount?.mountPath]);
  });

  test('name each rule once: all of them may be taken together', async () => {
    const { rules, problems } = await loadRules([join(ROOT, 'rules')]);
    expect(problems.map(formatProblem)).toEqual([]);
    expect(rules.length).toBeGreaterThan(packs.length);
  });

  test('tocsin-only deploys only rules that need no data but those of Tocsin', async () => {
    const rules = Object.values(deployed(await build('deploy/overlays/tocsin-only'), 'alerting'));
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect((parse(rule) as { index: string }).index).toMatch(/^tocsin-/);
  });

  const commented = [...(await readFile(join(OVERLAYS, 'tocsin-only/kustomization.yaml'), 'utf8')).matchAll(OPTIONAL_PACK)];

  test('tocsin-only offers every pack, but the one about the example service', () => {
    expect(['tocsin', ...commented.map(([, pack]) => pack)].sort()).toEqual(packs.filter((pack) => pack !== 'stub'));
  });

  test.each(commented.map(([, pack = '']) => pack))('tocsin-only takes %s when one line is uncommented', async (pack) => {
    const manifests = await changed('tocsin-only', `with-${pack}`, (text) =>
      text.replaceAll(OPTIONAL_PACK, (line, name) => (name === pack ? line.replace('# ', '') : line)),
    );
    const expected = [...(await filesOf('tocsin')), ...(await filesOf(pack))];
    expect(Object.keys(deployed(manifests, 'alerting')).sort()).toEqual(expected.sort());
    expect(overlayComplaints(manifests, byHand)).toEqual([]);
  });
});

test('what Tocsin reloads keeps its name, and what only a start reads does not', async () => {
  const names = (await build('deploy/overlays/single-node'))
    .filter(({ kind }) => kind === 'ConfigMap')
    .map(({ metadata }) => metadata.name);
  expect(names).toEqual(
    expect.arrayContaining([
      'tocsin-config',
      'tocsin-rules',
      'tocsin-silences',
      expect.stringMatching(/^otel-collector-[a-z0-9]{10}$/),
    ]),
  );
});

const REMOTE = ['deploy/stack/operator'];

describe('each kustomization below deploy/', async () => {
  const files = (await readdir(join(ROOT, 'deploy'), { recursive: true })).filter((file) => file.endsWith('kustomization.yaml'));
  const kinds = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(ROOT, 'deploy', file), 'utf8');
      return { folder: join('deploy', dirname(file)), kind: String((parse(text) as Manifest).kind) };
    }),
  );
  const whole = kinds
    .filter(({ folder, kind }) => kind === 'Kustomization' && !REMOTE.includes(folder))
    .map(({ folder }) => folder);

  test.each(whole)('builds: %s', async (folder) => expect((await build(folder)).length).toBeGreaterThan(0));

  test.each(REMOTE)('that fetches is of the version that is tested: %s', async (folder) => {
    const text = await readFile(join(ROOT, folder, 'kustomization.yaml'), 'utf8');
    expect(new Set([...text.matchAll(/eck\/([\d.]+)\//g)].map(([, version]) => `v${version}`))).toEqual(new Set([ECK.version]));
    expect(guide).toContain(`ECK ${ECK.version.slice(1, 4)}`);
  });
});

describe('the version of the Elastic Stack', () => {
  const versionsOf = (manifests: readonly Manifest[]) =>
    new Set(
      manifests
        .filter(({ apiVersion }) => apiVersion.includes('elastic.co'))
        .map(({ spec }) => (spec as { readonly version: string }).version),
    );

  test.each(['8', '9'])('is that of versions/%s for all of its parts', async (major) => {
    const manifests = await changed('single-node', `v${major}`, (text) => text.replace('versions/9', `versions/${major}`));
    expect([...versionsOf(manifests)]).toEqual([expect.stringMatching(new RegExp(`^${major}\\.\\d+\\.\\d+$`))]);
    expect(overlayComplaints(manifests, byHand)).toEqual([]);
  });
});

test('the Collector can do without APM Server', async () => {
  const manifests = await changed('single-node', 'without-apm', (text) => {
    const all = parse(text) as { resources: string[]; components: string[] };
    const [version = ''] = all.components;
    const component = version.replace('versions/9', 'otel-collector/to-elasticsearch');
    const resources = all.resources.filter((path) => !path.endsWith('/apm-server'));
    return stringify({ ...all, resources, components: [...all.components, component] });
  });
  expect(overlayComplaints(manifests, byHand)).toEqual([]);
  expect(JSON.stringify(manifests)).not.toContain('apm-server-apm-token');
});

describe('each piece of single-node can be left out, with those that need it:', () => {
  const needs = needsOfPieces(guide);
  const pieces = [...needs.keys()];

  test('the guide lists them all', async () => {
    const { resources } = parse(await readFile(join(OVERLAYS, 'single-node/kustomization.yaml'), 'utf8')) as {
      resources: string[];
    };
    expect(
      resources
        .map((path) => path.replace('../../stack/', ''))
        .filter((piece) => piece !== 'namespaces')
        .sort(),
    ).toEqual([...pieces].sort());
  });

  test.each(pieces)('%s', async (piece) => {
    const gone = new Set([piece]);
    for (let size = 0; size < gone.size; ) {
      size = gone.size;
      for (const [other, its] of needs) if (its.some((need) => gone.has(need))) gone.add(other);
    }
    const manifests = await changed('single-node', piece, (text) => without(text, gone));
    // Kibana keeps the address of Fleet Server for the day when there is one.
    const meant = (complaint: string) => gone.has('fleet-server') && /^Kibana \S+ fleet-server/.test(complaint);
    expect(overlayComplaints(manifests, byHand).filter((complaint) => !meant(complaint))).toEqual([]);
  });
});

/** A kustomization without some pieces, and without what it says of Tocsin and of mail when those are gone. */
function without(text: string, gone: ReadonlySet<string>): string {
  const all = parse(text) as { resources: string[]; components: string[]; [key: string]: unknown };
  const resources = all.resources.filter((path) => ![...gone].some((piece) => path.endsWith(`/${piece}`)));
  const { configMapGenerator, secretGenerator, patches, ...rest } = all;
  if (!gone.has('tocsin')) return stringify({ ...rest, resources, configMapGenerator, secretGenerator, patches });
  return stringify({ ...rest, resources, components: all.components.filter((path) => !path.includes('/rules/')) });
}
