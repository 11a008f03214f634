import type { ChannelFetch } from '../../channels/channel.ts';
import type { EnvironmentProxies } from '../../channels/http-client/config.ts';
import { type OpenTextSocket, textSocketOpener } from '../../channels/http-client/web-socket.ts';
import { type SlackAccess, type SlackWebApi, slackWebApi } from '../../channels/slack/web-api.ts';
import type { SlackAppConfig } from '../../config/slack-app.ts';
import { type Clock, type Duration, timeLimit } from '../../core/time.ts';
import { openedAt } from '../../slack-app/address.ts';
import { type SlackConnection, slackConnection } from '../../slack-app/connection.ts';
import type { SlackDesk, SlackOutcome } from '../../slack-app/desk.ts';
import { slackListener } from '../../slack-app/listener.ts';
import type { Log } from '../log.ts';
import { contentKey } from '../reload/reload.ts';

/** What listening to Slack needs of the world. */
export interface SlackParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly io: { readonly fetch: ChannelFetch; readonly proxies?: EnvironmentProxies };
  /** As the configuration is now; undefined: there is no app. */
  readonly config: () => SlackAppConfig | undefined;
  readonly desk: SlackDesk;
  readonly count: (kind: string, outcome: SlackOutcome) => void;
  /** Says why the connection is down, since when. */
  readonly report: (problem: string | undefined, from?: Duration) => void;
  readonly signal: AbortSignal;
  readonly open?: OpenTextSocket;
}

/** The Slack app of this process. */
export interface Slack {
  /** To be called at every poll. Never throws. */
  poll(): void;
  end(): void;
}

/** A connection that Slack replaces is down for a moment, which does not count, ms. */
const BLINK: Duration = 15_000;
/** Longest time of one request, ms. */
const REQUEST: Duration = 10_000;

/** Starts listening once an app is configured, again when the configuration changes, and stops when it is removed. */
export function startSlack(parts: SlackParts): Slack {
  const { clock, io, log, config, report, signal } = parts;
  const open = parts.open ?? textSocketOpener(io.proxies ?? {});
  let used: SlackAppConfig | undefined;
  let connection: SlackConnection | undefined;
  let upAt = clock.monotonic();
  let wasUp = false;

  const restart = (app: SlackAppConfig | undefined) => {
    connection?.end();
    connection = undefined;
    used = app;
    wasUp = false;
    upAt = clock.monotonic();
    if (app === undefined) return report(undefined);
    const api = (token: SlackAccess['token']) => timedApi({ url: app.url, token, http: app.http }, parts);
    const appApi = api(app.appToken);
    const listener = slackListener({
      ...{ clock, desk: parts.desk, api: api(app.botToken), count: parts.count },
      ...(app.allowUsers !== undefined && { allowUsers: app.allowUsers }),
      ...(app.allowChannels !== undefined && { allowChannels: app.allowChannels }),
      failed: (problem) => log.warn({ problem }, 'a request from Slack failed'),
    });
    connection = slackConnection({
      ...{ clock, open, http: app.http },
      address: async () => openedAt(await appApi.call('apps.connections.open', {}), app.url),
      received: (envelope, send) => void listener.handle(envelope, send),
    });
  };
  return {
    poll: () => {
      if (signal.aborted) return;
      const app = config();
      // Each reload gives a new object; what is in it is seldom another.
      if (app !== used && contentKey(app) !== contentKey(used)) restart(app);
      used = app;
      if (connection === undefined) return;
      connection.poll();
      const now = clock.monotonic();
      if (connection.isUp()) {
        if (!wasUp) log.info('connected to Slack');
        wasUp = true;
        upAt = now;
        report(undefined);
      } else if (now - upAt > BLINK) {
        wasUp = false;
        report(connection.problem() ?? 'not connected', upAt);
      }
    },
    end: () => {
      connection?.end();
      connection = undefined;
    },
  };
}

/** The Web API with a limit on the time of each request. */
function timedApi(access: SlackAccess, { io, clock, signal }: Pick<SlackParts, 'io' | 'clock' | 'signal'>): SlackWebApi {
  const limited = async <T>(ask: (api: SlackWebApi) => Promise<T>): Promise<T> => {
    const limit = timeLimit(REQUEST, signal);
    try {
      return await ask(slackWebApi(access, { fetch: io.fetch, now: clock.now() }, limit.signal));
    } finally {
      limit.end();
    }
  };
  return {
    call: (method, args) => limited((api) => api.call(method, args)),
    upload: (url, bytes) => limited((api) => api.upload(url, bytes)),
  };
}
