import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedBackend } from '../../backends/embedded/backend.ts';
import { loadConfig } from '../../config/load.ts';
import { TocsinError } from '../../core/errors.ts';
import { formatProblem } from '../../core/problems.ts';
import { nextTick } from '../../core/schedule.ts';
import { type Clock, deadline, type Instant, iso } from '../../core/time.ts';
import { checkpoint } from '../../cycle/cycle.ts';
import { assemble } from '../../engine/assemble.ts';
import { judgeable, turn } from '../../engine/turn.ts';
import type { TurnPorts } from '../../engine/turn-ports.ts';
import { paletteOf } from '../../reports/look.ts';
import { loadRules } from '../../rules/load-rules.ts';
import { destinationsOf } from '../../service/destinations.ts';
import { type CommandLine, type ExitCode, lookOf } from '../command-line.ts';
import { acceleratedClock } from './accelerated-clock.ts';
import { DEMO_CONFIG } from './demo-config.ts';
import { startMailServer } from './mail-server.ts';
import { type Arrived, demoPage } from './page.ts';
import { startSlackServer } from './slack-server.ts';
import { storyLines } from './story.ts';
import { telemetry } from './telemetry.ts';

/** What the demo command takes. */
export interface DemoOptions {
  /** Folder for mails, messages and the page; made anew. */
  readonly output: string;
  /** Virtual seconds a real second. */
  readonly speed: number;
  readonly color: boolean;
}

/** How long the shop is watched, and how much of its past there is before, ms of virtual time. */
const LENGTH = 34 * 60_000;
const HISTORY = 20 * 60_000;
const DAY = 86_400_000;
/** Real time between two looks at the clock, ms. */
const BEAT = 200;

/**
 * Runs the engine for real over a shop in memory, faster than time: live telemetry, an incident, the example rules, a real SMTP server and a
 * real HTTP server. Leaves what people got in a folder.
 */
export async function runDemo(line: CommandLine, options: DemoOptions): Promise<ExitCode> {
  const folder = resolve(line.folder, options.output);
  const inbox = await openInbox(folder);
  const mail = await startMailServer((got) => inbox.take({ kind: 'mail', mail: got }));
  const slack = await startSlackServer((message) => inbox.take({ kind: 'slack', message }));
  try {
    const start = Math.floor((line.clock.now() - LENGTH) / 60_000) * 60_000;
    const clock = acceleratedClock(start, options.speed, line.clock);
    const env = { ...line.env, DEMO_SLACK_URL: slack.url, DEMO_SMTP: `127.0.0.1:${mail.port}` };
    const { ports, documents } = await assembleDemo(folder, clock, env);
    const story = await play(line, options, ports, documents, clock, start, () => inbox.at(clock.now(), start));
    await writeFile(join(folder, 'index.html'), demoPage(inbox.arrived, story));
    return farewell(line, options, folder, inbox.arrived);
  } finally {
    await Promise.all([mail.close(), slack.close()]);
  }
}

interface Inbox {
  readonly arrived: Arrived[];
  /** Sets the time that arrivals bear from now on. */
  at(now: Instant, start: Instant): void;
  take(
    one: Pick<Arrived & { kind: 'mail' }, 'kind' | 'mail'> | Pick<Arrived & { kind: 'slack' }, 'kind' | 'message'>,
  ): Promise<void>;
}

async function openInbox(folder: string): Promise<Inbox> {
  await rm(join(folder, 'mails'), { recursive: true, force: true });
  await rm(join(folder, 'slack'), { recursive: true, force: true });
  await mkdir(join(folder, 'mails'), { recursive: true });
  await mkdir(join(folder, 'slack'), { recursive: true });
  const arrived: Arrived[] = [];
  let at = '';
  const number = (kind: Arrived['kind']) => String(arrived.filter((one) => one.kind === kind).length + 1).padStart(2, '0');
  return {
    arrived,
    at: (now) => {
      at = iso(now).slice(11, 19);
    },
    take: async (one) => {
      if (one.kind === 'mail') {
        const file = `mails/${number('mail')}.eml`;
        arrived.push({ ...one, at, file });
        await writeFile(join(folder, file), one.mail.source);
      } else {
        const file = `slack/${number('slack')}.json`;
        arrived.push({ ...one, at, file });
        await writeFile(join(folder, file), `${JSON.stringify(one.message, null, 2)}\n`);
      }
    },
  };
}

async function assembleDemo(folder: string, clock: Clock, env: CommandLine['env']) {
  const configFile = join(folder, 'tocsin.yaml');
  await writeFile(configFile, DEMO_CONFIG);
  const config = await loadConfig(configFile, env);
  if (!config.ok) throw new TocsinError('demo/config', config.problems.map(formatProblem).join('; '));
  const loaded = await loadRules([fileURLToPath(new URL('../../../rules', import.meta.url))]);
  const { problems } = loaded;
  // ES|QL is not spoken in memory.
  const rules = loaded.rules.filter(({ type }) => type !== 'esql');
  const broken = problems.find((problem) => problem.severity === 'error');
  if (broken !== undefined || rules.length === 0)
    throw new TocsinError('demo/rules', broken === undefined ? 'no example rules found' : formatProblem(broken));
  const backend = embeddedBackend();
  const { namespace, routing, meta, kibana, traceLogs, delivery } = config.value;
  const ports = assemble({
    namespace,
    backend,
    rules,
    troubles: [],
    routing,
    destination: destinationsOf(config.value),
    meta,
    kibana,
    traceLogs,
    io: { fetch, print: () => undefined },
    clock,
    deadline,
    newToken: () => crypto.randomUUID(),
    delivery,
  });
  return { ports, documents: backend.documents };
}

/** Plays the shop's time: documents arrive, and every beat is a turn. Gives the timeline as text. */
async function play(
  line: CommandLine,
  options: DemoOptions,
  ports: TurnPorts,
  documents: ReturnType<typeof embeddedBackend>['documents'],
  clock: Clock,
  start: Instant,
  beat: () => void,
): Promise<string> {
  const look = lookOf(line.stdout, line.env, options.color);
  const story: string[] = [];
  line.stdout.write(greeting(ports.rules.size, options, paletteOf(look)));
  // Yesterday's traffic at this hour is what the spike rule compares with.
  documents.add(telemetry({ from: start - DAY - HISTORY, to: start - DAY + LENGTH }, start));
  let written = start - HISTORY;
  let looked = start;
  while (clock.now() < start + LENGTH && !line.signal.aborted) {
    const now = Math.min(clock.now(), start + LENGTH);
    documents.add(telemetry({ from: written, to: now }, start));
    written = now;
    beat();
    // A rule is due when a tick came since the last beat: one that fails is asked again at its next, not five times a second.
    const due = judgeable(ports.rules).filter((rule) => (nextTick(rule.schedule, looked) ?? Number.POSITIVE_INFINITY) <= now);
    looked = now;
    const report = await turn({ now, due, sweep: true }, ports, line.signal);
    for (const text of storyLines(report, start, paletteOf(look))) line.stdout.write(`${text}\n`);
    story.push(...storyLines(report, start, paletteOf({ color: false })));
    await line.clock.sleep(BEAT, line.signal);
  }
  await checkpoint(ports);
  return story.join('\n');
}

function greeting(rules: number, { speed }: DemoOptions, { strong, faint }: ReturnType<typeof paletteOf>): string {
  return `${strong('Tocsin demo')}: a small shop, ${rules} example rules, and an incident that begins in ${Math.round(120 / speed)} seconds.
${faint(`One second here is ${speed} seconds in the shop; it ends by itself after about ${Math.round(LENGTH / 1_000 / speed)} seconds.`)}

`;
}

function farewell(line: CommandLine, options: DemoOptions, folder: string, arrived: readonly Arrived[]): ExitCode {
  const { strong, link, good } = paletteOf(lookOf(line.stdout, line.env, options.color));
  const mails = arrived.filter((one) => one.kind === 'mail').length;
  const near = relative(line.folder, folder) || '.';
  const page = join(near, 'index.html');
  line.stdout.write(`
${good('Done.')} ${arrived.length - mails} Slack messages and ${mails} mails were delivered. See them as people would:
  ${link(page)}  (each one beside it: ${join(near, 'slack')}, ${join(near, 'mails')})

${strong('Try next')}
  npm run -s tocsin -- check rules                          are the rules right? break one and see
  npm run -s tocsin -- test rules                           what the example rules promise
  npm run -s tocsin -- routes show --config ${join(near, 'tocsin.yaml')}
  npm run -s tocsin -- dry-run rules --from now-1d          with ELASTICSEARCH_URL set: what would they have done?
`);
  return arrived.length > 0 ? 0 : 1;
}
