import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { setup as build } from '../support/e2e/build-setup.ts';
import { startElasticsearch } from '../support/elasticsearch/node.ts';
import { planAll, playAll } from './pool.ts';
import { thisMachine } from './report/machine.ts';
import { pageOf, type Results } from './report/page.ts';
import { seedsOf } from './report/tables.ts';
import { lineOf, whyBroken } from './report/words.ts';
import { scenarios } from './scenarios/registry.ts';
import type { Played } from './stage/play.ts';

const PAGE = new URL('../../docs/reliability.md', import.meta.url);

const USAGE = `npm run test:faults [-- OPTIONS]

  --scenario NAME   only this one; may be given several times
  --seed 1-6,9      these seeds instead of each scenario's own
  --fast            only what npm test plays
  --at-once N       plays side by side (4)
  --json FILE       write everything that was seen to FILE
  --report          write docs/reliability.md out of this run
  --from FILE       do not play: take what an earlier run wrote with --json; may be given several times
  --log             print the replicas' logs of what is broken, all that was kept
  --list            say which scenarios there are
`;

const options = {
  scenario: { type: 'string', multiple: true },
  seed: { type: 'string' },
  fast: { type: 'boolean', default: false },
  'at-once': { type: 'string', default: '4' },
  json: { type: 'string' },
  report: { type: 'boolean', default: false },
  from: { type: 'string', multiple: true },
  log: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Plays the fault scenarios; exit code 1 when a promise was broken. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) return say(USAGE);
  if (values.list) return say(scenarios.map(({ name, title }) => `${name.padEnd(20)} ${title}\n`).join(''));
  const unknown = values.scenario?.find((name) => !scenarios.some((one) => one.name === name));
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}: --list names them`);
  const chosen = scenarios.filter(({ name }) => values.scenario?.includes(name) ?? true);
  const given = values.seed === undefined ? undefined : seedsOf(values.seed);
  const planned = planAll(chosen, ({ seeds, fast }) => given ?? firstSeeds(values.fast ? fast : seeds));
  const before = await Promise.all((values.from ?? []).map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Results));
  if (before.length > 0) {
    await writeFile(PAGE, pageOf(scenarios, before));
    return say(`docs/reliability.md is written\n`);
  }
  await build();
  await using node = process.env['ELASTICSEARCH_URL'] ? undefined : await startElasticsearch();
  const url = process.env['ELASTICSEARCH_URL'] || node?.url || '';
  const began = performance.now();
  const atOnce = Number(values['at-once']);
  const soFar: Played[] = [];
  const keep = async () => {
    const machine = await thisMachine(url, atOnce, Math.round((performance.now() - began) / 1_000));
    // After each play: a run that is broken off has seen something all the same.
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, played: soFar })}\n`);
    return machine;
  };
  const played = await playAll(planned, {
    url,
    atOnce,
    ended: (one, left) => {
      soFar.push({ ...one, log: [] });
      void keep();
      say(`${lineOf(one)}; ${left} left\n`);
      if (one.broken.length > 0) say(`${whyBroken(values.log ? one : { ...one, log: one.log.slice(-15) })}\n`);
    },
  });
  const machine = await keep();
  if (values.report) await writeFile(PAGE, pageOf(scenarios, [{ machine, played }]));
  const broken = played.filter((one) => one.broken.length > 0).length;
  say(`${played.length} plays in ${Math.round((performance.now() - began) / 1_000)} s, ${broken} broken\n`);
  return broken === 0 ? 0 : 1;
}

function firstSeeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(2));

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  return 2;
});
