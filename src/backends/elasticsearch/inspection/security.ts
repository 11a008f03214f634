import { isObject } from '../../../core/json.ts';
import { own } from '../../../core/record.ts';
import type { Inspected, LoginFound, Privileges } from '../../../engine/inspection.ts';
import { classifyReply } from '../classify.ts';
import { succeeded, type WireReply } from '../wire.ts';

/** Reads who a request came from. A cluster without security has no such endpoint, or says that it is off. */
export function loginOf(reply: WireReply): Inspected<LoginFound | 'off'> {
  if (isOff(reply)) return { ok: true, value: 'off' };
  const body = succeeded(reply) && isObject(reply.body) ? reply.body : undefined;
  if (typeof body?.['username'] !== 'string') return { ok: false, problem: classifyReply(reply) };
  const key = isObject(body['api_key']) ? body['api_key'] : undefined;
  const roles = Array.isArray(body['roles']) ? body['roles'].map(String) : [];
  return {
    ok: true,
    value: {
      username: body['username'],
      apiKey: key === undefined ? undefined : { id: String(key['id']), name: String(key['name'] ?? '') },
      roles,
    },
  };
}

/** Reads which of the wanted privileges are lacking; without security none is. */
export function lackingOf(reply: WireReply, wanted: Privileges): Inspected<Privileges> {
  if (isOff(reply)) return { ok: true, value: { cluster: [], indices: [] } };
  const body = succeeded(reply) && isObject(reply.body) ? reply.body : undefined;
  const [cluster, index] = [body?.['cluster'], body?.['index']];
  if (!isObject(cluster) || !isObject(index)) return { ok: false, problem: classifyReply(reply) };
  const lacks = (granted: unknown, privilege: string) => !isObject(granted) || own(granted, privilege) !== true;
  const indices = wanted.indices.flatMap(({ names, privileges }) =>
    names.flatMap((name) => {
      const missing = privileges.filter((privilege) => lacks(own(index, name), privilege));
      return missing.length === 0 ? [] : [{ names: [name], privileges: missing }];
    }),
  );
  return { ok: true, value: { cluster: wanted.cluster.filter((privilege) => lacks(cluster, privilege)), indices } };
}

/** Without the plugin there is no handler; with it and switched off, it says so. A refusal of a login is neither. */
function isOff(reply: WireReply): boolean {
  if (reply.kind !== 'answered' || reply.status < 400 || reply.status === 401 || reply.status === 403) return false;
  const error = isObject(reply.body) ? reply.body['error'] : undefined;
  const text = typeof error === 'string' ? error : JSON.stringify(error ?? '');
  return /no handler found|Incorrect HTTP method for uri \[\/_security|security (?:must be explicitly|is not) enabled|security_not_enabled|not available on this instance|no such index \[_security/i.test(
    text,
  );
}
