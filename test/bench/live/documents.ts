/** Mapping of the documents that both engines are asked about. */
export const LIVE_MAPPING = {
  dynamic: false,
  properties: {
    '@timestamp': { type: 'date' },
    'service.name': { type: 'keyword' },
    'log.level': { type: 'keyword' },
    'http.response.status_code': { type: 'long' },
    'kubernetes.pod.name': { type: 'keyword' },
    'transaction.duration.us': { type: 'long' },
  },
};

/** How many services and pods the documents are spread over. */
const SERVICES = 1_000;
const PODS = 200;

/** Document number `position` of a stream, at `at`: the same at every run but for its time. */
export function documentAt(position: number, at: number): object {
  const spread = (position * 7_919) % 1_000_003;
  const error = position % 50 === 0;
  return {
    '@timestamp': new Date(at).toISOString(),
    'service.name': `service-${spread % SERVICES}`,
    'log.level': error ? 'error' : 'info',
    'http.response.status_code': error ? 500 : 200,
    'kubernetes.pod.name': `pod-${spread % PODS}`,
    'transaction.duration.us': (spread * 31) % 2_000_000,
  };
}

/** An error of a service that has no documents otherwise. */
export function errorOf(service: string, at: number): object {
  return { ...documentAt(1, at), 'service.name': service, 'log.level': 'error' };
}
