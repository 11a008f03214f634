import { randomBytes } from 'node:crypto';

/** Requests that keep coming, each as part of a trace that the caller began, as a browser's or another service's would be. */
export interface Traffic extends AsyncDisposable {
  /** Traces whose request was answered with this status or a higher one. */
  traces(status: number): ReadonlySet<string>;
}

/** Lists todos some ten times a second. */
export function startTraffic(url: string): Traffic {
  const answered = new Map<string, number>();
  let stopped = false;
  const keepAsking = async () => {
    while (!stopped) {
      const trace = randomBytes(16).toString('hex');
      const headers = { traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01` };
      const response = await fetch(`${url}/todos/`, { headers });
      await response.arrayBuffer();
      answered.set(trace, response.status);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const asking = keepAsking();
  // Reported when the test ends and waits for it.
  asking.catch(() => undefined);
  return {
    traces: (status) => new Set([...answered].filter(([, got]) => got >= status).map(([trace]) => trace)),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await asking;
    },
  };
}
