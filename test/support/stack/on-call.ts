import { SEARCH_PROBLEMS } from '../../../src/search/search-problem.ts';
import { type HttpRecorder, startHttpRecorder } from '../http-recorder.ts';
import { type LogLine, startTocsin } from '../service/tocsin-process.ts';
import { type SmtpRecorder, startSmtpServer } from '../smtp-server.ts';
import { pacedRules } from './paced-rules.ts';

/** How much faster than deployed the rules go; 1 is as deployed and takes a quarter of an hour. */
const PACE = Number(process.env['TOCSIN_STACK_PACE'] || 30);
/** Sending, batching and refreshing take some 3 s in all, whatever the pace. */
const DELAY = PACE === 1 ? '30s' : '4s';

/** Problems of a search that say nothing against a rule: the window stays due, and is evaluated when the answer comes. */
const TRANSIENT = new Set(Object.entries(SEARCH_PROBLEMS).flatMap(([code, { transient }]) => (transient ? [code] : [])));

/** One message as Slack and the mail server got it. */
export interface Notified {
  /** The first line in Slack, without its sign. */
  readonly title: string;
  /** The body of the webhook's request, JSON. */
  readonly slack: string;
  readonly mail: string;
  readonly html: string;
}

/** The built Tocsin with the deployed rules, and the Slack webhook and mail server that it tells. */
export interface OnCall extends AsyncDisposable {
  /** Waits until both were notified under a title that fits. */
  notified(title: RegExp): Promise<Notified>;
  /** Titles of all messages to Slack, in order. */
  titles(): readonly string[];
  /** Errors in the log, and warnings but for windows that a busy cluster answered at the second try. */
  complaints(): readonly string[];
}

/** Starts them; `name` becomes the namespace. */
export async function startOnCall(elasticsearch: string, name: string): Promise<OnCall> {
  const slack = await startHttpRecorder();
  const smtp = await startSmtpServer();
  const files = {
    'tocsin.yaml': configuration({ elasticsearch, name, hook: slack.url, smarthost: `127.0.0.1:${smtp.port}` }),
    'rules.yaml': await pacedRules(PACE, DELAY),
  };
  const tocsin = await startTocsin(files);
  await tocsin.line(({ msg }) => msg.includes('the state is accessible'));
  // Who has ended notifies nobody: without this the test would wait for its time to run out.
  const gone = tocsin.ended.then((end) =>
    Promise.reject(new Error(`tocsin ended (${end}); it said:\n${tocsin.other.join('\n')}`)),
  );
  gone.catch(() => undefined);
  return {
    notified: (title) => Promise.race([bothNotified(slack, smtp, title), gone]),
    titles: () => slack.requests.map(({ body }) => titleOf(body)),
    complaints: () => tocsin.lines.filter(isComplaint).map(sentence),
    [Symbol.asyncDispose]: async () => {
      await tocsin[Symbol.asyncDispose]();
      await Promise.all([slack.close(), smtp.close()]);
    },
  };
}

async function bothNotified(slack: HttpRecorder, smtp: SmtpRecorder, title: RegExp): Promise<Notified> {
  const request = await inSlack(slack, title);
  for (;;) {
    const mail = smtp.mails.find(({ subject }) => title.test(subject));
    if (mail !== undefined) return { title: titleOf(request), slack: request, mail: mail.text, html: mail.html };
    await smtp.received(smtp.mails.length + 1);
  }
}

async function inSlack(slack: HttpRecorder, title: RegExp): Promise<string> {
  for (;;) {
    const found = slack.requests.find(({ body }) => title.test(titleOf(body)));
    if (found !== undefined) return found.body;
    await slack.received(slack.requests.length + 1);
  }
}

function titleOf(body: string): string {
  const message = JSON.parse(body) as { readonly blocks: readonly { readonly text: { readonly text: string } }[] };
  return (message.blocks[0]?.text.text ?? '').replace(/^\S+ /, '');
}

function isComplaint(line: LogLine): boolean {
  if (line.level === 'warn') return !TRANSIENT.has(String(line['code']));
  return line.level === 'error';
}

function sentence({ level, msg, ...rest }: LogLine): string {
  return `${level}: ${msg} ${JSON.stringify(rest)}`;
}

const configuration = (given: Readonly<Record<'elasticsearch' | 'name' | 'hook' | 'smarthost', string>>) => `
namespace: ${given.name}
elasticsearch: { url: '${given.elasticsearch}' }
rules: rules.yaml
server: { port: 0 }
kibana: { url: https://kibana.example.com }
receivers:
  - name: team-todo
    slack_configs: [{ api_url: '${given.hook}/services/todo' }]
    email_configs: [{ smarthost: '${given.smarthost}', from: Tocsin <tocsin@example.com>, to: todo@example.com, require_tls: false }]
  - name: later
    console_configs: [{}]
route:
  receiver: team-todo
  group_by: [alertname]
  # As deployed it is five minutes.
  group_interval: ${Math.round(300 / PACE)}s
  routes:
    - { matchers: ['severity="info"'], receiver: later }
`;
