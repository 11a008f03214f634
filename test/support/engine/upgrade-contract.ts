import { describe, expect, it } from 'vitest';
import type { Version } from '../../../src/core/stored.ts';
import { headline } from '../../../src/messages/title.ts';
import type { AlertGroupDocument, NotifiedAlert } from '../../../src/notify/alert-group.ts';
import { ALERT_GROUP } from '../../../src/state/alert-group-versions.ts';
import { RULE } from '../../../src/state/rule-document.ts';
import type { Got } from './test-channel.ts';
import { NAMES, playUpgrade, UPGRADE_AT, type UpgradeStorage } from './upgrade-scenario.ts';
import { MINUTE, NOON } from './world.ts';

/** What must hold over any stores when one Tocsin goes on with what another version wrote. */
export function upgradeContract(name: string, open: () => Promise<UpgradeStorage>): void {
  describe(`over ${name}`, () => {
    it('a newer Tocsin goes on with all that an older one left: nothing is lost, and only what was in flight is sent again', async () => {
      const asIs = await playUpgrade(await open(), async ({ groups, rules }) => {
        expect(states(groups)).toEqual({ ash: 'notified', beech: 'in flight', cedar: 'failed', elm: 'queued', gum: 'queued' });
        expect(rules.get('fir')?.document.outbox).toHaveLength(1);
      });
      const upgraded = await playUpgrade(await open(), async ({ groups, putGroup }) => {
        for (const [rule, { document }] of groups) await putGroup(rule, asVersion1(document));
      });
      const heard = upgraded.channel.got.map(textOf);
      // How often an unknown outcome was tried before the upgrade, and so when health alerts fire, depends on how far searches lag.
      expect(new Set(upgraded.channel.got.map(comparable))).toEqual(new Set(asIs.channel.got.map(comparable)));
      const beech = upgraded.channel.got.filter(({ message }) => headline(message.title).includes('[FIRING] beech'));
      expect(new Set(beech.map(({ message }) => message.id)).size, 'one message, whoever sent it').toBe(1);
      expect(beech.filter(({ at }) => at >= UPGRADE_AT)).toHaveLength(1);
      const others = heard.filter((line) => !line.includes('[FIRING] beech'));
      expect(new Set(others).size, 'everything else once').toBe(others.length);
      for (const rule of NAMES)
        expect(heard.filter((line) => line.includes(` ${rule}`)).length, `${rule} begins and ends`).toBeGreaterThanOrEqual(2);
      expect([...upgraded.written.keys()].sort()).toEqual([...NAMES]);
      for (const document of upgraded.written.values()) expect(document).toMatchObject({ v: ALERT_GROUP.version });
    }, 300_000);

    it('an older Tocsin leaves what a newer one wrote, names it and goes on with the rest; the newer one then misses nothing', async () => {
      const versions = new Map<string, Version>();
      const newer = new Map<string, object>();
      const { channel } = await playUpgrade(
        await open(),
        async ({ rules, groups, putRule, putGroup }) => {
          const rule = rules.get('ash')?.document;
          const group = groups.get('elm')?.document;
          versions.set('ash', await putRule('ash', { ...rule, v: RULE.version + 1 }));
          versions.set('elm', await putGroup('elm', { ...group, v: ALERT_GROUP.version + 1 }));
          newer.set('ash', rule ?? {}).set('elm', group ?? {});
        },
        [
          {
            until: NOON + 12 * MINUTE,
            afterwards: async ({ rules, groups, putRule, putGroup }) => {
              expect([rules.has('ash'), groups.has('elm')], 'they are still what this one does not read').toEqual([false, false]);
              (rules as Map<string, object>).set('ash', { version: versions.get('ash') });
              (groups as Map<string, object>).set('elm', { version: versions.get('elm') });
              // Fenced by the versions of then: nothing was written in between.
              await putRule('ash', newer.get('ash') ?? {});
              await putGroup('elm', newer.get('elm') ?? {});
            },
          },
          { until: NOON + 40 * MINUTE },
        ],
      );
      const before = channel.got.filter(({ at }) => at >= UPGRADE_AT && at < NOON + 12 * MINUTE).map(textOf);
      expect(before.filter((line) => / (beech|cedar|fir)/.test(line)).length, before.join('\n')).toBe(3);
      const health = channel.got.flatMap(({ message }) => message.alerts.map(({ status, title }) => `${status} ${title}`));
      expect(health).toContainEqual('firing Tocsin: rule ash is not fully evaluated');
      expect(health).toContainEqual(expect.stringMatching(/^firing Tocsin: alert group \S+ is blocked/));
      expect(before.filter((line) => /^team.* (ash|elm)$/.test(line))).toEqual([]);
      const after = channel.got.filter(({ at }) => at >= NOON + 12 * MINUTE).map(textOf);
      expect(after).toContainEqual(expect.stringContaining('[RESOLVED] elm'));
      expect(after).toContainEqual(expect.stringContaining('[RESOLVED] ash'));
      expect(health).toContainEqual('resolved Tocsin: rule ash is not fully evaluated');
      expect(health).toContainEqual(expect.stringMatching(/^resolved Tocsin: alert group \S+ is blocked/));
    }, 300_000);
  });
}

/** As `textOf`, for plays that lag differently: the ID of a message about Tocsin itself follows from the time at which its alert fired. */
function comparable(got: Got): string {
  const title = headline(got.message.title);
  return title.includes('Tocsin: ') ? `${got.destination} ${title}` : textOf(got);
}

function textOf({ destination, message }: Got): string {
  return `${destination} ${message.id} ${headline(message.title)}`;
}

/** What each alert group of the scenario is doing. */
function states(groups: ReadonlyMap<string, { readonly document: AlertGroupDocument }>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...groups].map(([rule, { document }]) => {
      const { inflight, failed, queued } = document;
      return [rule, inflight !== null ? 'in flight' : failed.length > 0 ? 'failed' : queued.length > 0 ? 'queued' : 'notified'];
    }),
  );
}

/** The document as the first version wrote it: its alerts had no source. */
function asVersion1(document: AlertGroupDocument): object {
  const { inflight } = document;
  const facts = inflight && { ...inflight.facts, also: withoutSources(inflight.facts.also) };
  return { ...document, v: 1, alerts: withoutSources(document.alerts), inflight: inflight && { ...inflight, facts } };
}

function withoutSources(alerts: Readonly<Record<string, NotifiedAlert>>): object {
  return Object.fromEntries(Object.entries(alerts).map(([id, { source: _source, ...alert }]) => [id, alert]));
}
