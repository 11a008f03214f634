import { isObject } from '../../core/json.ts';
import type { Inspected, NodeFound } from '../../engine/inspection.ts';
import { classifyReply } from './classify.ts';
import { succeeded, type Wire } from './wire.ts';

/** What a cluster says of itself, or why it says nothing. */
export type ServerAnswer = Inspected<Omit<NodeFound, 'took'>>;

/** Asks the cluster who it is. */
export async function serverInfo(wire: Wire, signal?: AbortSignal): Promise<ServerAnswer> {
  const reply = await wire.send({
    method: 'GET',
    path: '/',
    timeout: wire.requestTimeout,
    repeatable: true,
    ...(signal && { signal }),
  });
  const version = succeeded(reply) && isObject(reply.body) && isObject(reply.body['version']) ? reply.body['version'] : undefined;
  if (!succeeded(reply) || !isObject(reply.body) || typeof version?.['number'] !== 'string') {
    return { ok: false, problem: classifyReply(reply) };
  }
  return {
    ok: true,
    value: {
      version: version['number'],
      cluster: String(reply.body['cluster_name']),
      clusterId: String(reply.body['cluster_uuid']),
      flavor: String(version['build_flavor'] ?? 'default'),
    },
  };
}
