import type { Wire, WireReply, WireRequest } from '../../../src/backends/elasticsearch/wire.ts';

/** A wire that answers by script and keeps what was sent. */
export interface ScriptedWire extends Wire {
  readonly requests: readonly WireRequest[];
}

/**
 * Makes a wire whose `answer` is asked for each request, in order. Looks at the time fields of sources are answered with dates and are not
 * kept, unless the script is about them.
 */
export function scriptedWire(
  answer: (request: WireRequest, count: number) => WireReply,
  about: 'searches' | 'time fields' = 'searches',
): ScriptedWire {
  const requests: WireRequest[] = [];
  return {
    requests,
    requestTimeout: 10_000,
    send: async (request) => {
      const field = request.path.endsWith('/_field_caps') ? request.query?.['fields'] : undefined;
      if (about === 'searches' && (field === '@timestamp' || field === 'event.created'))
        return answered({ indices: ['logs-1'], fields: { [field]: { date: {} } } });
      requests.push(request);
      return answer(request, requests.length);
    },
  };
}

/** An answer of the server. */
export function answered(body: unknown, status = 200): WireReply {
  return { kind: 'answered', status, body };
}

/** An error of the server in its own form. */
export function refused(status: number, type: string, reason: string): WireReply {
  return answered({ error: { type, reason, root_cause: [{ type, reason }] }, status }, status);
}

/** The JSON objects of a request's lines. */
export function linesOf(request: WireRequest | undefined): readonly Record<string, unknown>[] {
  return (request?.lines ?? []).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The answer to one search that found nothing but its aggregations. */
export function searched(aggregations: object, hits: readonly object[] = []): object {
  const shards = { total: 2, successful: 2, skipped: 0, failed: 0 };
  return { took: 3, timed_out: false, _shards: shards, hits: { hits }, aggregations, status: 200 };
}
