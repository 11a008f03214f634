import { type HttpRecorder, type RecordedRequest, type Reply, startHttpRecorder } from './http-recorder.ts';

/** The bot token that the server takes. */
export const BOT_TOKEN = 'xoxb-tvE9xS3cretS3cret';
/** The id of the channel `#alerts`, of which the app is a member. */
export const CHANNEL_ID = 'C024BE91L';

type Fields = Readonly<Record<string, unknown>>;

/** A message as the channel has it now. */
interface SlackPost {
  readonly ts: string;
  readonly thread: string | undefined;
  readonly broadcast: boolean;
  readonly edits: number;
  readonly content: Fields;
}

/** How a call is answered. */
type Faulty = Reply | 'pass' | 'after';

/** A workspace that behaves as Slack's documentation of its Web API says. */
export interface SlackServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: HttpRecorder['requests'];
  /** Messages of the channel, oldest first. */
  posts(): readonly SlackPost[];
  /** Files that were shared in a thread. */
  readonly files: { readonly thread: unknown; readonly size: number; readonly title: unknown; readonly alt: string | null }[];
  /** What the next calls of a method answer instead; `pass`: as usual; `after`: it does what was asked for, and its answer is lost. */
  fail(method: string, ...replies: readonly Faulty[]): void;
  delete(ts: string): void;
  /** Messages that are refused for a picture that is not processed yet, after each upload. */
  processing(updates: number): void;
}

/**
 * Starts a server that behaves as the documentation of Slack says, as far as an app that posts needs it:
 * https://docs.slack.dev/reference/methods/chat.postMessage, …/chat.update, …/files.getUploadURLExternal, …/files.completeUploadExternal,
 * https://docs.slack.dev/apis/web-api/rate-limits and the limits of blocks, https://docs.slack.dev/reference/block-kit/blocks.
 */
export async function startSlackServer(): Promise<SlackServer> {
  const posts: SlackPost[] = [];
  const uploads = new Map<string, { readonly length: number; readonly alt: string | null; size?: number }>();
  const files: SlackServer['files'][number][] = [];
  const failing = new Map<string, Faulty[]>();
  let count = 0;
  let unprocessed = 0;
  const usable = new Map<string, { left: number }>();

  const ok = (body: Fields = {}) => json({ ok: true, ...body });
  const no = (error: string, body: Fields = {}) => json({ ok: false, error, ...body });

  const methods: Readonly<Record<string, (args: Fields) => Reply>> = {
    'chat.postMessage': (args) => {
      if (args['channel'] !== CHANNEL_ID && args['channel'] !== '#alerts') return no('channel_not_found');
      const problem = contentProblem(args) ?? fileProblem(args);
      if (problem !== undefined) return problem;
      const thread = args['thread_ts'];
      if (thread !== undefined && !posts.some(({ ts }) => ts === thread)) return no('thread_not_found');
      const ts = `1767261900.${String(++count).padStart(6, '0')}`;
      posts.push({
        ...{ ts, thread: thread === undefined ? undefined : String(thread), edits: 0, content: args },
        broadcast: args['reply_broadcast'] === true,
      });
      return ok({ channel: CHANNEL_ID, ts, message: { text: args['text'] } });
    },
    'chat.update': (args) => {
      // A name, as chat.postMessage takes it, is none here.
      if (args['channel'] !== CHANNEL_ID) return no('channel_not_found');
      const index = posts.findIndex(({ ts }) => ts === args['ts']);
      const post = posts[index];
      if (post === undefined) return no('message_not_found');
      const problem = contentProblem(args) ?? fileProblem(args);
      if (problem !== undefined) return problem;
      posts[index] = { ...post, edits: post.edits + 1, content: { ...post.content, ...args } };
      return ok({ channel: CHANNEL_ID, ts: post.ts, text: args['text'] });
    },
    'files.getUploadURLExternal': (args) => {
      if (Number(args['length']) <= 0 || typeof args['filename'] !== 'string') return no('invalid_arguments');
      const id = `F${String(++count).padStart(8, '0')}`;
      uploads.set(id, { length: Number(args['length']), alt: typeof args['alt_txt'] === 'string' ? args['alt_txt'] : null });
      return ok({ upload_url: `${server.url}/upload/v1/${id}`, file_id: id });
    },
    'files.completeUploadExternal': (args) => {
      const [file] = Array.isArray(args['files']) ? (args['files'] as readonly Fields[]) : [];
      const upload = uploads.get(String(file?.['id']));
      if (upload?.size === undefined) return no('file_not_found');
      // "If you don't use the channel_id parameter, this only uploads the file": it is then shown by blocks of its uploader.
      if (args['channel_id'] === undefined) {
        usable.set(String(file?.['id']), { left: unprocessed });
        return ok({ files: [{ id: file?.['id'], title: file?.['title'] }] });
      }
      if (args['channel_id'] !== CHANNEL_ID) return no('channel_not_found');
      files.push({ thread: args['thread_ts'], size: upload.size, title: file?.['title'], alt: upload.alt });
      return ok({ files: [{ id: file?.['id'] }] });
    },
  };

  /** https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object: a picture of the poster's, once it is processed. */
  const fileProblem = ({ attachments }: Fields): Reply | undefined => {
    for (const block of blocksOf(attachments)) {
      if (block['type'] !== 'image') continue;
      const id = (block['slack_file'] as Fields | undefined)?.['id'];
      const file = usable.get(String(id));
      if (file !== undefined && file.left === 0) continue;
      if (file !== undefined) file.left -= 1;
      return no('invalid_blocks', { errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'] });
    }
    return undefined;
  };

  const reply = (request: RecordedRequest): Reply => {
    const upload = /^\/upload\/v1\/(F\d+)$/.exec(request.path)?.[1];
    if (upload !== undefined) {
      const known = uploads.get(upload);
      // The address is the key: a token has no place here.
      if (known === undefined || request.headers.authorization !== undefined) return { status: 404 };
      known.size = Number(request.headers['content-length']);
      return known.size === known.length ? { status: 200, body: 'OK - 1' } : { status: 400 };
    }
    const method = request.path.slice(1);
    const call = methods[method];
    if (request.method !== 'POST' || call === undefined) return no('unknown_method');
    const wanted = failing.get(method)?.shift();
    if (wanted !== undefined && wanted !== 'after' && wanted !== 'pass') return wanted;
    if (request.headers.authorization !== `Bearer ${BOT_TOKEN}`) return no('invalid_auth');
    const args = argumentsOf(request);
    if (args === undefined) return no('invalid_form_data');
    const answered = call(args);
    return wanted === 'after' ? 'drop' : answered;
  };

  const server = await startHttpRecorder(reply);
  return {
    url: server.url,
    requests: server.requests,
    posts: () => posts,
    files,
    fail: (method, ...replies) => void failing.set(method, [...(failing.get(method) ?? []), ...replies]),
    delete: (ts) => {
      const index = posts.findIndex((post) => post.ts === ts);
      if (index >= 0) posts.splice(index, 1);
    },
    processing: (updates) => {
      unprocessed = updates;
    },
    [Symbol.asyncDispose]: server.close,
  };
}

function blocksOf(attachments: unknown): readonly Fields[] {
  return Array.isArray(attachments)
    ? (attachments as readonly Fields[]).flatMap((one) => (one['blocks'] ?? []) as readonly Fields[])
    : [];
}

function json(body: Fields): Reply {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

/** The methods for files take forms; JSON is only read of those that say so. */
function argumentsOf({ path, headers, body }: RecordedRequest): Fields | undefined {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body));
  if (!type.startsWith('application/json') || path.startsWith('/files.getUpload')) return undefined;
  return JSON.parse(body) as Fields;
}

function contentProblem({ text, blocks, attachments }: Fields): Reply | undefined {
  const lists = [blocks, ...(Array.isArray(attachments) ? (attachments as readonly Fields[]).map((one) => one['blocks']) : [])];
  const all = lists.filter(Array.isArray) as (readonly Fields[])[];
  if (typeof text !== 'string' && all.length === 0) return json({ ok: false, error: 'no_text' });
  if (all.some((list) => list.length > 50))
    return json({ ok: false, error: 'invalid_blocks', errors: ['no more than 50 items allowed'] });
  // https://github.com/slackapi/bolt-js/issues/2509
  if (JSON.stringify(all).length > 13_200) return json({ ok: false, error: 'msg_blocks_too_long' });
  for (const block of all.flat()) {
    const shown = (block['text'] ?? {}) as Fields;
    if (String(shown['text'] ?? '').length > (block['type'] === 'header' ? 150 : 3_000))
      return json({
        ok: false,
        error: 'invalid_blocks',
        errors: ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
      });
  }
  return undefined;
}
