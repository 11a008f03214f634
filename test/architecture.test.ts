import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { cyclesOf } from './support/architecture/cycles.ts';
import { isIn, RESERVED, reservedWords } from './support/architecture/reserved-words.ts';
import { importedFile, importedPackage, readSources, type SourceFile, sourceFile } from './support/architecture/source-file.ts';

/**
 * The map of the house, from the ground up: a room is a folder of src (of src/backends), and its row says which rooms it imports besides
 * itself, all of them above it in this table. A new room gets a row here first; a row that says more than is so is stale and fails.
 */
const MAY_IMPORT: Readonly<Record<string, string>> = {
  core: '',
  files: 'core',
  yaml: 'core',
  kql: 'core',
  conditions: 'core',
  state: 'core',
  alerts: 'core state',
  routing: 'core',
  templates: 'core',
  messages: 'core conditions state alerts templates',
  channels: 'core messages templates',
  search: 'core',
  'rule-types': 'core conditions state search',
  rules: 'core files yaml kql conditions alerts templates search rule-types',
  received: 'core state alerts search rule-types rules',
  evaluation: 'core conditions state alerts routing search rule-types rules',
  charts: 'core',
  notify: 'core state alerts messages channels routing',
  engine: 'core conditions state alerts messages charts channels routing search rules rule-types received evaluation notify',
  revisions: 'core rules',
  explain: 'core conditions state alerts messages routing search rule-types rules received evaluation notify engine',
  config: 'core files yaml channels routing search',
  'silence-files': 'core files yaml routing notify',
  'backends/elasticsearch': 'core state search received evaluation notify engine config',
  'backends/embedded': 'core state search received evaluation notify engine',
  backends: 'config backends/elasticsearch',
  'rule-tests':
    'core files yaml alerts messages channels routing search rule-types rules evaluation notify engine backends/embedded',
  lint: 'core yaml conditions routing rule-types rules config silence-files',
  server: 'core state routing search rules evaluation engine explain',
  backtest: 'core conditions',
  replay: 'core messages search rules evaluation notify engine backends/embedded backtest',
  sandbox: 'core yaml channels search rules evaluation notify backtest replay',
  reports: 'core yaml conditions alerts messages backtest engine revisions explain rule-tests replay sandbox',
  page: 'core conditions rules revisions backtest replay reports sandbox',
  'slack-app': 'core channels routing engine',
  service:
    'core messages charts channels routing search rules received evaluation notify engine explain config silence-files server reports slack-app',
  cli: 'core files conditions messages charts channels routing search rule-types rules received evaluation notify engine revisions explain config backends/elasticsearch backends/embedded backends silence-files backtest rule-tests lint replay sandbox reports slack-app service',
  main: 'cli',
};

/** Where a package may be imported: rooms, folders in a room, or files. A new dependency gets a row here first. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-sns': ['channels/sns'],
  '@aws-sdk/credential-providers': ['channels/sns'],
  '@fastify/cookie': ['server'],
  '@fastify/rate-limit': ['server'],
  '@elastic/elasticsearch': ['backends/elasticsearch'],
  '@marcbachmann/cel-js': ['conditions'],
  '@resvg/resvg-js': ['service'],
  '@slack/webhook': ['channels/slack'],
  ajv: ['yaml'],
  commander: ['cli'],
  croner: ['core'],
  fastify: ['server'],
  liquidjs: ['templates'],
  'ical.js': ['config'],
  'node-cron': ['service'],
  nodemailer: ['channels/email'],
  'openid-client': ['service/sign-in'],
  picocolors: ['reports'],
  pino: ['service'],
  'pino-pretty': ['service'],
  'prom-client': ['server'],
  re2js: ['routing'],
  'rrule-temporal': ['silence-files'],
  undici: ['channels/http-client'],
  typebox: ['channels', 'config', 'rules', 'server', 'silence-files', 'state'],
  uplot: ['page/live'],
  yaml: ['yaml'],
};

/** What does IO, and the rooms that decide and must not import it. */
const IO =
  'child_process cluster dgram dns fs http http2 https net os perf_hooks process readline timers tls tty worker_threads'.split(
    ' ',
  );

/** Modules of Node.js that give under another name what is reserved for some places. */
const GLOBALS = ['node:process', 'node:timers', 'node:perf_hooks'];

const PURE =
  'alerts backtest conditions core engine evaluation explain kql messages notify received routing rule-types search state templates yaml'.split(
    ' ',
  );

const MOST_LINES = 400;
const TABLE = 'the table MAY_IMPORT is in test/architecture.test.ts';
const HOMES_TABLE = 'the table HOMES is in test/architecture.test.ts';
const [sources, tests] = [readSources(join(import.meta.dirname, '..', 'src')), readSources(import.meta.dirname)];
const ROOMS = Object.keys(MAY_IMPORT);
const rooms = [...new Set(sources.map(({ path }) => roomOf(path)))];

describe('who may import whom', () => {
  test('every room of src has a row in the table', () => {
    expect(rooms.filter((room) => !(room in MAY_IMPORT)).map((room) => `src/${room} has no row: ${TABLE}`)).toEqual([]);
  });

  it.each(ROOMS)('%s imports only what its row allows', (room) => {
    expect(sources.filter(({ path }) => roomOf(path) === room).flatMap(strayImports)).toEqual([]);
  });

  test('no row is stale: each room of the table is there and imports each room of its row', () => {
    const imported = roomsImported(sources);
    const stale = ROOMS.flatMap((room) => {
      if (!imported.has(room)) return [`src/${room} is gone: ${TABLE}`];
      return allowed(room).flatMap((other) =>
        imported.get(room)?.has(other) ? [] : [`src/${room} no longer imports src/${other}: ${TABLE}`],
      );
    });
    expect(stale).toEqual([]);
  });

  test('a row names only rooms above it', () => {
    const upward = ROOMS.flatMap((room, place) =>
      allowed(room).flatMap((other) =>
        ROOMS.slice(0, place).includes(other) ? [] : [`${other} is not above ${room}: move the row, or turn the import round`],
      ),
    );
    expect(upward).toEqual([]);
  });

  test('no files import each other in a circle, not even for types', () => {
    const what = 'move what they share into a file of its own, or hand it in';
    expect(circlesOf(sources).map((circle) => `${circle}: ${what}`)).toEqual([]);
  });
});

describe('where a package may be imported', () => {
  test('each package has a home and stays in it', () => {
    expect(sources.flatMap(strayPackages)).toEqual([]);
  });

  test('every dependency has a home', () => {
    const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
    const {
      dependencies,
      optionalDependencies,
    }: Record<'dependencies' | 'optionalDependencies', Record<string, string>> = JSON.parse(text);
    // Of fonts only files are read; Fastify takes light-my-request in the version that is named here (docs/decisions/0003-node-20.md).
    const packages = Object.keys({ ...dependencies, ...optionalDependencies }).filter(
      (name) => !name.startsWith('@expo-google-fonts/') && name !== 'light-my-request',
    );
    const homeless = packages.filter((name) => !(name in HOMES)).map((name) => `${name} has no home: ${HOMES_TABLE}`);
    const gone = Object.keys(HOMES).filter((name) => !packages.includes(name));
    expect([...homeless, ...gone.map((name) => `${name} is no dependency any more: ${HOMES_TABLE}`)]).toEqual([]);
  });

  test('no home is stale: each is lived in', () => {
    const places = Object.entries(HOMES).flatMap(([name, homes]) => homes.map((home) => ({ name, home })));
    const empty = places.filter(
      ({ name, home }) =>
        !sources.some(({ path, imports }) => isIn(path, home) && imports.some(({ from }) => importedPackage(from) === name)),
    );
    expect(empty.map(({ name, home }) => `src/${home} no longer imports ${name}: ${HOMES_TABLE}`)).toEqual([]);
  });

  test('every pure room is there', () => {
    expect(PURE.filter((room) => !ROOMS.includes(room))).toEqual([]);
  });

  test.each(PURE)('%s does no input or output of its own', (room) => {
    const io = IO.flatMap((name) => [`node:${name}`, `node:${name}/promises`, name]);
    const found = sources
      .filter(({ path }) => roomOf(path) === room)
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ from }) => io.includes(from))
          .map(({ from }) => `src/${path} imports ${from}: take what it gives as a parameter, through a port`),
      );
    expect(found).toEqual([]);
  });
});

describe('what only some places may say', () => {
  test('clock, timers, chance, environment, console and default exports stay where they belong', () => {
    expect(sources.flatMap(reservedWords)).toEqual([]);
  });

  test('no place is listed that says none of these words', () => {
    const stale = RESERVED.flatMap(({ words, in: places }) =>
      places
        .filter((place) => !sources.some(({ path, code }) => isIn(path, place) && code.search(words) >= 0))
        .map(
          (place) =>
            `src/${place} does not say ${words.source}: the table RESERVED is in test/support/architecture/reserved-words.ts`,
        ),
    );
    expect(stale).toEqual([]);
  });

  test(`no file is longer than ${MOST_LINES} lines`, () => {
    const long = (root: string) => (source: SourceFile) =>
      source.lines > MOST_LINES
        ? [`${root}/${source.path} has ${source.lines} lines: move one of its ideas into a file of its own`]
        : [];
    expect([...sources.flatMap(long('src')), ...tests.flatMap(long('test'))]).toEqual([]);
  });
});

describe('who finds the words of messages', () => {
  // Both take them from messages: neither has helpers for the other.
  test('notify knows channels by their interface alone', () => {
    const used = sources
      .filter(({ path }) => roomOf(path) === 'notify')
      .flatMap(({ path, imports }) =>
        imports.flatMap(({ from }) => importedFile(path, from) ?? []).filter((file) => roomOf(file) === 'channels'),
      );
    expect([...new Set(used)]).toEqual(['channels/channel.ts']);
  });
});

describe('where a backend is chosen', () => {
  test.each([
    ['backends/elasticsearch/elasticsearch-backend.ts', ['backends/create-backend.ts']],
    // Rule tests and dry runs over files read the documents that they were given, whatever a configuration says.
    ['backends/embedded/search.ts', ['cli/open-history.ts', 'cli/record.ts']],
    ['backends/embedded/backend.ts', ['rule-tests/test-backend.ts']],
  ])('%s', (file, importers) => {
    const outside = sources.filter(
      ({ path, imports }) => !isIn(path, roomOf(file)) && imports.some(({ from }) => importedFile(path, from) === file),
    );
    expect(outside.map(({ path }) => path)).toEqual(importers);
  });
});

describe('this test finds what it forbids', () => {
  test.each([
    ['a room beyond its row', 'kql/a.ts', "import { step } from '../alerts/step.ts';", 'src/kql/a.ts imports src/alerts/step.ts'],
    ['a type of one', 'kql/a.ts', "import type { A } from '../alerts/finding.ts';", 'src/kql/a.ts imports src/alerts/finding.ts'],
    [
      'an import over lines',
      'kql/a.ts',
      "import {\n  a,\n  b,\n} from '../rules/rule.ts';",
      'src/kql/a.ts imports src/rules/rule.ts',
    ],
    ['a re-export', 'kql/a.ts', "export * from '../rules/rule.ts';", 'src/kql/a.ts imports src/rules/rule.ts'],
    ['a late import', 'kql/a.ts', "const a = await import('../rules/rule.ts');", 'src/kql/a.ts imports src/rules/rule.ts'],
    ['an import for its effect', 'kql/a.ts', "import '../rules/rule.ts';", 'src/kql/a.ts imports src/rules/rule.ts'],
    ['a way out of src', 'kql/a.ts', "import a from '../../package.json';", 'src/kql/a.ts imports src/../package.json'],
    [
      'the other backend',
      'backends/embedded/a.ts',
      "import { a } from '../elasticsearch/a.ts';",
      'src/backends/embedded/a.ts imports src/backends/elasticsearch/a.ts',
    ],
    [
      'the command line from the service',
      'service/a.ts',
      "import { a } from '../cli/a.ts';",
      'src/service/a.ts imports src/cli/a.ts',
    ],
  ])('%s', (_name, path, text, message) => {
    expect(strayImports(sourceFile(path, text))).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    [
      'a package outside its home',
      'channels/slack/a.ts',
      "import nodemailer from 'nodemailer';",
      'src/channels/slack/a.ts imports nodemailer',
    ],
    [
      'a path in a package',
      'core/a.ts',
      "import type { A } from '@elastic/elasticsearch/lib/api/types';",
      '@elastic/elasticsearch',
    ],
    ['a package without a home', 'core/a.ts', "import _ from 'lodash';", 'src/core/a.ts imports lodash'],
    ['the environment as a module', 'config/a.ts', "import { env } from 'node:process';", 'src/config/a.ts imports node:process'],
  ])('%s', (_name, path, text, message) => {
    expect(strayPackages(sourceFile(path, text))).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['the clock', 'const a = Date.now();'],
    ['a date of now', 'const a = new Date();'],
    ['a date of now without parentheses', 'const a = new Date;'],
    ['a timer passed on', 'promisify(setTimeout);'],
    ['a timer of the global object', 'globalThis.setInterval(a, 1);'],
    ['a clock in a template', `const a = \`at \${Date.now()}\`;`],
    ['a clock after a regular expression', "const a = /['`]/.test(b) ? Math.random() : '';"],
    ['a deadline', 'AbortSignal.timeout(5);'],
    ['the environment', 'const { PATH } = process.env;'],
    ['the environment by its name', "const { PATH } = process['env'];"],
    ['the environment out of its process', 'const { env: { PATH } } = process;'],
    ['an id by chance', 'const id = randomUUID();'],
    ['another clock', 'const at = process.hrtime.bigint();'],
    ['the console', "console.log('a');"],
    ['a default export', 'export default 1;'],
    ['a default export by name', 'export { a as default };'],
  ])('%s', (_name, text) => {
    expect(reservedWords(sourceFile('alerts/a.ts', text))).toHaveLength(1);
  });

  test.each([
    ['a date of a time', 'const a = new Date(at).toISOString();'],
    ['words in a comment', '// Date.now() and console.log\n/* process.env */'],
    ['words in texts', 'const a = \'Date.now()\' + "console.log" + `process.env`;'],
    ['names that contain them', 'clock.setTimeout(a); receivers.console.name; const update = toDate();'],
    ['what a room imports of itself', "import { a } from './b.ts';"],
    ['an import in a comment', "// import { a } from '../rules/rule.ts';"],
    ['an import in a text', "const a = `\nimport { a } from '../rules/rule.ts';\n`;"],
  ])('but not %s', (_name, text) => {
    const file = sourceFile('alerts/a.ts', text);
    expect([...reservedWords(file), ...strayImports(file), ...strayPackages(file)]).toEqual([]);
  });

  test.each([
    ['a circle of files', "import { b } from './b.ts';"],
    ['a circle of types', "import type { B } from './b.ts';"],
  ])('%s', (_name, text) => {
    const files = [
      sourceFile('a.ts', text),
      sourceFile('b.ts', "import { c } from './c.ts';"),
      sourceFile('c.ts', "export * from './a.ts';"),
    ];
    expect(circlesOf(files)).toEqual(['a.ts -> b.ts -> c.ts -> a.ts']);
  });
});

function allowed(room: string): readonly string[] {
  return (MAY_IMPORT[room] ?? '').split(' ').filter((word) => word !== '');
}

function roomsImported(files: readonly SourceFile[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    const others = found.get(roomOf(path)) ?? new Set();
    found.set(roomOf(path), others);
    for (const file of imports.flatMap(({ from }) => importedFile(path, from) ?? [])) others.add(roomOf(file));
  }
  return found;
}

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  if (first === 'backends' && !second.endsWith('.ts')) return `${first}/${second}`;
  return first.replace(/\.ts$/, '');
}

function strayImports({ path, imports }: SourceFile): readonly string[] {
  const room = roomOf(path);
  const row = allowed(room);
  return imports.flatMap(({ from }) => {
    const file = importedFile(path, from);
    if (file === undefined || roomOf(file) === room || row.includes(roomOf(file))) return [];
    return [`src/${path} imports src/${file}, but ${room} may import ${row.join(', ') || 'no other room'}: ${TABLE}`];
  });
}

function strayPackages({ path, imports }: SourceFile): readonly string[] {
  return imports.flatMap(({ from }) => {
    const name = importedPackage(from);
    if (name === undefined || (name.startsWith('node:') && !GLOBALS.includes(name))) return [];
    const homes = HOMES[name];
    if (homes?.some((home) => isIn(path, home))) return [];
    const where = homes === undefined ? 'which has no home yet' : `whose home is ${homes.join(', ')}`;
    return [`src/${path} imports ${name}, ${where}: ${HOMES_TABLE}`];
  });
}

function circlesOf(files: readonly SourceFile[]): readonly string[] {
  const graph = new Map(files.map(({ path, imports }) => [path, imports.flatMap(({ from }) => importedFile(path, from) ?? [])]));
  return cyclesOf([...graph.keys()], (path) => graph.get(path) ?? []);
}
