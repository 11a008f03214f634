import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SHARDS } from '../../../src/service/sharding/leases.ts';
import { es } from '../../support/elasticsearch/request.ts';
import { type Change, configText, type Places, type Receiver, rulesText, type Spacing } from './files.ts';
import { type Fate, type Gate, openGate, type Passing, type Watch } from './gate.ts';
import { type HttpReceiver, type Manner, openHttpReceiver } from './http-receiver.ts';
import { type Kills, kills } from './kills.ts';
import { type MailReceiver, openMailReceiver } from './mail-receiver.ts';
import { type Observer, observe } from './observer.ts';
import { type Random, randomFor } from './random.ts';
import { type LogLine, type Replica, replica } from './replica.ts';
import type { Step } from './steps.ts';
import { documentsOf, notifyStory, RULES, type Shape, type Story } from './story.ts';

/** A request of a replica on its way to the cluster. */
export interface Asked extends Passing {
  readonly step: Step;
  readonly replica: number;
  /** Which of the cluster's addresses it goes to, from 0. */
  readonly node: number;
}

/** What is played: the story's length, and who plays. */
export interface Cast {
  readonly seed: number;
  readonly replicas: number;
  /** Seconds of the story's main part, in which faults strike. */
  readonly main: number;
  /** How bad groups are; undefined: they change all the time. */
  readonly shape: Shape | undefined;
  /** The times at which the story may begin: `offset` ms after each multiple of `every`, by the clock. */
  readonly begins: Beginning;
  /** Addresses of the cluster's nodes. */
  readonly cluster: readonly string[];
  /** Whether replicas have clocks that can be set. */
  readonly ownClocks: boolean;
  /** Whether the story waits until replicas share evenly. */
  readonly settled: boolean;
  /** Whether mail must go over TLS. */
  readonly tls: boolean;
  readonly spacing: Spacing;
  /** What the scenario makes of the usual configuration. */
  readonly change: Change | undefined;
  /** Rules beside those of the story. */
  readonly rules: ((index: string) => string) | undefined;
}

/** Times by the clock, ms. */
export interface Beginning {
  readonly every: number;
  readonly offset: number;
}

/** What a reload finds: another text, another pause between messages, another configuration, or a file of rules that does not load. */
interface Rewriting {
  readonly description?: string;
  /** From now on in place of the scenario's. */
  readonly change?: Change;
  readonly groupInterval?: string;
  readonly broken?: boolean;
}

/** Everything of one play: processes, cluster, receivers, and what was seen of them. */
export interface Stage extends AsyncDisposable {
  readonly seed: number;
  readonly random: Random;
  readonly story: Story;
  readonly namespace: string;
  readonly index: string;
  /** When the story began; 0 before it does. */
  readonly zero: number;
  readonly replicas: readonly Replica[];
  readonly observer: Observer;
  readonly kills: Kills;
  readonly hook: HttpReceiver;
  readonly chat: HttpReceiver;
  readonly mail: MailReceiver;
  readonly spare: HttpReceiver;
  /** Decides about each request; `pass` unless a scenario says otherwise. */
  fate: (request: Asked) => Fate;
  /** How each receiver takes what comes. */
  manner: Readonly<Record<Receiver, Manner>>;
  /** Requests that met with another fate than `pass`, and what else a scenario did. */
  struck: number;
  /** When the last fault was over, by the clock: what is due may come as late as that; 0: there was none yet. */
  calmSince: number;
  /** Whether someone's clock was changed: leases are then not what they seem. */
  jumped: boolean;
  /** The lives that have asked the cluster something. */
  readonly heardFrom: ReadonlySet<string>;
  /** The cluster's addresses, as they are; for looking at it from outside. */
  readonly cluster: readonly string[];
  /** Starts the replicas, waits until every rule is evaluated, and begins the story. */
  begin(): Promise<void>;
  /** Resolves at a second of the story. */
  second(second: number): Promise<void>;
  /** Writes other rules or another configuration. */
  rewrite(what: Rewriting): Promise<void>;
  /** Looks at the cluster through this address from now on. */
  lookAt(url: string): void;
  /** Whether who is dead at the end of the faults stays so. */
  leaveDead: boolean;
  /** Points the gates of node `node` at another address: it was started again. */
  moved(node: number, url: string): void;
}

const LEAD = 3_500;
const BEGINS_WITHIN = 150_000;

/** Builds a stage; nothing runs before it begins. */
export async function buildStage({
  seed,
  replicas: count,
  main,
  shape,
  begins,
  cluster,
  ownClocks,
  settled,
  tls,
  spacing,
  change: changeFirst,
  rules: moreRules,
}: Cast): Promise<Stage> {
  const namespace = `f${seed}-${Math.trunc(performance.timeOrigin + performance.now()).toString(36)}-${++stages}`;
  const index = `faults-${namespace}`;
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-faults-'));
  const observer = observe();
  const lives = new WeakMap<Passing, string>();
  const steps = new WeakMap<Passing, Step>();
  const replicas: Replica[] = [];
  const heardFrom = new Set<string>();
  const gates: Gate[][] = [];
  const death = kills(async (number) => replicas[number]?.kill());
  const holder = (message: string) => {
    for (const versions of observer.alertGroups.values()) {
      const found = versions.findLast(({ document }) => document.inflight?.id === message);
      if (found !== undefined) return Number(found.life.split('.')[0]);
    }
    return 0;
  };
  const hospitality = (receiver: Receiver) => ({
    manner: async ({ message }: { readonly message: string }): Promise<Manner> => {
      const dead = await death.reached(`send to ${receiver}`, 'done', holder(message));
      const manner = dead ? 'lose the answer' : stage.manner[receiver];
      if (manner !== 'ok') stage.struck++;
      return manner;
    },
    answered: ({ message }: { readonly message: string }) => {
      void death.reached(`send to ${receiver}`, 'answered', holder(message));
    },
  });
  const [hook, chat, spare, mail] = await Promise.all([
    openHttpReceiver('hook', hospitality('hook')),
    openHttpReceiver('chat', hospitality('chat')),
    openHttpReceiver('spare', hospitality('spare')),
    openMailReceiver(hospitality('mail'), tls),
  ]);
  const watchOf = (number: number, node: number): Watch => ({
    fate: async (request) => {
      const step = observer.step(request);
      steps.set(request, step);
      const life = replicas[number]?.lives.at(-1)?.name ?? '';
      lives.set(request, life);
      heardFrom.add(life);
      if (await death.reached(step, 'before', number)) return 'lose the request';
      const fate = stage.fate({ ...request, step, replica: number, node });
      if (fate !== 'pass') stage.struck++;
      return fate;
    },
    done: async (request, answer) => {
      observer.saw(lives.get(request) ?? '', request, answer);
      await death.reached(steps.get(request) ?? 'other', 'done', number);
    },
    sent: (request) => void death.reached(steps.get(request) ?? 'other', 'answered', number),
  });
  const places = (number: number): Places => ({
    namespace,
    cluster: (gates[number] ?? []).map(({ url }) => url),
    index,
    hook: hook.url,
    chat: chat.url,
    spare: spare.url,
    smarthost: mail.smarthost,
    tls,
  });
  const configOf = (number: number) => join(folder, `tocsin-${number}.yaml`);
  let change = changeFirst;
  for (let number = 0; number < count; number++) {
    gates.push(await Promise.all(cluster.map((url, node) => openGate(url, watchOf(number, node)))));
    await writeFile(configOf(number), configText(places(number), spacing, change));
    replicas.push(replica(number, folder, configOf(number), ownClocks ? 'own' : "the machine's"));
  }
  const allRules = (description?: string) =>
    [rulesText(index, description), ...(moreRules === undefined ? [] : [moreRules(index)])].join('\n---\n');
  await writeFile(join(folder, 'rules.yaml'), allRules());
  const random = randomFor(seed, 'faults');
  const addresses = [...cluster];
  let zero = 0;

  const stage: Stage = {
    seed,
    random,
    story: notifyStory(randomFor(seed, 'story'), main, shape),
    namespace,
    index,
    get zero() {
      return zero;
    },
    replicas,
    observer,
    kills: death,
    hook,
    chat,
    mail,
    spare,
    fate: () => 'pass',
    manner: WILLING,
    struck: 0,
    calmSince: 0,
    jumped: ownClocks,
    leaveDead: false,
    lookAt: (url) => {
      addresses[0] = url;
    },
    heardFrom,
    cluster: addresses,
    begin: async () => {
      const client = es(addresses[0] ?? '');
      const mappings = {
        properties: { '@timestamp': { type: 'date' }, app: { type: 'keyword' }, service: { type: 'keyword' } },
      };
      const settings = { number_of_shards: 1, auto_expand_replicas: '0-1' };
      await client.json('PUT', `/${index}`, { settings, mappings });
      for (const one of replicas) one.start();
      await until('every rule is evaluated', BEGINS_WITHIN, async () => RULES.every((rule) => observer.rules.has(rule)));
      if (settled) await until('shares are even', BEGINS_WITHIN, async () => replicas.every(({ log }) => isEven(log, count)));
      zero = Math.ceil((Date.now() + LEAD - begins.offset) / begins.every) * begins.every + begins.offset;
      await client.bulk(index, documentsOf(stage.story, zero));
      if (Date.now() > zero) throw new Error(`the machine is too busy: the documents came ${Date.now() - zero} ms late`);
    },
    second: async (second) => {
      const wait = zero + second * 1_000 - Date.now();
      if (wait > 0) await pause(wait);
    },
    rewrite: async ({ description, groupInterval, change: changed, broken = false }) => {
      change = changed ?? change;
      await writeFile(join(folder, 'rules.yaml'), allRules(description) + (broken ? '\n---\n{ name: broken' : ''));
      for (const number of replicas.keys())
        await writeFile(
          configOf(number),
          configText(places(number), { ...spacing, ...(groupInterval && { groupInterval }) }, change),
        );
    },
    moved: (node, url) => {
      addresses[node] = url;
      for (const doors of gates) doors[node]?.redirect(url);
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of replicas) one.thaw();
      await Promise.all(replicas.map((one) => one.kill()));
      await Promise.all([...gates.flat(), hook, chat, mail, spare].map((one) => one[Symbol.asyncDispose]()));
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

let stages = 0;

/** Every receiver takes what comes. */
export const WILLING: Readonly<Record<Receiver, Manner>> = { hook: 'ok', chat: 'ok', mail: 'ok', spare: 'ok' };

/** Whether the last share that a replica logged is an even part among all of them. */
function isEven(log: readonly LogLine[], replicas: number): boolean {
  const last = log.findLast((line) => typeof line['shards'] === 'number');
  const held = Number(last?.['shards']);
  return held >= Math.floor(SHARDS / replicas) && held <= Math.ceil(SHARDS / replicas);
}

const STARTS_WITHIN = 60_000;

/** Waits until a replica that was started again has asked the cluster something. */
export function untilItWorks({ heardFrom }: Stage, replica: Replica): Promise<void> {
  return until('it works again', STARTS_WITHIN, async () => heardFrom.has(replica.life()?.name ?? ''));
}

/** Looks until something holds; throws with what it was after `limit` ms. */
export async function until(what: string, limit: number, holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > limit) throw new Error(`after ${limit / 1_000} s still not: ${what}`);
    await pause(150);
  }
}
