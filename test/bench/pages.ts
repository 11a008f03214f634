import { cpuUsage, memoryUsage } from 'node:process';
import { bundleLivePages } from '../../scripts/page/bundle.ts';
import { alertsReport } from '../../src/engine/alert-list/read-alerts.ts';
import { MINUTE, NOON } from '../support/engine/world.ts';
import { SHOWN_AT, type ShownService, shownService } from '../support/server/shown-service.ts';

/**
 * Measures the pages with 10,000 rules and 5,000 firing alerts, and with 200 open pages that follow events while an alert changes every second.
 * Run it with `npx tsx test/bench/pages.ts`.
 */
const RULES = 10_000;
const GROUPS = 1_000;
const CROWDED = 5;
const OPEN_PAGES = 200;
const SECONDS = 30;
const TIMES = 20;

const shop = await crowd();
const url = await shop.server.listen('127.0.0.1', 0);
const began = performance.now();
const { alerts } = await alertsReport(shop.world.backend, {
  ...{ namespace: 'default', all: false, now: SHOWN_AT, rules: [...shop.engine.rules.values()] },
});
print(
  `${shop.engine.rules.size} rules, ${alerts.length} alerts, read in ${Math.round(performance.now() - began)} ms (kept for ten seconds by a service)`,
);
const first = alerts.find(({ rule }) => rule === 'crowded-0')?.id ?? '';
const paths = [
  '/',
  '/alerts',
  '/alerts?q=group%3D~%22g1.*%22&page=2',
  `/alerts/${first}`,
  '/rules',
  '/rules?q=quiet-77',
  '/rules/crowded-0',
  '/silences',
  '/notifications',
  '/noise',
  '/receivers',
];
for (const path of paths) await measure(path);
await measure('/api/v1/alerts?limit=500');
await followed();
await shop.server.close();
process.exit(0);

/** A shop with many rules, five of which fire for a thousand groups each. */
async function crowd(): Promise<ShownService> {
  const rule = (name: string, index: string) =>
    `name: ${name}\ntype: frequency\nindex: ${index}\ngroup_by: [group]\ndelay: 0s\nmax_groups: ${GROUPS}\nevery: 60m\nwindow: 60m\ncondition: count >= 1\nlabels: { severity: warning, team: team-${name.length % 7} }\n`;
  const names = Array.from({ length: RULES }, (_, place) =>
    place < CROWDED ? rule(`crowded-${place}`, 'crowded-*') : rule(`quiet-${place}`, 'quiet-*'),
  );
  const texts = Array.from({ length: RULES / 100 }, (_, place) => names.slice(place * 100, place * 100 + 100).join('---\n'));
  const documents = Array.from({ length: GROUPS }, (_, place) => ({
    '@timestamp': new Date(SHOWN_AT - 10 * MINUTE).toISOString(),
    group: `g${place}`,
  }));
  return shownService({
    program: await bundleLivePages(),
    rules: texts,
    documents: {
      'crowded-a': documents,
      'quiet-a': [{ '@timestamp': new Date(NOON - 900 * MINUTE).toISOString(), group: 'none' }],
    },
    keepsAlerts: true,
  });
}

async function measure(path: string): Promise<void> {
  const took: number[] = [];
  let size = 0;
  for (let i = 0; i < TIMES; i++) {
    const start = performance.now();
    const answer = await fetch(url + path);
    size = (await answer.text()).length;
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const at = (part: number) => took[Math.floor(part * (TIMES - 1))]?.toFixed(1);
  print(`${path}: median ${at(0.5)} ms, worst ${at(1)} ms, ${Math.round(size / 1_024)} KiB`);
}

/** Open pages as browsers have them: each follows events, and fetches itself again at most every ten seconds. */
async function followed(): Promise<void> {
  const stop = new AbortController();
  let fetched = 0;
  const open = async () => {
    const answer = await fetch(`${url}/api/v1/events`, { signal: stop.signal });
    let due = 0;
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      if (!chunk.includes('event:') || performance.now() < due) continue;
      due = performance.now() + 10_000;
      setTimeout(
        async () => {
          if (stop.signal.aborted) return;
          // A connection that the server closes as idle at the same moment is opened again, as browsers do.
          const again = () => fetch(`${url}/alerts`).then((answer) => answer.text());
          await again().catch(again);
          fetched++;
        },
        500 + Math.random() * 2_500,
      );
    }
  };
  const pages = Array.from({ length: OPEN_PAGES }, () => open().catch(() => undefined));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const before = cpuUsage();
  for (let second = 0; second < SECONDS; second++) {
    shop.events.silence({ silence: `s${second}`, done: 'saved', by: 'bench' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const { user, system } = cpuUsage(before);
  const memory = Math.round(memoryUsage().rss / 1_048_576);
  print(
    `${OPEN_PAGES} open pages and their clients in one process, ${SECONDS} s: ${(((user + system) / 1e6 / SECONDS) * 100).toFixed(0)} % of a core, ${fetched} pages fetched again, ${memory} MiB resident`,
  );
  stop.abort();
  await Promise.all(pages);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
