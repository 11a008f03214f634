import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../../../scripts/docs/generated-files.ts';
import { mappingOf } from '../../../src/backends/elasticsearch/stores/mappings.ts';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { quietStatus } from '../../support/server/quiet-status.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const textOf = (name: string) => readFileSync(join(ROOT, name), 'utf8');

const STATUS = quietStatus();

describe('generated files', () => {
  it.each(generatedFiles())('%s is fresh', (name, text) => {
    expect(textOf(name), 'run: npm run docs').toBe(text);
  });
});

describe('the Grafana dashboard', () => {
  const { panels } = JSON.parse(textOf('deploy/dashboards/grafana.json')) as {
    panels: { title: string; gridPos: { x: number; y: number; w: number; h: number }; targets?: { expr: string }[] }[];
  };
  const asked = panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:tocsin|process|nodejs)_\w+/g) ?? []),
  );

  it('asks only for metrics that there are, and shows all of them that are Tocsin’s own', async () => {
    const text = await createMetrics(() => STATUS).text();
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
    const names = asked.map((name) =>
      types.get(name.replace(/_bucket$/, '')) === 'histogram' ? name.replace(/_bucket$/, '') : name,
    );
    expect(
      names.filter((name) => !types.has(name)),
      'src/server/metrics.ts has no such metric',
    ).toEqual([]);
    const own = [...types.keys()].filter((name) => name.startsWith('tocsin_'));
    expect(
      own.filter((name) => !names.includes(name)),
      'add a query to scripts/dashboards/grafana.ts',
    ).toEqual([]);
  });

  it('has no panels over each other', () => {
    const over = panels.flatMap((one, place) =>
      panels.slice(place + 1).flatMap((other) => {
        const [a, b] = [one.gridPos, other.gridPos];
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        return apart ? [] : [`${one.title} and ${other.title}`];
      }),
    );
    expect(over).toEqual([]);
  });
});

describe('the saved objects for Kibana', () => {
  interface Saved {
    readonly id: string;
    readonly type: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly references: readonly { readonly type: string; readonly id: string }[];
  }
  const objects = textOf('deploy/dashboards/kibana.ndjson')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Saved);

  /** Names of the fields that a mapping has. */
  const fieldsOf = (properties: JsonObject, before = ''): readonly string[] =>
    Object.entries(properties).flatMap(([name, field]) => {
      const inner = isObject(field) ? field['properties'] : undefined;
      return isObject(inner) ? fieldsOf(inner as JsonObject, `${before}${name}.`) : [`${before}${name}`];
    });
  const mapped = fieldsOf(mappingOf('runs')['properties'] as JsonObject);

  it('refer to each other', () => {
    const known = objects.map(({ type, id }) => `${type} ${id}`);
    expect(new Set(known).size).toBe(known.length);
    expect(
      objects
        .flatMap(({ references }) => references.map(({ type, id }) => `${type} ${id}`))
        .filter((one) => !known.includes(one)),
    ).toEqual([]);
  });

  it('name only fields of the stored mappings, and indices that there are', () => {
    const used = objects.flatMap(({ attributes }) => {
      const columns = attributes['columns'];
      const sources = [...JSON.stringify(attributes).matchAll(/"sourceField":"([^"]+)"/g)].map(([, name = '']) => name);
      const queries = [...JSON.stringify(attributes).matchAll(/\\?"query\\?":\\?"([\w.]+): /g)].map(([, name = '']) => name);
      return [...(Array.isArray(columns) ? (columns as string[]) : []), ...sources, ...queries];
    });
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter((name) => name !== '___records___' && !mapped.includes(name))).toEqual([]);
    const titles = objects.filter(({ type }) => type === 'index-pattern').map(({ attributes }) => attributes['title']);
    expect(titles).toEqual(['tocsin-alerts', 'tocsin-notifications', 'tocsin-runs-*']);
  });
});
