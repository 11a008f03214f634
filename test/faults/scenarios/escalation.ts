import { setTimeout as pause } from 'node:timers/promises';
import { everything } from '../oracle/audience.ts';
import { endsOnce } from '../oracle/episodes.ts';
import { escalatedTo } from '../oracle/escalation.ts';
import type { Change } from '../stage/files.ts';
import type { Heard, Said } from '../stage/heard.ts';
import type { KillPoint } from '../stage/kills.ts';
import { oneOf, wholeNumber } from '../stage/random.ts';
import { type Stage, WILLING } from '../stage/stage.ts';
import { lasting, quiet, type Shape } from '../stage/story.ts';
import { at, killAndStart, killAt } from './kills.ts';
import type { Scenario } from './scenario.ts';

/** Seconds from the first message to each step. */
export const STEPS = { chat: 8, mail: 24 } as const;

const common = { part: 'Who is notified, and when', cluster: 'shared', main: 110, seeds: 6, fast: 0 } as const;

/** Every alert goes to the webhook, each in a group of its own, and escalates to the chat and then by mail. */
export const escalating: Change = (usual) => ({
  ...usual,
  route: {
    ...usual.route,
    routes: [
      {
        receiver: 'hook',
        group_by: ['alertname', 'service'],
        escalate: Object.entries(STEPS).map(([receiver, after]) => ({ after: `${after}s`, receiver })),
      },
    ],
  },
});

/** Alerts that begin one after the other and last, some of which get worse; before them one that is over before it can escalate. */
const lastingOnes: Shape = (random, main, index) => {
  const early = index === 2 ? [...quiet(wholeNumber(random, 1, 3)), ...lasting(wholeNumber(random, 1, 3))] : [];
  const start = wholeNumber(random, 1 + index * 8, 6 + index * 8);
  const worse = index === 1 ? wholeNumber(random, 3, 12) : 0;
  const end = main - wholeNumber(random, 0, 6);
  const before = [...early, ...quiet(start - early.length)];
  const beginning = [...before, ...lasting(worse), ...lasting(worse === 0 ? 0 : 4, 3)];
  return [...beginning, ...lasting(end - beginning.length)];
};

/** Every step by which a receiver is notified too: the copy leaves, is taken over, is forgotten, and is sent. */
export const ESCALATION_POINTS: readonly KillPoint[] = [
  ...at('pass on', 'hand over', 'forget passed on'),
  { step: 'send to chat', moment: 'done' },
  { step: 'send to mail', moment: 'done' },
];

/** No kill is waited for later than this second, so that enough of the story is left for what is due. */
const KILLS_UNTIL = 50;

function webhookIsAway(stage: Stage): void {
  stage.manner = { ...WILLING, hook: { status: 503 } };
}

/** Which server fails while alerts escalate to it or from it, and how, by the seed. */
const FAILURES: readonly ((stage: Stage) => void)[] = [
  (stage) => (stage.manner = { ...WILLING, chat: { status: 503 } }),
  (stage) => (stage.manner = { ...WILLING, chat: 'hang' }),
  webhookIsAway,
  (stage) => (stage.manner = { ...WILLING, chat: 'lose the answer', mail: 'lose the answer' }),
  (stage) => stage.mail.front('closed'),
  (stage) => (stage.manner = { ...WILLING, hook: 'hang', chat: { status: 403 } }),
];

async function serversFail(stage: Stage): Promise<void> {
  await stage.second(wholeNumber(stage.random, 2, 8));
  FAILURES[(stage.seed - 1) % FAILURES.length]?.(stage);
  await stage.second(wholeNumber(stage.random, 34, 42));
  if (stage.seed % 2 === 0) {
    await pause(wholeNumber(stage.random, 0, 999));
    await killAndStart(stage, oneOf(stage.random, stage.replicas));
  }
  stage.manner = WILLING;
  stage.mail.front('open');
  stage.calmSince = Date.now();
  await stage.second(stage.story.main);
}

/** The time counts from the first message, whether or not it could be delivered. */
function escalatesWhileAway({ seed, chat, hook }: Stage): readonly string[] {
  if (FAILURES[(seed - 1) % FAILURES.length] !== webhookIsAway) return [];
  const firstAt = (heard: readonly Heard[], episode: Said) =>
    heard.find(({ said }) => said.some((one) => one.service === episode.service && one.started === episode.started))?.at;
  const isAhead = chat.heard.some(({ at, said }) => said.some((one) => at < (firstAt(hook.heard, one) ?? 0)));
  return isAhead ? [] : ['nothing escalated while the webhook could not be reached'];
}

/** The webhook is notified of everything; the others of what escalates. */
function audiences(stage: Stage): ReturnType<NonNullable<Scenario['audiences']>> {
  return [
    { ...everything('hook'), checks: [endsOnce] },
    escalatedTo({ receiver: 'chat', after: STEPS.chat, from: 'hook' }, stage),
    escalatedTo({ receiver: 'mail', after: STEPS.mail, from: 'hook' }, stage),
  ];
}

/** Faults while alerts escalate. */
export const escalationScenarios: readonly Scenario[] = [
  {
    ...common,
    name: 'escalate-kill',
    title: 'No one acknowledges alerts and they escalate: SIGKILL at each step of it',
    change: () => escalating,
    shape: lastingOnes,
    strike: async (stage) => {
      await killAt(ESCALATION_POINTS, KILLS_UNTIL)(stage);
      await stage.second(stage.story.main);
    },
    audiences,
  },
  {
    ...common,
    name: 'escalate-refused',
    title: 'Alerts escalate while the first receiver or those they escalate to fail, do not respond, or lose the response',
    change: () => escalating,
    shape: lastingOnes,
    strike: serversFail,
    audiences,
    check: escalatesWhileAway,
  },
];
