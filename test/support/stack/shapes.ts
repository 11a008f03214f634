/**
 * By the shape of documents, which of the example rules see the problem in them; docs/use-cases.md has the same table. All documents stop
 * after twenty minutes, which those notice that wait for silence.
 */
export const SEEN: Readonly<Record<string, readonly string[]>> = {
  'apm-server': [
    'failed-transactions',
    'new-error',
    'service-silent',
    'stub-5xx',
    'stub-error-logs',
    'stub-slow',
    'traffic-jump',
  ],
  'collector-otel': ['new-error', 'service-silent', 'stub-5xx', 'stub-error-logs', 'stub-slow-otel', 'traffic-jump'],
  'collector-ecs': ['stub-error-logs'],
  'elastic-agent': [
    'container-cannot-start',
    'container-memory-near-limit',
    'container-oom-killed',
    'container-restarts',
    'deployment-unavailable',
    'host-disk-full',
    'host-silent',
    'node-not-ready',
    'pod-not-ready',
    'pod-phase',
    'stub-error-logs',
  ],
};
