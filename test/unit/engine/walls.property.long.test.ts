import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TurnLog } from '../../../src/engine/turn-log.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import type { Route } from '../../../src/routing/route.ts';
import { type Sabotage, STEPS, saboteur, type Victim } from '../../support/engine/saboteur.ts';
import { testRule } from '../../support/engine/test-rule.ts';
import { MINUTE, NOON, plainRouting, turnAt, world } from '../../support/engine/world.ts';
import { titleText } from '../../support/messages/title-text.ts';
import { runs } from '../../support/thorough.ts';

/** Own options objects, so that what a type is asked about them is about one rule. */
const rule = (name: string) => ({
  ...testRule({
    name,
    window: MINUTE,
    kql: 'message:boom',
    index: `logs-${name}`,
    groupBy: ['host.name'],
    evidence: { fields: ['message'], samples: 1, top: ['message'] },
  }),
  options: { exact: false },
});
const NEIGHBOURS = ['ash', 'beech', 'cedar'];
const route = (name: string, receiver: string): Route => ({
  ...plainRouting().root,
  key: `{}/{alertname="${name}"}`,
  receiver,
  matchers: [{ label: 'alertname', op: '=', value: name }],
});
const ROUTING = plainRouting({ groupInterval: MINUTE, routes: [route('victim', 'other'), route('TocsinHealth', 'meta')] });
const VICTIM: Victim = {
  rule: 'victim',
  destination: 'other/test/0',
  alertGroup: alertGroupId('default', {
    destination: 'other/test/0',
    route: '{}/{alertname="victim"}',
    group_labels: { alertname: 'victim' },
  }),
};
const MINUTES = 8;
const HOURS = 2;

interface Played {
  /** What the neighbours' receiver got, and when. */
  readonly notified: readonly string[];
  readonly victimNotified: readonly string[];
  readonly health: readonly string[];
  readonly runs: readonly string[];
  readonly reports: readonly TurnLog[];
  readonly struck: number;
}

/** Plays some minutes in which every rule fires, gets another host and recovers, and hours in which what was missed may be made good. */
async function play(sabotage: Sabotage | undefined): Promise<Played> {
  const { engine, channel, add } = world();
  const wrecker = saboteur(VICTIM, sabotage ?? { step: 'condition', skip: 0, times: 0 });
  const rules = [...NEIGHBOURS.map(rule), wrecker.rule(rule('victim'))];
  const ports = wrecker.ports(engine(rules, { routing: ROUTING, meta: 'meta' }));
  const reports: TurnLog[] = [];
  const turn = async (at: number) => reports.push(await turnAt(ports, at));
  for (let minute = 1; minute <= MINUTES; minute++) {
    const hosts = minute <= 1 ? ['one'] : minute <= 4 ? ['one', 'two'] : [];
    const time = new Date(NOON + minute * MINUTE - 30_000).toISOString();
    for (const { name } of rules)
      add(
        `logs-${name}`,
        { '@timestamp': time, message: 'idle' },
        ...hosts.map((host) => ({ '@timestamp': time, message: 'boom', 'host.name': host })),
      );
    await turn(NOON + minute * MINUTE);
    await turn(NOON + minute * MINUTE + 20_000);
  }
  for (let later = 1; later <= HOURS * 6; later++) await turn(NOON + MINUTES * MINUTE + later * 10 * MINUTE);
  const lines = (destination: string) =>
    channel.got.flatMap(({ at, destination: to, message }) =>
      to.startsWith(`${destination}/`)
        ? [
            `${at - NOON} ${titleText(message.title)} ${message.alerts.map((alert) => alert.group['host.name'] ?? alert.text).join()}`,
          ]
        : [],
    );
  return {
    notified: lines('team'),
    victimNotified: lines('other'),
    health: channel.got.flatMap(({ message }) =>
      message.receiver === 'meta' ? message.alerts.map(({ values }) => JSON.stringify(values)) : [],
    ),
    runs: reports
      .flatMap(({ runs }) =>
        runs.flatMap((run) =>
          run.rule === 'victim' ? [] : [`${run.rule} ${run.at - NOON} ${run.outcome} ${run.changes.length}`],
        ),
      )
      .sort(),
    reports,
    struck: wrecker.struck(),
  };
}

describe('what is thrown over one rule or one alert group', async () => {
  const calm = await play(undefined);

  it('is a story worth telling when nothing is thrown', () => {
    expect(calm.notified.length).toBeGreaterThanOrEqual(6);
    expect(calm.victimNotified.length).toBeGreaterThanOrEqual(2);
    expect(calm.health).toEqual([]);
  });

  it('changes neither what its neighbours are evaluated and notified nor when, wherever and however often it is thrown', async () => {
    const sabotages = fc.record({
      step: fc.constantFrom(...STEPS),
      skip: fc.nat({ max: 6 }),
      times: fc.constantFrom(1, 2, 5, Number.POSITIVE_INFINITY),
    });
    await fc.assert(
      fc.asyncProperty(sabotages, async (sabotage) => {
        const played = await play(sabotage);
        expect(played.notified).toEqual(calm.notified);
        expect(played.runs).toEqual(calm.runs);
        expect(played.reports.flatMap(({ storeProblems }) => storeProblems)).toEqual([]);
        // What goes well when it is tried again at once is nobody's problem.
        if (played.struck > 0 && sabotage.times === Number.POSITIVE_INFINITY)
          expect(played.reports.flatMap(({ errors }) => errors).length).toBeGreaterThan(0);
      }),
      { numRuns: runs(30) },
    );
  }, 60_000);

  it.each(STEPS.filter((step) => step !== 'template'))(
    'is a health alert when it is thrown at %s, again and again',
    async (step) => {
      const { health, struck, notified } = await play({ step, skip: 0, times: Number.POSITIVE_INFINITY });
      expect(struck).toBeGreaterThan(0);
      expect(notified).toEqual(calm.notified);
      expect(health.join('\n')).toMatch(/internal error while .*sabotage of .*please report this/);
    },
  );

  it.each(STEPS)('keeps nothing from being notified in the end when it is thrown once at %s', async (step) => {
    const { victimNotified, struck } = await play({ step, skip: 0, times: 1 });
    expect(struck).toBe(1);
    const all = victimNotified.join('\n');
    for (const host of ['one', 'two']) expect(all).toContain(host);
    expect(victimNotified.at(-1)).toContain('RESOLVED');
  });

  it.each([
    ['a template', 'template'],
    ['a channel, for the message with the own texts of the rules', 'channel.render'],
  ] as const)('of %s costs the message its own texts, and nobody the message', async (_name, step) => {
    const { victimNotified } = await play({ step, skip: 0, times: 1 });
    expect(victimNotified.length).toBe(calm.victimNotified.length);
  });

  it('by a channel that can put no message at all is refused, and is its receiver’s health alert', async () => {
    const { reports, health } = await play({ step: 'channel.render', skip: 0, times: Number.POSITIVE_INFINITY });
    const refused = reports.flatMap(({ notified }) => notified).filter(({ destination }) => destination === VICTIM.destination);
    expect(refused.map(({ outcome }) => outcome)).toContain('rejected');
    expect(health.join('\n')).toContain('a notification was ');
  });
});
