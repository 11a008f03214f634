import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { commandsOf, ELSEWHERE } from '../support/docs-commands.ts';
import { COMPILE_CACHE } from '../support/e2e/compile-cache.ts';
import { connection } from '../support/elasticsearch/connection.ts';
import { es } from '../support/elasticsearch/request.ts';
import { elasticsearchUrl, uniquePrefix } from '../support/elasticsearch/urls.ts';
import { type HttpRecorder, startHttpRecorder } from '../support/http-recorder.ts';
import { type SmtpRecorder, startSmtpServer } from '../support/smtp-server.ts';
import { blocksOf, pages } from '../unit/docs/pages.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ALL = commandsOf(pages());
const elsewhere = (command: string) => ELSEWHERE.find(([pattern]) => pattern.test(command));
const OWN = ALL.filter(({ command }) => elsewhere(command) === undefined);
const hasJq = process.env['PATH']?.split(':').some((folder) => existsSync(join(folder, 'jq'))) ?? false;

const prefix = uniquePrefix();
const cluster = es(elasticsearchUrl());
let root = '';
let slack: HttpRecorder;
let mail: SmtpRecorder;

/**
 * The projects of the pages: what README shows, and what getting-started builds for all the others. Each three times: for dry runs, once an hour; for
 * the doctor, with a namespace in which nothing has run, since a run that was stopped leaves its leases or not, as fast as it was.
 */
const PROJECTS = ['README.md', 'docs/getting-started.md'] as const;
const HOURLY = 'hourly';
const FRESH = 'fresh';

function blockOf(page: string, first: string): string {
  const found = pages()
    .filter(({ file }) => file === page)
    .flatMap(blocksOf)
    .find(
      ({ text }) =>
        text
          .split('\n')
          .slice(0, 2)
          .some((line) => line === first) ||
        (first === '' && text.startsWith('# yaml-language-server: $schema=./config')),
    );
  if (found === undefined) throw new Error(`${page} has no block that begins with ${first}`);
  return found.text;
}

/** Puts the servers of this test in the place of the addresses on the pages, and indices of its own in that of theirs. */
function adapted(text: string, folder: string): string {
  const { urls } = connection(elasticsearchUrl());
  return text
    .replaceAll('https://elasticsearch.example.com:9200', urls[0] ?? '')
    .replaceAll('/run/secrets/', `${folder}/secrets/`)
    .replaceAll('"smtp.example.com:587"', `"127.0.0.1:${mail.port}"`)
    .replaceAll('to: payments@example.com', 'to: payments@example.com, require_tls: false')
    .replaceAll('index: traces-apm*', `index: ${prefix}traces-apm*`)
    .replaceAll('index: traces-apm-default', `index: ${prefix}traces-apm-default`);
}

async function makeProject(page: (typeof PROJECTS)[number]): Promise<void> {
  const readme = page === 'README.md';
  const rule = readme ? 'payments-failing' : 'stub-5xx';
  const ruleText = blockOf(page, `# rules/${rule}.yaml`);
  const testText = readme
    ? readFileSync(join(ROOT, 'examples/demo/rules/payments-failing.test.yaml'), 'utf8')
    : blockOf('docs/testing-rules.md', `# rules/${rule}.test.yaml`);
  const namespace = `${prefix}${readme ? 'readme' : 'docs'}`;
  const configOf = (folder: string) =>
    `${blockOf(page, readme ? '# tocsin.yaml' : '')}\nnamespace: ${namespace}${folder.endsWith(FRESH) ? FRESH : ''}\nserver: { port: 0 }\n`;
  const hourly = (text: string) => `${text.replace(/^every: .*\n/m, '')}\nevery: 1h\n`;
  for (const folder of [projectOf(page), join(projectOf(page), HOURLY), join(projectOf(page), FRESH)]) {
    await mkdir(join(folder, 'secrets'), { recursive: true });
    await mkdir(join(folder, 'rules'));
    const files = {
      'tocsin.yaml': configOf(folder),
      [`rules/${rule}.yaml`]: folder.endsWith(HOURLY) ? hourly(ruleText) : ruleText,
      [`rules/${rule}.test.yaml`]: testText,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), adapted(text, folder));
    await writeFile(join(folder, 'secrets/elasticsearch-api-key'), 'a-key', { mode: 0o600 });
    await writeFile(join(folder, 'secrets/slack-webhook'), `${slack.url}/services/1`, { mode: 0o600 });
    const line = { _index: `${prefix}traces-apm-default`, _source: { '@timestamp': '2026-01-31T10:30:00Z', message: 'a' } };
    await writeFile(join(folder, 'logs.ndjson'), `${JSON.stringify(line)}\n`);
  }
}

/** Two commits of all that the project has, and a branch as a remote one would be. */
async function makeRepository(folder: string): Promise<void> {
  const git = (...words: readonly string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-C', folder, ...words]);
  await git('init', '--quiet');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'first');
  await git('commit', '--quiet', '--allow-empty', '--message', 'second');
  await git('update-ref', 'refs/remotes/origin/main', 'HEAD');
}

const MAPPINGS = {
  dynamic_templates: [{ strings: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
  properties: { '@timestamp': { type: 'date' }, 'event.ingested': { type: 'date' } },
};

/** Requests of the last minutes, all of which are well. */
function requestsOf(service: string): readonly object[] {
  const now = Date.now();
  return Array.from({ length: 30 }, (_, index) => {
    const at = new Date(now - index * 20_000).toISOString();
    return {
      '@timestamp': at,
      event: { ingested: at, outcome: 'success' },
      service: { name: service },
      processor: { event: 'transaction' },
      http: { response: { status_code: 200 } },
      url: { path: '/todos/' },
    };
  });
}

function projectOf(page: string): string {
  return join(root, page === 'README.md' ? 'readme' : 'alerting');
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-docs-'));
  slack = await startHttpRecorder();
  mail = await startSmtpServer();
  await mkdir(join(root, 'bin'));
  await symlink(join(ROOT, 'dist/main.js'), join(root, 'bin/tocsin'));
  await chmod(join(ROOT, 'dist/main.js'), 0o755);
  for (const page of PROJECTS) await makeProject(page);
  for (const page of PROJECTS) await makeRepository(projectOf(page));
  const index = `${prefix}traces-apm-default`;
  await cluster.json('PUT', `/${index}`, { settings: { number_of_replicas: 0 }, mappings: MAPPINGS });
  await cluster.bulk(index, ['stub', 'payments'].flatMap(requestsOf));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await Promise.all([slack.close(), mail.close(), cluster.removeIndices(prefix)]);
});

function shell(command: string, page: string): { readonly words: readonly [string, string[]]; readonly options: object } {
  const { urls } = connection(elasticsearchUrl());
  const project = projectOf(page);
  // What stands for the reader's own machine on a page: the address of a cluster, and the folder in a container.
  const here = command.replaceAll('http://localhost:9200', urls[0] ?? '').replaceAll('/etc/tocsin/', `${project}/`);
  const copy = /^tocsin (dry-run|doctor)\b/.exec(command)?.[1];
  const cwd = copy === undefined ? project : join(project, copy === 'doctor' ? FRESH : HOURLY);
  const env = { USER: 'reader', PATH: `${join(root, 'bin')}:${process.env['PATH']}`, HOME: root, ...COMPILE_CACHE };
  return { words: ['bash', ['-o', 'pipefail', '-c', here]], options: { cwd, env } };
}

/** Runs a command as it is written, to its end. */
function run(command: string, page: string): Promise<{ readonly code: number; readonly output: string }> {
  const { words, options } = shell(command, page);
  return new Promise((resolve) => {
    execFile(...words, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}

/** Starts a command that runs until it is stopped, waits for its state to be in order, and stops it. */
async function startAndStop(command: string, page: string): Promise<{ readonly code: number; readonly output: string }> {
  const { words, options } = shell(`exec ${command}`, page);
  const child = spawn(...words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (line.includes('the state is accessible')) child.kill('SIGTERM');
    });
  }
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? 1, output: lines.join('\n') }));
  });
}

/** Commands that say something of what is here, and what. No Kibana runs here, which is a warning. */
const FINDS: readonly (readonly [command: RegExp, finds: RegExp])[] = [
  [/^tocsin doctor(?: --send-test)?$/, /replicas +none has run yet/],
  [/^tocsin doctor --format json \| jq/, /^$/],
];

/** Commands that find what earlier ones on the pages left: state in Elasticsearch, or copied packs. The others wait for nothing. */
const IN_ORDER: readonly RegExp[] = [/^tocsin (?:run|alerts|silence|doctor|explain)\b/, /\bpacks\b/];

type Ran = ReturnType<typeof run>;
const ran = new Map<string, Ran>();
const lastOf = new Map<string, Ran>();

/** Runs a command of a project once, however many pages show it; after those that it follows. */
function ranOnce(command: string, page: string): Ran {
  const project = projectOf(page);
  const once = `${project} ${command}`;
  const known = ran.get(once);
  if (known !== undefined) return known;
  const chain = IN_ORDER.findIndex((pattern) => pattern.test(command));
  const before = chain < 0 ? undefined : lastOf.get(`${project} ${chain}`);
  const start = () => (/^tocsin run\b/.test(command) ? startAndStop : run)(command, page);
  const mine = before === undefined ? start() : before.then(start);
  ran.set(once, mine);
  if (chain >= 0) lastOf.set(`${project} ${chain}`, mine);
  return mine;
}

describe('commands of the pages that are run as they are written', () => {
  test('are many', () => expect(OWN.length).toBeGreaterThan(25));

  it.concurrent.each(OWN.map(({ place, page, command }) => [place, command, page] as const))('%s: %s', async (...shown) => {
    const [, command, page] = shown;
    if (command.includes('| jq') && !hasJq) return;
    const { code, output } = await ranOnce(command, page);
    const [, finds] = FINDS.find(([pattern]) => pattern.test(command)) ?? [];
    // A page that configures no Kibana has nothing to correct before the first start.
    const isWarned = finds !== undefined && (output.includes('cannot be reached from here') || command.includes('| jq'));
    expect(code, output).toBe(isWarned ? 1 : 0);
    if (finds !== undefined) expect(output).toMatch(finds);
  });
});

describe('commands of the pages that cannot be run here', () => {
  it.each(ELSEWHERE)('%s is still shown', (pattern) => {
    expect(ALL.some(({ command }) => pattern.test(command))).toBe(true);
  });

  test('name scripts, folders and files that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const broken = ALL.filter(({ command }) => elsewhere(command) !== undefined).flatMap(({ place, command }) => {
      const named = [...command.matchAll(/npm run (?:-s )?([\w:-]+)/g)].filter(([, name = '']) => !(name in scripts));
      const paths = [...command.matchAll(/(?:^|[\s@])((?:deploy|docs|examples|rules|test)\/[\w./-]+)/g)]
        .map(([, path = '']) => path)
        // `deploy/tocsin` is also the short name of a Deployment, and commands of Tocsin name files of the reader.
        .filter((path) => !/exec deploy\/|^tocsin /.test(command) && !existsSync(join(ROOT, path)));
      return [...named.map(([all]) => all), ...paths].map((what) => `${place}: ${what}`);
    });
    expect(broken).toEqual([]);
  });
});

describe('a command that nobody has thought of', () => {
  it.each(['tocsin chek', 'helm install tocsin', 'npm run nothing'])('is run, and so fails: %s', (command) => {
    expect(elsewhere(command)).toBeUndefined();
  });
});
