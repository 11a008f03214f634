/** Fields by which documents of one request are tied together: ECS and OpenTelemetry. */
export const TRACE_FIELDS: readonly string[] = ['trace.id', 'trace_id'];
