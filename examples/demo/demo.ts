import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { CommandLine, ExitCode } from '../../src/cli/command-line.ts';
import { lookOf } from '../../src/cli/command-line.ts';
import { nextTick } from '../../src/core/schedule.ts';
import { type Duration, type Instant, iso } from '../../src/core/time.ts';
import { openTurn } from '../../src/engine/open-turn.ts';
import { turn } from '../../src/engine/turn.ts';
import { windowOf } from '../../src/evaluation/due-windows.ts';
import { checkpoint } from '../../src/evaluation/evaluate-batch.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { explainText } from '../../src/reports/explain/explain-text.ts';
import { paletteOf } from '../../src/reports/look.ts';
import { type Inbox, makeOutput, type Output, openInbox } from './inbox.ts';
import { demoPage } from './page/page.ts';
import { pictureOf } from './page/picture.ts';
import { type DemoPages, openPages } from './pages.ts';
import { actsBetween, inhibitedRules } from './people.ts';
import { startMailServer } from './servers/mail-server.ts';
import { startSlackServer } from './servers/slack-server.ts';
import { HERE, openShop, type Shop } from './shop.ts';
import { alertEvents, deedsBetween, measure, messageEvents, reasons, type StoryEvent, storyLine } from './story.ts';
import { documentsOf, type Request, requests } from './telemetry.ts';

/** What the demo takes. */
export interface DemoOptions {
  /** Folder for mails, messages and the page. */
  readonly output: string;
  /** Seconds of the shop's time in one real second; Infinity: as fast as it goes. */
  readonly speed: number;
  readonly color: boolean;
  /** When the shop's time begins, a whole minute. */
  readonly start: Instant;
  /** Serve the pages of `tocsin run` while the shop is watched, and afterwards until the demo is stopped. */
  readonly pages?: boolean;
}

/** How long the shop is watched, and how much of its past there is before, ms of its time. */
export const LENGTH: Duration = 19 * 60_000;
const HISTORY: Duration = 2 * 60_000;
/** How far the shop's time moves at once, ms. */
const STEP: Duration = 5_000;

/**
 * Runs the engine over the telemetry of a small shop in memory, faster than time, with a real SMTP server and a real HTTP server, through one
 * incident. Leaves the messages and a page about them in a folder. Exit code 1: something happened that is not part of the story.
 */
export async function runDemo(line: CommandLine, options: DemoOptions): Promise<ExitCode> {
  const output = await makeOutput(options.output);
  const time: ShopTime = { now: options.start };
  const inbox = openInbox(output.folder, () => time.now);
  const mail = await startMailServer(inbox.takeMail);
  const slack = await startSlackServer(inbox.takeSlack);
  let pages: DemoPages | undefined;
  try {
    const shop = await openShop(output.folder, { slack: slack.url, smtp: `127.0.0.1:${mail.port}` });
    pages = options.pages === true ? await openPages(shop, () => time.now) : undefined;
    line.stdout.write(greeting(line, options, output, pages));
    const notified = await play(line, options, { shop, time, pages });
    if (line.signal.aborted) return 1;
    await leave(output.folder, options, shop, notified, inbox);
    line.stdout.write(farewell(line, options, output, inbox));
    if (pages !== undefined) await staysOpen(line, options, pages);
    return notified.events.some(({ kind }) => kind === 'failed') || inbox.arrived.length === 0 ? 1 : 0;
  } finally {
    await Promise.all([mail.close(), slack.close(), pages?.close()]);
  }
}

/** The shop's time, which the demo moves. */
interface ShopTime {
  now: Instant;
}

/** All that happened. `explained` is what `tocsin explain` would have printed when the alert was worst. */
interface Notified {
  readonly events: readonly StoryEvent[];
  readonly requests: readonly Request[];
  readonly explained: string;
}

/** What is played, and who shows it. */
interface Played {
  readonly shop: Shop;
  readonly time: ShopTime;
  readonly pages: DemoPages | undefined;
}

/** Plays the shop's time: requests arrive, the engine evaluates, and each thing that happens is a line. */
async function play(line: CommandLine, options: DemoOptions, { shop, time, pages }: Played): Promise<Notified> {
  const { start, speed } = options;
  const palette = paletteOf(lookOf(line.stdout, line.env, options.color));
  const events: StoryEvent[] = [];
  const all: Request[] = [];
  let explained = '';
  const began = line.clock.monotonic();
  let seen = start - HISTORY;
  for (let now = start; now <= start + LENGTH && !line.signal.aborted; now += STEP) {
    time.now = now;
    const fresh = requests({ from: seen, to: now }, start);
    all.push(...fresh);
    shop.documents.add(fresh.flatMap(documentsOf));
    const news: StoryEvent[] = [...deedsBetween(seen, now, start), ...(await actsBetween(seen, now, start, shop))];
    // The first tick is after the start, as that of an engine that starts.
    const isDue = now > start && nextTick(shop.rule.schedule, seen) === now;
    if (isDue) news.push({ at: now, kind: 'measured', measured: measure(windowOf(shop.rule, now), all) });
    seen = now;
    const report = await turn(openTurn({ now, due: isDue ? shop.rules : [], sweep: true }, shop.ports, line.signal));
    if (line.signal.aborted) break;
    pages?.note(report);
    for (const change of alertEvents(report, shop.rule.id, await inhibitedRules(shop, now))) {
      const explanation = NEEDS_REASON.includes(change.kind) ? await shop.explain(now, line.signal) : undefined;
      news.push(change, ...(explanation === undefined ? [] : reasons(change.kind, explanation)));
      if (change.kind === 'worse' && explanation !== undefined) explained = explainedText(explanation);
    }
    news.push(...messageEvents(report));
    for (const event of news) line.stdout.write(`${storyLine(event, palette)}\n`);
    events.push(...news);
    // On a busy machine the shop's time may be late; it is never waited for less than not at all.
    await line.clock.sleep(Math.max(0, began + (now - start) / speed - line.clock.monotonic()), line.signal);
  }
  await checkpoint(shop.ports);
  return { events, requests: all, explained };
}

const NEEDS_REASON: readonly StoryEvent['kind'][] = ['firing', 'worse', 'resolved'];

/** What `tocsin explain` prints; its curl commands go to a cluster on this machine. */
function explainedText(explanation: Explanation): string {
  const place = { url: 'http://localhost:9200', auth: 'none', ignoreMissingIndex: false } as const;
  return explainText({ explanation, place }, { color: false, columns: 100 });
}

async function leave(
  folder: string,
  { start }: DemoOptions,
  { rule }: Shop,
  notified: Notified,
  { arrived }: Inbox,
): Promise<void> {
  const thresholds = rule.levels.map(({ severity, condition }) => ({
    severity,
    count: Number(/\d+$/.exec(condition.text)?.[0]),
  }));
  const picture = pictureOf({ start, end: start + LENGTH, events: notified.events, arrived, thresholds });
  const text = await readFile(join(HERE, 'rules', `${rule.name}.yaml`), 'utf8');
  await writeFile(join(folder, 'index.html'), demoPage({ picture, ...notified, rule: text }));
  const lines = notified.requests
    .flatMap(documentsOf)
    .map(({ index, source }) => JSON.stringify({ _index: index, _source: source }));
  await writeFile(join(folder, 'telemetry.ndjson'), `${lines.join('\n')}\n`);
}

/** Keeps the pages open until the demo is stopped. */
async function staysOpen(line: CommandLine, { color }: DemoOptions, { address }: DemoPages): Promise<void> {
  const { strong, link } = paletteOf(lookOf(line.stdout, line.env, color));
  line.stdout.write(`${strong('The pages stay open')} at ${link(address)} until Ctrl-C.\n`);
  while (!line.signal.aborted) await line.clock.sleep(60_000, line.signal);
}

function greeting(
  line: CommandLine,
  { speed, color }: DemoOptions,
  { instead, folder }: Output,
  pages: DemoPages | undefined,
): string {
  const { strong, faint, careful, link } = paletteOf(lookOf(line.stdout, line.env, color));
  const pace = Number.isFinite(speed)
    ? `One second here is ${speed} seconds in the shop: it takes about ${Math.round(LENGTH / 1_000 / speed)} s. Ctrl-C stops it.`
    : 'As fast as it goes.';
  const elsewhere = instead === undefined ? '' : `${careful(`Files go to ${folder}: ${instead}`)}\n`;
  return `${strong('Tocsin demo')}: one incident in a small shop, found, explained, notified and resolved.
${faint(pace)}
${pages === undefined ? '' : `Watch it in a browser, as ${strong('tocsin run')} shows it: ${link(pages.address)}\n`}${elsewhere}
`;
}

function farewell(line: CommandLine, { color, start }: DemoOptions, { folder }: Output, { arrived }: Inbox): string {
  const { strong, link, good } = paletteOf(lookOf(line.stdout, line.env, color));
  const mails = arrived.filter(({ kind }) => kind === 'mail').length;
  const near = nearPath(line.folder, folder);
  const range = `--from ${minuteOf(start)} --to ${minuteOf(start + LENGTH)}`;
  return `
${good('Done.')} ${arrived.length - mails} Slack messages and ${mails} mails were delivered. The incident, and each message as people got it:
  ${link(join(near, 'index.html'))}

${strong('Try next')}
  npm run -s tocsin -- check examples/demo/rules
  npm run -s tocsin -- test examples/demo/rules
  npm run -s tocsin -- routes test severity=critical team=payments --config examples/demo/tocsin.yaml
  npm run -s tocsin -- dry-run examples/demo/rules --documents ${join(near, 'telemetry.ndjson')} ${range} --config examples/demo/tocsin.yaml
${strong('Change a threshold')} in examples/demo/rules/payments-failing.yaml and run the last one again: it replays the incident.
`;
}

function minuteOf(at: Instant): string {
  return `${iso(at).slice(0, 16)}Z`;
}

/** A path as one would type it: relative below the working folder, else absolute. */
function nearPath(from: string, to: string): string {
  const path = relative(from, to);
  return path.startsWith('..') ? to : path || '.';
}
