/** Plain requests to an Elasticsearch, for tests that set up or look at what the code under test works on. */
export interface Requests {
  /** Sends a JSON body, or none, and returns the answer's; throws with the answer's text when the status is not 2xx. */
  json<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** Sends lines of JSON, as `_bulk` takes them, and returns the answer's; throws when the status is not 2xx. */
  lines<T = Record<string, unknown>>(path: string, lines: readonly object[]): Promise<T>;
  /** Indexes documents in one request, visible to searches when it returns; throws when one of them is refused. */
  bulk(index: string, documents: readonly object[]): Promise<void>;
  /** Makes what was written visible to searches. */
  refresh(index: string): Promise<void>;
  /** Deletes every index whose name begins with `prefix`. */
  removeIndices(prefix: string): Promise<void>;
}

/** Speaks to the Elasticsearch at `url`, which may carry `user:password@`, else with the given `authorization` header. */
export function es(url: string, authorization?: string): Requests {
  const { base, header } = splitLogin(url, authorization);
  const send = async (method: string, path: string, contentType: string, body: string | undefined): Promise<unknown> => {
    const headers = { 'content-type': contentType, ...(header && { authorization: header }) };
    const response = await fetch(base + path, { method, headers, ...(body !== undefined && { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await send(method, path, 'application/json', body === undefined ? undefined : JSON.stringify(body))) as T;
  const refresh = async (index: string) => {
    await json('POST', `/${index}/_refresh`);
  };
  const lines = async <T>(path: string, objects: readonly object[]): Promise<T> => {
    const text = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
    return (await send('POST', path, 'application/x-ndjson', text)) as T;
  };
  return {
    json,
    lines,
    refresh,
    bulk: async (index, documents) => {
      const writes = documents.flatMap((document) => [{ create: {} }, document]);
      rejectRefused(await lines<BulkAnswer>(`/${index}/_bulk?refresh=true`, writes));
    },
    removeIndices: async (prefix) => {
      const found = await json<object>('GET', `/${prefix}*/_settings?expand_wildcards=all&filter_path=*.settings.index.uuid`);
      const names = Object.keys(found);
      if (names.length > 0) await json('DELETE', `/${names.join(',')}`);
    },
  };
}

interface BulkAnswer {
  readonly errors: boolean;
  readonly items: readonly { readonly create: { readonly error?: unknown } }[];
}

function rejectRefused(answer: BulkAnswer): void {
  if (!answer.errors) return;
  const refused = answer.items.filter((item) => item.create.error);
  throw new Error(`${refused.length} of ${answer.items.length} documents were refused: ${JSON.stringify(refused[0])}`);
}

function splitLogin(url: string, authorization: string | undefined): { base: string; header: string | undefined } {
  const { origin, pathname, username, password } = new URL(url);
  const base = origin + pathname.replace(/\/$/, '');
  if (authorization !== undefined || username === '') return { base, header: authorization };
  return { base, header: basic(decodeURIComponent(username), decodeURIComponent(password)) };
}

/** Builds the value of the `authorization` header of a user and a password. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
