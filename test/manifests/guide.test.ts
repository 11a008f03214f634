import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadRules } from '../../src/rules/load-rules.ts';
import { readGuide, secretsMadeByHand } from '../support/kubernetes/guide.ts';
import { manifestsOf, ROOT, render } from '../support/kubernetes/kustomize.ts';
import { dataOf } from '../support/kubernetes/pod-files.ts';

const guide = readGuide();
const blocks = [...guide.matchAll(/^```(yaml \w+)\n(.*?)^```$/gms)].map(([, info = '', text = '']) => ({ info, text }));
const kustomizations = blocks.filter(({ info }) => info === 'yaml kustomization').map(({ text }) => text);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-guide-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the guide', () => {
  test('shows kustomizations', () => expect(kustomizations.length).toBeGreaterThan(0));

  test.each(kustomizations)('shows one that builds, with the rule that it shows beside it', async (text) => {
    const rules = blocks.filter(({ info }) => info === 'yaml rule');
    const files = (parse(text) as { configMapGenerator: { files: string[] }[] }).configMapGenerator.flatMap((one) => one.files);
    const shown = new Map(rules.map((rule) => [/^# rules\/(\S+)/.exec(rule.text)?.[1] ?? '', rule.text]));
    for (const file of files) await writeFile(join(folder, file), shown.get(file) ?? '');
    await writeFile(join(folder, 'kustomization.yaml'), text.replaceAll('../../', `${relative(folder, ROOT)}/`));
    const manifests = manifestsOf(await render(folder));
    const dataIn = (name: string) => dataOf(manifests, 'ConfigMap', 'alerting', name);
    for (const file of files) expect(dataIn('tocsin-rules')[file]).toBe(shown.get(file));
    // The packs have ConfigMaps of their own: that of the overlay, and that of the example.
    expect(dataIn('tocsin-rules-tocsin')).toHaveProperty(['too-many-messages.yaml']);
    expect(dataIn('tocsin-rules-hosts')).toHaveProperty(['host-silent.yaml']);
    expect(dataIn('tocsin-rules-hosts')).toHaveProperty(['defaults.yaml']);
  });

  test('makes the Secrets of the overlays by commands that name their keys', () => {
    const made = secretsMadeByHand(guide);
    expect([...made.keys()].sort()).toEqual([
      'alerting/tocsin-elasticsearch',
      'alerting/tocsin-receivers',
      'observability/otel-collector-elasticsearch',
      'observability/tocsin-receivers',
    ]);
    for (const keys of made.values()) expect(keys.length).toBeGreaterThan(0);
  });

  test('and the page for beginners give the API key the rights of one file', async () => {
    const file = JSON.parse(await readFile(join(ROOT, 'deploy/tocsin/api-key/api-key.json'), 'utf8')) as Rights;
    const page = await readFile(join(ROOT, 'docs/getting-started.md'), 'utf8');
    const [, shown = ''] = /```json\nPOST \/_security\/api_key\n(.*?)```/s.exec(page) ?? [];
    expect(JSON.parse(shown)).toEqual(file);
    const { cluster, indices } = file.role_descriptors.tocsin;
    for (const { names, privileges } of [{ names: ['the cluster'], privileges: cluster }, ...indices]) {
      const list = (words: readonly string[]) => words.map((word) => (word === 'the cluster' ? word : `\`${word}\``)).join(', ');
      expect(guide).toMatch(new RegExp(`^\\| ${list(privileges)} \\| ${list(names)}`.replaceAll('*', '\\*'), 'm'));
    }
  });

  test('gives the API key every index that the rules ask', async () => {
    const { role_descriptors } = JSON.parse(await readFile(join(ROOT, 'deploy/tocsin/api-key/api-key.json'), 'utf8')) as Rights;
    const readable = role_descriptors.tocsin.indices.flatMap(({ names }) => names.map((name) => name.replace(/\*$/, '')));
    const { rules } = await loadRules([join(ROOT, 'rules')]);
    const asked = new Set(rules.flatMap(({ source }) => source.indices));
    expect(asked.size).toBeGreaterThan(3);
    expect([...asked].filter((index) => !readable.some((start) => index.startsWith(start)))).toEqual([]);
  });

  test('names folders that are there', async () => {
    const named = [...guide.matchAll(/deploy\/(overlays|stack)\/([a-z-]+)/g)].map(([, kind, name]) => [kind, name] as const);
    const there = { overlays: await readdir(join(ROOT, 'deploy/overlays')), stack: await readdir(join(ROOT, 'deploy/stack')) };
    expect(named.length).toBeGreaterThan(5);
    for (const [kind, name] of named) expect(there[kind as keyof typeof there]).toContain(name);
  });
});

interface Rights {
  readonly role_descriptors: {
    readonly tocsin: {
      readonly cluster: readonly string[];
      readonly indices: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
    };
  };
}
