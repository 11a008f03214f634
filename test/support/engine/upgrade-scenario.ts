import type { Outcome } from '../../../src/channels/channel.ts';
import type { StoreAnswer, Version, Versioned } from '../../../src/core/stored.ts';
import type { Backend } from '../../../src/engine/backend.ts';
import type { RuleDocument } from '../../../src/evaluation/rule-states.ts';
import type { AlertGroupDocument } from '../../../src/notify/alert-group.ts';
import { alertGroupId } from '../../../src/notify/alert-group-id.ts';
import type { TestChannel } from './test-channel.ts';
import { testRule } from './test-rule.ts';
import { MINUTE, NOON, play, turnAt, world } from './world.ts';

/** Stores that outlive the engines over them; `settle` waits until searches see what was written. */
export interface UpgradeStorage {
  readonly stores: Omit<Backend, 'search'>;
  settle(): Promise<void>;
}

/** What is stored between two Tocsins, and how a test makes it what the other one wrote. */
export interface Between {
  /** The documents of all rules and alert groups of the scenario, by rule. */
  readonly rules: ReadonlyMap<string, Versioned<RuleDocument>>;
  readonly groups: ReadonlyMap<string, Versioned<AlertGroupDocument>>;
  /** Replaces a document as it is stored; gives its version. */
  putRule(rule: string, document: object): Promise<Version>;
  putGroup(rule: string, document: object): Promise<Version>;
}

/** What a play gave: all messages, and the last document that was written to each alert group, by rule. */
export interface UpgradePlayed {
  readonly channel: TestChannel;
  readonly written: ReadonlyMap<string, object>;
}

/** At this moment the first engine stops and the second one starts. */
export const UPGRADE_AT = NOON + 4 * MINUTE;

const SILENCED_UNTIL = NOON + 20 * MINUTE;
const UNKNOWN: Outcome = { kind: 'unknown', reason: { kind: 'timeout', text: 'no answer in time' } };
const FORBIDDEN: Outcome = { kind: 'rejected', reason: { kind: 'unauthorized', text: 'HTTP 403' } };

/**
 * Each rule is in another state when the first engine stops: `ash` fires and was notified, the message of `beech` was sent and its outcome is
 * unknown, that of `cedar` failed, the end of `elm` is queued, `fir` has an outbox entry that is not passed on, `gum` is silenced.
 */
export const NAMES = ['ash', 'beech', 'cedar', 'elm', 'fir', 'gum'] as const;
const RULES = NAMES.map((name) => testRule({ name, index: `logs-${name}`, window: MINUTE }));
const MINUTES: Readonly<Record<string, number>> = { elm: 2 };
const GROUPS = new Map(NAMES.map((name) => [name as string, groupOf(name)]));

function groupOf(rule: string): string {
  return alertGroupId('default', { destination: 'team/test/0', route: '{}', group_labels: { alertname: rule } });
}

/** Plays the first engine until the upgrade, gives `between` what is stored, then plays a second one until each moment that `stops` names. */
export async function playUpgrade(
  { stores, settle }: UpgradeStorage,
  between: (stored: Between) => Promise<void>,
  stops: readonly { readonly until: number; readonly afterwards?: (stored: Between) => Promise<void> }[] = [
    { until: NOON + 40 * MINUTE },
  ],
): Promise<UpgradePlayed> {
  const { engine, add, channel, backend } = world();
  for (const name of NAMES)
    for (let minute = 0; minute < (MINUTES[name] ?? 30); minute++)
      add(`logs-${name}`, { '@timestamp': new Date(NOON + minute * MINUTE + 30_000).toISOString(), message: 'boom' });
  await stores.silences.put({
    ...{ v: 1, id: 'gum', starts_at: NOON, ends_at: SILENCED_UNTIL, created_by: 'team', comment: 'planned work' },
    matchers: [{ label: 'alertname', op: '=', value: 'gum' }],
  });

  const before: Backend = { ...stores, search: backend.search };
  const { save } = stores.alertGroups;
  const losing: Backend = {
    ...before,
    alertGroups: {
      ...stores.alertGroups,
      save: async (writes) => {
        const kept = writes.filter(({ id }) => id !== GROUPS.get('fir'));
        const saved = (await save(kept)).values();
        return writes.map(({ id }) => (id === GROUPS.get('fir') ? LOST : (saved.next().value ?? LOST)));
      },
    },
  };
  channel.answer = ({ title }) =>
    title.text.includes('beech') ? UNKNOWN : title.text.includes('cedar') ? FORBIDDEN : { kind: 'delivered' };
  await play(engine(RULES, { backend: losing }), NOON - 1, UPGRADE_AT);

  await settle();
  await between(await storedIn(stores));
  await settle();

  const written = new Map<string, object>();
  const noting: Backend = {
    ...before,
    alertGroups: {
      ...stores.alertGroups,
      save: async (writes) => {
        for (const { id, document } of writes) for (const [rule, group] of GROUPS) if (group === id) written.set(rule, document);
        return save(writes);
      },
    },
  };
  channel.answer = () => ({ kind: 'delivered' });
  let now = UPGRADE_AT;
  for (const { until, afterwards } of stops) {
    const ports = engine(RULES, { backend: noting, meta: 'meta' });
    await turnAt(ports, now);
    await play(ports, now, until);
    await settle();
    await afterwards?.(await storedIn(stores));
    await settle();
    now = until;
  }
  return { channel, written };
}

const LOST = { kind: 'unclear', message: 'no answer' } as const;

async function storedIn({ ruleStates, alertGroups }: UpgradeStorage['stores']): Promise<Between> {
  const rules = new Map<string, Versioned<RuleDocument>>();
  const groups = new Map<string, Versioned<AlertGroupDocument>>();
  for (const name of NAMES) {
    const rule = foundIn(await ruleStates.load([name], new Map()), name);
    if (rule !== undefined) rules.set(name, rule);
    const group = foundIn(await alertGroups.load([GROUPS.get(name) ?? '']), GROUPS.get(name) ?? '');
    if (group !== undefined) groups.set(name, group);
  }
  return {
    rules,
    groups,
    putRule: async (rule, document) =>
      versionOf((await ruleStates.save([{ id: rule, document: document as never, version: rules.get(rule)?.version }]))[0]),
    putGroup: async (rule, document) => {
      const id = GROUPS.get(rule) ?? '';
      return versionOf((await alertGroups.save([{ id, document: document as never, version: groups.get(rule)?.version }]))[0]);
    },
  };
}

/** A document, or one that this Tocsin may not touch, which has no version here. */
function foundIn<D>(read: StoreAnswer<ReadonlyMap<string, Versioned<D>>>, id: string): Versioned<D> | undefined {
  return read.ok ? read.value.get(id) : undefined;
}

function versionOf(saved: Awaited<ReturnType<Backend['ruleStates']['save']>>[number] | undefined): Version {
  if (saved?.kind !== 'saved') throw new Error(`it should be saved: ${JSON.stringify(saved)}`);
  return saved.version;
}
