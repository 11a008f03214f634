import type { ChannelFetch } from '../../channels/channel.ts';
import { failureOutcome, hiding, readAnswer } from '../../channels/http-client/answer.ts';
import { PLAIN_HTTP } from '../../channels/http-client/config.ts';
import type { HeartbeatConfig } from '../../config/config.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Clock, Duration, TimeLimit } from '../../core/time.ts';
import type { Log } from '../log.ts';

/** A dead-man's heartbeat: requests while all is well, whose absence notifies someone else that it is not. */
export interface Heartbeat {
  /** To be called at every poll of the ticker; gives the request when one is due. Never rejects. */
  poll(): Promise<void> | undefined;
}

/** The outcome of a heartbeat that was due; held: a whole interval went by in which not all was well. */
export type HeartbeatOutcome = 'delivered' | 'failed' | 'held';

/** What a heartbeat needs of the world. */
export interface HeartbeatParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly fetch: ChannelFetch;
  /** As the configuration is now; undefined: there is none. */
  readonly config: () => HeartbeatConfig | undefined;
  /** Why not all is well; undefined when it is. */
  readonly unwell: () => string | undefined;
  /** The body of a POST. */
  readonly body: () => JsonObject;
  readonly count: (outcome: HeartbeatOutcome) => void;
  readonly deadline: (ms: Duration, parent: AbortSignal) => TimeLimit;
  readonly signal: AbortSignal;
}

/** Problem that is logged when it begins and when it ends, and not at every poll. */
interface Failure {
  began(facts: object, message: string): void;
  ended(message: string): void;
}

/** While not all is well, how often that is looked at, ms: it takes a look at every rule. */
const LOOK_AGAIN: Duration = 5_000;

/**
 * Starts a heartbeat; its first request is due at once. One that must wait because not all is well is sent soon after it is. A failed
 * one is not sent again: the next is due a whole interval later, so that a receiver in problem is not asked more often than others.
 */
export function startHeartbeat(parts: HeartbeatParts): Heartbeat {
  const { clock, log, count } = parts;
  const held = failureOn(log);
  const failing = failureOn(log);
  let due = clock.monotonic();
  let lookAt = due;
  let inflight = false;

  const send = async (config: HeartbeatConfig): Promise<void> => {
    const problem = await request(config, parts);
    if (parts.signal.aborted) return;
    count(problem === undefined ? 'delivered' : 'failed');
    if (problem === undefined) failing.ended('the heartbeat is delivered again');
    else failing.began({ problem }, 'the heartbeat cannot be delivered: its monitor will report that Tocsin is down');
  };
  return {
    poll: () => {
      const config = parts.config();
      const now = clock.monotonic();
      if (config === undefined || inflight || now < due || now < lookAt) return undefined;
      const why = parts.unwell();
      if (why !== undefined) {
        lookAt = now + Math.min(LOOK_AGAIN, config.every);
        if (now - due < config.every) return undefined;
        due = now;
        count('held');
        held.began({ why }, 'heartbeat suspended: Tocsin is not healthy');
        return undefined;
      }
      held.ended('heartbeat resumed: Tocsin is healthy again');
      due = now + config.every;
      inflight = true;
      return send(config).finally(() => {
        inflight = false;
      });
    },
  };
}

/** Sends one request; gives what went wrong, without the URL. */
async function request({ url, method, timeout }: HeartbeatConfig, parts: HeartbeatParts): Promise<string | undefined> {
  const hide = hiding(url);
  const limit = parts.deadline(timeout, parts.signal);
  const headers = { 'user-agent': 'Tocsin', ...(method === 'POST' && { 'content-type': 'application/json' }) };
  const content = method === 'POST' ? { body: JSON.stringify(parts.body()) } : {};
  try {
    const response = await parts.fetch(url.reveal(), {
      method,
      headers,
      ...content,
      redirect: 'error',
      signal: limit.signal,
      connection: PLAIN_HTTP,
    });
    const { status, text } = await readAnswer(response);
    return response.ok ? undefined : `HTTP ${status}${text === '' ? '' : `: ${hide(text)}`}`;
  } catch (thrown) {
    const outcome = failureOutcome(thrown, limit.signal, hide);
    return outcome.kind === 'delivered' ? undefined : outcome.reason.text;
  } finally {
    limit.end();
  }
}

function failureOn(log: Log): Failure {
  let on = false;
  return {
    began: (facts, message) => {
      if (on) log.debug(facts, message);
      else log.warn(facts, message);
      on = true;
    },
    ended: (message) => {
      if (on) log.info(message);
      on = false;
    },
  };
}
