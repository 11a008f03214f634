import { expect } from 'vitest';
import { ownCluster } from '../faults/stage/cluster.ts';
import { elasticsearchUrl } from '../support/elasticsearch/urls.ts';
import type { Failure } from './failure.ts';
import { type Look, notShown } from './look.ts';
import { type GreenStage, openStage, until, whyNotGreen } from './stage.ts';
import type { GreenAlert, GreenRow } from './table.ts';

/** A heartbeat is due every five seconds, so one that stops is missed after ten. */
const TWO_POLLS = 10_000;
/** Added to a row's time for its beats and for a busy machine, ms. */
const ALLOWANCE = 20_000;
/** After the end of a problem, everything is green again within this, ms. */
const GREEN_AGAIN = 120_000;

/** Makes one problem happen to a service of its own; throws with what the row promises and does not show in time. */
export async function walkRow(row: GreenRow, failure: Failure): Promise<void> {
  await using cluster = failure.cluster === 'own' ? await ownCluster('own') : undefined;
  await using stage = await openStage(cluster?.urls[0] ?? elasticsearchUrl(), failure.node);
  await walk(row, failure, stage);
}

/** Lets a problem begin, waits until all that the row promises shows, lets it end, and waits until all is green again. */
async function walk(row: GreenRow, failure: Failure, stage: GreenStage): Promise<void> {
  const before = await stage.look();
  const began = Date.now();
  await failure.begin(stage);
  await until('red', row.within + ALLOWANCE, async () => whyGreen(row, failure, stage, before, began, await stage.look()));
  if (row.doctor !== undefined) {
    expect(await stage.doctor()).toContainEqual(expect.stringContaining(row.doctor));
  }
  await failure.end(stage);
  const ended = Date.now();
  await until('green again', GREEN_AGAIN, async () => whyRed(row, failure, stage, ended, await stage.look()));
}

/** What of a row's promises does not show yet. */
function whyGreen(
  row: GreenRow,
  failure: Failure,
  { receivers, ...stage }: GreenStage,
  before: Look,
  began: number,
  now: Look,
): string | undefined {
  // Whoever restarts a service for what a restart does not cure makes it worse.
  if (now.healthy !== 200) return `liveness is ${now.healthy}`;
  if (now.ready !== row.ready) return `readiness is ${now.ready}`;
  for (const metric of row.metrics) {
    const why = notShown(metric, before, now);
    if (why !== undefined) return why;
  }
  if (!now.page.includes(row.page)) return `the page does not say "${row.page}": ${now.page}`;
  const silent = Date.now() - Math.max(began, receivers.polls.at(-1) ?? 0);
  if (row.heartbeat === 'stops' && silent < TWO_POLLS) return 'the heartbeat continues';
  if (row.heartbeat === 'continues' && (receivers.polls.at(-1) ?? 0) < began) return 'the heartbeat has not come since';
  return row.alert === undefined ? undefined : notHeard(row.alert, failure, { receivers, ...stage }, began, 'firing');
}

/** What is not green again. */
function whyRed(row: GreenRow, failure: Failure, stage: GreenStage, ended: number, now: Look): string | undefined {
  const why = whyNotGreen(now, stage);
  if (why !== undefined) return why;
  for (const metric of row.metrics) {
    if (metric.kind === 'compare' && notShown(metric, now, now) === undefined) return `${metric.series} is as in the problem`;
  }
  if ((stage.receivers.polls.at(-1) ?? 0) < ended) return 'the heartbeat has not come again';
  return row.alert === undefined ? undefined : notHeard(row.alert, failure, stage, ended, 'resolved');
}

/** Which receiver has not been notified of the health alert. */
function notHeard(
  { kind, to }: GreenAlert,
  failure: Failure,
  stage: GreenStage,
  since: number,
  status: 'firing' | 'resolved',
): string | undefined {
  const subject = failure.subject?.(stage);
  for (const door of to) {
    const heard = stage.receivers.heard.filter((one) => one.door === door && one.at >= since);
    const fits = heard.some(({ title, alerts }) =>
      kind === 'memory'
        ? title.startsWith(status === 'firing' ? '[FIRING]' : '[RESOLVED]')
        : alerts.some(
            ({ rule, status: of, group }) =>
              (kind === 'own' ? rule === subject : rule === 'TocsinHealth' && isAbout(group, kind, subject)) &&
              (of === 'firing') === (status === 'firing'),
          ),
    );
    if (!fits) return `${door} was not notified (${kind}, ${status}); it got ${JSON.stringify(heard.map(({ title }) => title))}`;
  }
  return undefined;
}

function isAbout(group: Readonly<Record<string, string>>, kind: string, subject: string | undefined): boolean {
  return group['kind'] === kind && (subject === undefined || group['subject'] === subject);
}
