import type { Requests } from '../elasticsearch/request.ts';

const strings = { strings: { match_mapping_type: 'string', mapping: { type: 'keyword', ignore_above: 1024 } } };
const keyword = { type: 'keyword', ignore_above: 1024 };
const time = { type: 'date', format: 'strict_date_optional_time||epoch_millis' };
const passthrough = (priority: number, properties: object = {}) => ({ type: 'passthrough', dynamic: true, priority, properties });
const alias = (path: string) => ({ type: 'alias', path });

/** Names of the Elastic Common Schema that a cluster's own templates give to attributes of OpenTelemetry. */
const ALIASES = {
  'service.node.name': alias('resource.attributes.service.instance.id'),
  'kubernetes.namespace': alias('resource.attributes.k8s.namespace.name'),
  'kubernetes.pod.name': alias('resource.attributes.k8s.pod.name'),
  'kubernetes.node.name': alias('resource.attributes.k8s.node.name'),
  'kubernetes.deployment.name': alias('resource.attributes.k8s.deployment.name'),
};
const RESOURCE = {
  'service.instance.id': keyword,
  'k8s.namespace.name': keyword,
  'k8s.pod.name': keyword,
  'k8s.node.name': keyword,
  'k8s.deployment.name': keyword,
};

const otel = (properties: object, attributes: object = {}) => ({
  '@timestamp': time,
  start_timestamp: time,
  observed_timestamp: time,
  attributes: passthrough(20, attributes),
  scope: { properties: { name: keyword, version: keyword, attributes: passthrough(30) } },
  resource: { properties: { schema_url: keyword, attributes: passthrough(40, RESOURCE) } },
  ...ALIASES,
  ...properties,
});

const traced = { trace_id: keyword, 'trace.id': alias('trace_id'), span_id: keyword, 'span.id': alias('span_id') };

/**
 * Mappings of the data streams that a stack fills, by their pattern: as Elasticsearch's own templates for OpenTelemetry and APM and the
 * packages of Elastic Agent have them, as far as rules can tell. The test distribution lacks some field types; `constant_keyword` is a
 * keyword here, text without positions is text, and histograms are kept unindexed.
 */
const STREAMS: Readonly<Record<string, object>> = {
  'traces-*.otel-*': otel({
    ...traced,
    parent_span_id: keyword,
    name: keyword,
    kind: keyword,
    duration: { type: 'long' },
    status: { properties: { code: keyword, message: keyword } },
  }),
  'logs-*.otel-*': otel(
    {
      ...traced,
      severity_text: keyword,
      severity_number: { type: 'byte' },
      'log.level': alias('severity_text'),
      body: { properties: { text: { type: 'text' }, structured: { type: 'flattened' } } },
      message: alias('body.text'),
      event_name: keyword,
      'error.exception.type': alias('attributes.exception.type'),
      'error.exception.message': alias('attributes.exception.message'),
    },
    { 'exception.type': keyword, 'exception.message': keyword },
  ),
  'metrics-*.otel-*': otel({ unit: keyword, _metric_names_hash: keyword, metrics: passthrough(10) }),
  'traces-apm*': { '@timestamp': { type: 'date' }, message: { type: 'text' } },
  'logs-apm*': { '@timestamp': { type: 'date' }, message: { type: 'text' } },
  'metrics-apm*': { '@timestamp': { type: 'date' } },
  'metrics-kubernetes.*': { '@timestamp': { type: 'date' } },
  'metrics-system.*': { '@timestamp': { type: 'date' } },
  'logs-kubernetes.container_logs-*': { '@timestamp': { type: 'date' }, message: { type: 'text' } },
  'traces-generic-*': { '@timestamp': { type: 'date' } },
  'logs-generic-*': { '@timestamp': { type: 'date' }, message: { type: 'text' } },
};

/** The mappings of a data stream of this name, as PUT index takes them. */
export function mappingsFor(stream: string): object {
  const fits = (pattern: string) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(stream);
  const pattern = Object.keys(STREAMS).find(fits);
  if (pattern === undefined) throw new Error(`no pattern fits ${stream}`);
  return mappingsOf(pattern);
}

function mappingsOf(pattern: string): object {
  return { date_detection: false, dynamic_templates: [strings, ...METRICS], properties: STREAMS[pattern] };
}

/** What a Collector asks for by name when it writes a metric. */
const METRICS = [
  { gauge_long: { mapping: { type: 'long' } } },
  { gauge_double: { mapping: { type: 'double' } } },
  { counter_long: { mapping: { type: 'long' } } },
  { counter_double: { mapping: { type: 'double' } } },
  { histogram: { mapping: { type: 'object', enabled: false } } },
];

/** Gives a cluster an index template for each of the data streams. */
export async function putIndexTemplates(cluster: Requests): Promise<void> {
  for (const pattern of Object.keys(STREAMS)) {
    await cluster.json('PUT', `/_index_template/stack-${pattern.replaceAll(/[^a-z]+/g, '-')}`, {
      index_patterns: [pattern],
      priority: pattern.includes('.otel-') ? 500 : 400,
      data_stream: {},
      template: {
        settings: { number_of_replicas: 0, 'index.mapping.total_fields.limit': 3000 },
        mappings: mappingsOf(pattern),
      },
    });
  }
}
