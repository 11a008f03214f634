const OTEL_STREAM = /^(?:.*:)?(?:\.ds-)?[^:]*\.otel-/;

/** Objects whose fields OpenTelemetry data streams also show without their prefix, the most important first. */
const PASSTHROUGH = ['resource.attributes.', 'scope.attributes.', 'attributes.', 'metrics.'];

/** Further names in the same data streams. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['message', 'body.text'],
  ['log.level', 'severity_text'],
  ['trace.id', 'trace_id'],
  ['span.id', 'span_id'],
  ['span.name', 'name'],
  ['parent.id', 'parent_span_id'],
  ['event.dataset', 'data_stream.dataset'],
  ['service.environment', 'resource.attributes.deployment.environment'],
  ['service.node.name', 'resource.attributes.service.instance.id'],
  ['service.language.name', 'resource.attributes.telemetry.sdk.language'],
  ['kubernetes.deployment.name', 'resource.attributes.k8s.deployment.name'],
  ['kubernetes.namespace', 'resource.attributes.k8s.namespace.name'],
  ['kubernetes.node.name', 'resource.attributes.k8s.node.name'],
  ['kubernetes.pod.name', 'resource.attributes.k8s.pod.name'],
  ['kubernetes.pod.uid', 'resource.attributes.k8s.pod.uid'],
]);

/** Other names under which fields are reached: prefixes that may be left out, and aliases with their paths. */
export interface OtherNames {
  readonly passthrough: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
}

/** The other names that Elasticsearch's built-in templates give to documents of an index such as `logs-generic.otel-default`. */
export function otelNames(index: string | undefined): OtherNames | undefined {
  return index !== undefined && OTEL_STREAM.test(index) ? { passthrough: PASSTHROUGH, aliases: ALIASES } : undefined;
}
