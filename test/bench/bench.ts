import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { es, type Requests } from '../support/elasticsearch/request.ts';
import { type BenchOptions, type Part, readOptions } from './options.ts';
import { compareWithElastalert } from './parts/elastalert.ts';
import { measureLoad } from './parts/load.ts';
import { measureGrowth } from './parts/memory.ts';
import { measureReplay } from './parts/replay.ts';
import type { Bench, Tables } from './parts/setting.ts';
import { measureKinds } from './parts/turn.ts';
import { refreshed } from './report/page.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/benchmarks.md');

/** Each part by its name. */
const MEASURE: Readonly<Record<Part, (bench: Bench) => Promise<Tables>>> = {
  turn: measureKinds,
  memory: measureGrowth,
  elastalert: compareWithElastalert,
  load: measureLoad,
  replay: measureReplay,
};

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(options: BenchOptions): Promise<void> {
  const given = process.env['ELASTICSEARCH_URL'];
  const node = given === undefined ? await startElasticsearch({ heap: '1g' }) : undefined;
  const url = given ?? node?.url ?? '';
  const client = es(url);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const prefix = `bench-${Date.now()}-`;
  const hadState = await hasState(client);
  try {
    if (options.parts.some((part) => part === 'elastalert' || part === 'load' || part === 'replay')) await build();
    for (const part of options.parts) {
      const began = performance.now();
      say(`\n== ${part}`);
      const tables = await MEASURE[part]({ url, client, prefix, folder: join(folder, part), options, say });
      for (const table of Object.values(tables)) say(`\n${table}`);
      say(`\n(${part}: ${((performance.now() - began) / 1_000).toFixed(0)} s)`);
      if (options.write) await write(tables);
    }
  } finally {
    await client.removeIndices(prefix).catch(() => undefined);
    // The state of a Tocsin that lives on this cluster must stay.
    if (!hadState) await client.removeIndices('tocsin-').catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    await node?.stop();
  }
}

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/build/build.ts'], { cwd: ROOT });
}

async function hasState(client: Requests): Promise<boolean> {
  const found = await client.json<object>('GET', '/tocsin-*/_settings?filter_path=*.settings.index.uuid');
  return Object.keys(found).length > 0;
}

async function write(tables: Tables): Promise<void> {
  let page = await readFile(PAGE, 'utf8');
  for (const [name, table] of Object.entries(tables)) page = refreshed(page, name, table);
  await writeFile(PAGE, page);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
