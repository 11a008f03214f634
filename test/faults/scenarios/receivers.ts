import { setTimeout as pause } from 'node:timers/promises';
import type { SmtpFailure } from '../../support/smtp-server.ts';
import type { Fate } from '../stage/gate.ts';
import type { Manner } from '../stage/http-receiver.ts';
import type { MailFront } from '../stage/mail-receiver.ts';
import { oneOf, wholeNumber } from '../stage/random.ts';
import { type Asked, type Stage, until } from '../stage/stage.ts';
import { steadily } from '../stage/story.ts';
import type { Scenario } from './scenario.ts';

const common = { part: 'Receivers', cluster: 'shared', main: 14, seeds: 6, fast: 0 } as const;

/** Longest time that a fault waits for someone to meet it, ms: on a machine that is busy everything comes late. */
const MET_WITHIN = 60_000;

/** Begins something at a second drawn from the seed, and ends it some seconds later, once someone has met it. */
async function spell(stage: Stage, begin: () => void, end: () => void): Promise<void> {
  const first = wholeNumber(stage.random, 1, 4);
  await stage.second(first);
  begin();
  await stage.second(first + wholeNumber(stage.random, 4, 7));
  await until('someone meets the fault', MET_WITHIN, async () => stage.struck + stage.mail.struck > 0);
  end();
  await stage.second(stage.story.main);
}

function http(manner: Manner): Scenario['strike'] {
  return (stage) => {
    const set = (value: Manner) => {
      stage.manner = { ...stage.manner, hook: value, chat: value };
    };
    return spell(
      stage,
      () => set(manner),
      () => set('ok'),
    );
  };
}

function smtp(...failures: readonly SmtpFailure[]): Scenario['strike'] {
  return (stage) =>
    spell(
      stage,
      () => stage.mail.fail(...failures),
      () => stage.mail.fail(),
    );
}

function mailFront(front: MailFront): Scenario['strike'] {
  return (stage) =>
    spell(
      stage,
      () => stage.mail.front(front),
      () => stage.mail.front('open'),
    );
}

function mailManner(manner: Manner): Scenario['strike'] {
  return (stage) =>
    spell(
      stage,
      () => {
        stage.manner = { ...stage.manner, mail: manner };
      },
      () => {
        stage.manner = { ...stage.manner, mail: 'ok' };
      },
    );
}

const SECOND = 'second@example.com';
const HALF_AN_HOUR = 30 * 60_000;

/** A search for a chart: it is about half an hour at least, and windows of the story are a second. */
function isForChart({ step, payload }: Asked): boolean {
  const spans = step === 'ask' ? payload.matchAll(/"gte":(\d{13}),"lt":(\d{13})/g) : [];
  return [...spans].some(([, from, to]) => Number(to) - Number(from) >= HALF_AN_HOUR);
}

/** Lets searches for charts go wrong, until one did. */
async function charts(stage: Stage, fate: () => Fate): Promise<void> {
  stage.fate = (request) => (isForChart(request) ? fate() : 'pass');
  await stage.second(stage.story.main);
  await until('a chart is searched for', MET_WITHIN, async () => stage.struck > 0);
}

/** Faults of the receivers: chat and webhook together, then mail. */
export const receiverScenarios: readonly Scenario[] = [
  {
    ...common,
    name: 'slack-429',
    title: 'Slack and a webhook answer 429 with Retry-After',
    strike: http({ status: 429, headers: { 'retry-after': '7' } }),
    check: ({ hook, chat }) =>
      [...hook.waits, ...chat.waits].flatMap(({ asked, waited }) =>
        waited !== undefined && waited < asked ? [`asked to wait ${asked} ms, it waited ${waited} ms`] : [],
      ),
  },
  { ...common, name: 'slack-500', title: 'Slack and a webhook answer 500', strike: http({ status: 500 }) },
  { ...common, name: 'slack-hang', title: 'Slack and a webhook accept messages and do not respond', strike: http('hang') },
  {
    ...common,
    name: 'slack-lost-answer',
    title: 'Slack and a webhook accept messages, and the response is lost',
    fast: 1,
    strike: http('lose the answer'),
  },
  { ...common, name: 'slack-drop', title: 'Slack and a webhook drop the connection', strike: http('drop') },
  { ...common, name: 'slack-gone', title: 'Slack and a webhook answer 404, then work again', strike: http({ status: 404 }) },
  {
    ...common,
    name: 'refused-while-firing',
    title: 'Slack and a webhook answer 403 for most of a minute, and nothing changes afterwards',
    shape: steadily,
    main: 110,
    seeds: 2,
    strike: async (stage) => {
      const set = (value: Manner) => {
        stage.manner = { ...stage.manner, hook: value, chat: value };
      };
      set({ status: 403 });
      await stage.second(45);
      set('ok');
      await stage.second(stage.story.main);
    },
    check: ({ hook, chat, story, zero }) =>
      [hook, chat].flatMap(({ heard }, index) => {
        const end = zero + story.main * 1_000;
        const notified = new Set(heard.filter(({ at }) => at < end).flatMap(({ said }) => said.map(({ service }) => service)));
        const missed = story.plots.filter(({ service }) => !notified.has(service)).map(({ service }) => service);
        return missed.length === 0
          ? []
          : [`${index === 0 ? 'hook' : 'chat'} was not notified while it fired of ${missed.join(', ')}`];
      }),
  },
  {
    ...common,
    name: 'chart-hangs',
    title: 'Searches for charts are never answered',
    seeds: 4,
    strike: (stage) => charts(stage, () => 'hang'),
    check: ({ mail }) => (mail.heard.length === 0 ? ['no mail came while charts hang'] : []),
  },
  {
    ...common,
    name: 'chart-fails',
    title: 'Searches for charts fail or lose their answers at random',
    seeds: 4,
    strike: (stage) =>
      charts(stage, () => oneOf(stage.random, ['lose the answer', 'half an answer', { status: 503, body: {} }] as const)),
  },
  { ...common, name: 'smtp-421', title: 'SMTP: 421 at the greeting', strike: smtp({ at: 'connect', how: 421 }) },
  { ...common, name: 'smtp-450', title: 'SMTP: 450 for the recipient', strike: smtp({ at: 'recipient', how: 450 }) },
  { ...common, name: 'smtp-451', title: 'SMTP: 451 after the text', strike: smtp({ at: 'end-of-data', how: 451 }) },
  {
    ...common,
    name: 'smtp-550',
    title: 'SMTP: 550 for the recipient, then accepted again',
    fast: 0,
    strike: smtp({ at: 'recipient', how: 550 }),
  },
  {
    ...common,
    name: 'smtp-one-550',
    title: 'SMTP: 550 for one of two recipients, for good',
    seeds: 4,
    spacing: { alsoMailTo: SECOND },
    strike: async (stage) => {
      stage.mail.fail({ at: 'recipient', how: 550, recipient: SECOND });
      await stage.second(stage.story.main);
    },
    check: ({ mail }) => (mail.forOthers.length > 0 ? [`${mail.forOthers.length} mails went to ${SECOND} alone`] : []),
  },
  {
    ...common,
    name: 'smtp-one-450',
    title: 'SMTP: 450 for one of two recipients, then accepted',
    seeds: 4,
    spacing: { alsoMailTo: SECOND },
    strike: async (stage) => {
      stage.mail.fail({ at: 'recipient', how: 450, recipient: SECOND });
      await stage.second(wholeNumber(stage.random, 3, 8));
      await Promise.race([stage.mail.refused(), pause(MET_WITHIN, undefined, { ref: false })]);
      stage.mail.fail();
      await stage.second(stage.story.main);
    },
    check: ({ mail }) => [
      ...(mail.forOthers.length === 0 ? [`no mail was repeated to ${SECOND}`] : []),
      ...(new Set(mail.forOthers).size < mail.forOthers.length ? [`a mail was repeated twice to ${SECOND}`] : []),
    ],
  },
  {
    ...common,
    name: 'smtp-554',
    title: 'SMTP: 554 after the text, then accepted again',
    strike: smtp({ at: 'end-of-data', how: 554 }),
  },
  { ...common, name: 'smtp-tls', tls: true, title: 'SMTP: no TLS is offered', strike: mailFront('no tls') },
  { ...common, name: 'smtp-closed', title: 'SMTP: the connection is closed at once', strike: mailFront('closed') },
  { ...common, name: 'smtp-data', title: 'SMTP: the connection fails at DATA', strike: smtp({ at: 'data', how: 'drop' }) },
  { ...common, name: 'smtp-cut', title: 'SMTP: the connection fails within the text', strike: mailFront('cut within data') },
  { ...common, name: 'smtp-hang', title: 'SMTP: the mail is accepted without a response', strike: mailManner('hang') },
  {
    ...common,
    name: 'smtp-lost-answer',
    title: 'SMTP: the mail is accepted and the response is lost',
    strike: mailManner('lose the answer'),
  },
];
