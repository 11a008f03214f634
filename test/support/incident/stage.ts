import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedBackend } from '../../../src/backends/embedded/backend.ts';
import { machineOf } from '../../../src/channels/http-client/fetch.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { nextTick } from '../../../src/core/schedule.ts';
import { HOUR, type Instant, iso, manualClock, systemClock, timeLimit } from '../../../src/core/time.ts';
import { alertsReport } from '../../../src/engine/alert-list/read-alerts.ts';
import { assemble } from '../../../src/engine/assemble.ts';
import { openTurn } from '../../../src/engine/open-turn.ts';
import { turn } from '../../../src/engine/turn.ts';
import { route } from '../../../src/routing/routing.ts';
import { loadRules } from '../../../src/rules/load-rules.ts';
import { createMetrics } from '../../../src/server/metrics.ts';
import { createServer } from '../../../src/server/server.ts';
import type { ServiceStatus } from '../../../src/server/status.ts';
import { acknowledgeDesk } from '../../../src/service/acknowledge-desk.ts';
import { destinationsOf } from '../../../src/service/destinations.ts';
import { ruleStatus } from '../../../src/service/health/status-of.ts';
import { sessionDesk } from '../../../src/service/sign-in/session-desk.ts';
import { silenceDesk } from '../../../src/service/silence-desk.ts';
import { slackDesk } from '../../../src/service/slack/slack-desk.ts';
import { startSlack } from '../../../src/service/slack/start-slack.ts';
import { heardAcknowledgements } from '../../../src/service/web/acknowledging.ts';
import { eventHub } from '../../../src/service/web/event-hub.ts';
import { ruleCosts } from '../../../src/service/web/rule-costs.ts';
import { webDesk } from '../../../src/service/web/web-desk.ts';
import { capturedLog } from '../service/captured-log.ts';
import { APP_TOKEN, type SlackSocket, SOCKET_BOT_TOKEN, startSlackSocket } from '../slack-socket.ts';
import { type SmtpRecorder, startSmtpServer } from '../smtp-server.ts';
import { INCIDENT_RULE, playedConfig } from './files.ts';

const SECOND = 1_000;
const STEP = 30 * SECOND;
const PERSON = { user: { id: 'U012AB3CD', username: 'on-call' }, channel: { id: 'C024BE91L' } };

type Fields = Readonly<Record<string, unknown>>;

/** The engine, its server and its Slack app over one store in memory, in a time that the play moves; mail, Slack and HTTP are real. */
export interface IncidentStage extends AsyncDisposable {
  readonly slack: SlackSocket;
  readonly mail: SmtpRecorder;
  /** Where its server listens. */
  readonly url: string;
  now(): Instant;
  /** Plays on to this time; `errors`: requests that fail in each minute of it. */
  playTo(at: Instant, errors: number): Promise<void>;
  /** Presses a button of the first message in the channel, and waits until all that follows from it is done. */
  press(action: string): Promise<void>;
  report(): ReturnType<typeof alertsReport>;
}

/** Sets it up. `program`: what runs in the pages. */
export async function incidentStage(start: Instant, program?: string): Promise<IncidentStage> {
  const [slack, mail] = await Promise.all([startSlackSocket(), startSmtpServer()]);
  slack.answer('users.info', { ok: true, user: { id: PERSON.user.id, name: 'on-call', real_name: 'on-call', tz: 'UTC' } });
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-incident-'));
  await writeFile(join(folder, 'app'), APP_TOKEN, { mode: 0o600 });
  await writeFile(join(folder, 'bot'), SOCKET_BOT_TOKEN, { mode: 0o600 });
  await writeFile(join(folder, 'rules.yaml'), INCIDENT_RULE);
  await writeFile(join(folder, 'tocsin.yaml'), playedConfig({ slack: slack.url, smtp: `127.0.0.1:${mail.port}` }));
  const loaded = await loadConfig(join(folder, 'tocsin.yaml'), {});
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const config = loaded.value;
  const { rules, problems } = await loadRules(config.rules, { receivers: Object.keys(config.routing.destinations) });
  const [rule] = rules;
  if (rule === undefined || problems.length > 0) throw new Error(JSON.stringify(problems));

  const time = manualClock(start);
  // Pauses between attempts are real, and short.
  const clock = { ...systemClock, now: time.now };
  const backend = embeddedBackend({ freeze: true });
  const io = { ...machineOf({}), print: () => undefined };
  const life = new AbortController();
  let tokens = 0;
  const newToken = () => `00000000-0000-4000-8000-${String(++tokens).padStart(12, '0')}`;
  const ports = assemble({
    ...config,
    ...{ backend, rules, failures: [], destination: destinationsOf(config), io, clock, deadline: timeLimit, newToken },
    ...{ meta: config.meta, kibana: config.kibana },
  });
  const costs = ruleCosts();
  const { namespace, routing } = ports;
  const report = () => alertsReport(backend, { namespace, all: false, now: clock.now(), rules });
  const alerts = async () => ({ report: await report() });
  const silences = () => backend.silences.list(clock.now());
  const events = eventHub({ clock, replica: 'incident', others: () => undefined, silences });
  const desk = () => acknowledgeDesk({ stores: backend, namespace, rules, clock });
  const acknowledgements = heardAcknowledgements(desk, (change, of, by) => events.acknowledged(of, change, by));
  const web = webDesk({
    ...{ backend, clock, costs, events, program, signal: life.signal, ports: () => ports, shown: (text: string) => text },
    acknowledgements,
    signIn: {
      sessions: sessionDesk({ store: backend.signIns, clock, longest: 12 * HOUR, shown: (text) => text }),
      provider: () => undefined,
      auditSession: () => undefined,
    },
  });
  const status = (): ServiceStatus => ({
    ...{ version: '1.2.3', namespace, startedAt: start, now: clock.now(), healthy: { ok: true }, ready: { ok: true } },
    ...ruleStatus(ports, () => true, clock.now()),
    ...{ shards: { held: 32, of: 32, replicas: 1 }, store: { up: true }, history: [], tasks: [], oldestUndelivered: 0 },
    config: { loaded: true, loadedAt: start },
  });
  const server = createServer({
    ...{ status, alerts, web, healthy: () => ({ ok: true }), metrics: createMetrics(status) },
    alertmanager: {
      silences: silenceDesk({ silences: backend.silences, clock, newId: newToken }),
      ...{ routing: () => routing, access: () => ({ host: '127.0.0.1', tokens: [] }), audit: events.silence },
      targetsOf: () => (labels) => route(labels, routing, rule.receivers),
    },
  });
  let outcomes = 0;
  let problem: string | undefined;
  const app = startSlack({
    ...{ clock, log: capturedLog().log, io, config: () => config.slackApp, signal: life.signal },
    desk: slackDesk({
      ...{ stores: backend, clock, ports: () => ports, alerts, explain: web.explain, shown: (text: string) => text },
      ...{ audit: events.silence, acknowledgements },
    }),
    count: () => {
      outcomes += 1;
    },
    report: (why) => {
      problem = why;
    },
  });
  app.poll();
  const url = await server.listen('127.0.0.1', 0);
  const until = async (holds: () => boolean, what: string) => {
    for (let wait = 0; wait < 500 && !holds(); wait++) await new Promise((resolve) => setTimeout(resolve, 5));
    if (!holds()) throw new Error(`${what} did not come: ${problem}`);
  };
  await until(() => slack.connections.length > 0, 'the connection to Slack');

  let seen = start;
  return {
    ...{ slack, mail, url, now: clock.now, report },
    playTo: async (at, errors) => {
      while (clock.now() < at) {
        const now = clock.now() + STEP;
        time.set(now);
        if (now % (60 * SECOND) === 0) backend.documents.add(documentsOf(now - SECOND, errors));
        const isDue = nextTick(rule.schedule, seen) === now;
        seen = now;
        const log = await turn(openTurn({ now, due: isDue ? [rule] : [], sweep: true }, ports, life.signal));
        const failed = log.notified.filter(({ outcome }) => outcome !== 'delivered');
        if (log.storeProblems.length + failed.length > 0) throw new Error(JSON.stringify([log.storeProblems, failed]));
        costs.note(log);
        events.turn(log);
      }
    },
    press: async (action) => {
      const before = outcomes;
      slack.connections.at(-1)?.send({
        ...{ envelope_id: `press-${action}`, type: 'interactive' },
        payload: pressOf(action, slack, clock.now()),
      });
      await until(() => outcomes > before, `the end of ${action}`);
    },
    [Symbol.asyncDispose]: async () => {
      life.abort();
      app.end();
      events.close();
      await Promise.all([server.close(), mail.close(), slack[Symbol.asyncDispose]()]);
      await rm(folder, { recursive: true });
    },
  };
}

function documentsOf(at: Instant, errors: number) {
  const source = { '@timestamp': iso(at), service: { name: 'checkout' }, http: { response: { status_code: 503 } } };
  return Array.from({ length: errors }, () => ({ index: 'logs-shop-app', source }));
}

/** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
function pressOf(action: string, { posts }: SlackSocket, now: Instant): Fields {
  const [message] = posts;
  const attachments = (message?.content['attachments'] ?? []) as readonly { readonly blocks: readonly Fields[] }[];
  const row = attachments.flatMap(({ blocks }) => blocks).find(({ type }) => type === 'actions');
  const buttons = (row?.['elements'] ?? []) as readonly Fields[];
  const button = buttons.find((one) => one['action_id'] === `tocsin.${action}`);
  if (message === undefined || button === undefined) throw new Error(`no message has the button ${action}`);
  return {
    ...{ type: 'block_actions', ...PERSON, message: { ...message.content, ts: message.ts } },
    container: { type: 'message_attachment', message_ts: message.ts, channel_id: PERSON.channel.id },
    actions: [{ ...button, type: 'button', block_id: row?.['block_id'], action_ts: `${now / SECOND}.000100` }],
  };
}
