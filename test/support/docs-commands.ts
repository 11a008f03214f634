import { blocksOf, type Page } from '../unit/docs/pages.ts';

/** A command of a page, as it is written there, without its comment. */
export interface ShownCommand {
  readonly place: string;
  readonly page: string;
  readonly command: string;
}

/** The commands of the fenced `sh` blocks of pages, in their order; lines that end in a backslash are joined. */
export function commandsOf(pages: readonly Page[]): readonly ShownCommand[] {
  return pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ info }) => /^(?:sh|bash|shell|console)\b/.test(info))
      .flatMap(({ text, line }) =>
        text
          .replaceAll(/\\\n\s*/g, ' ')
          .split('\n')
          .map((row) => row.replace(/(?:^|\s+)#\s.*$/, '').trim())
          .filter((command) => command !== '')
          .map((command) => ({ place: `${page.file}:${line}`, page: page.file, command })),
      ),
  );
}

/** Commands that no test runs as they are written, and why; whatever else a page shows is run by test/e2e/docs-commands.test.ts. */
export const ELSEWHERE: readonly (readonly [command: RegExp, why: string])[] = [
  [/^npm ci && npm run demo$/, 'test/e2e/demo.test.ts runs the script, without installing again'],
  [/^npm ci(?: && npm test)?$/, 'is how whoever runs this test came here'],
  [
    /^npm (?:ci && npm )?run build && npm link$/,
    'changes the machine; the tests build, and put the command on a PATH of their own',
  ],
  [
    /^npm (?:test|run (?:check|test:[a-z]+|bench))\b|^\.ci\/(?:run|other-version|nightly)\b/,
    'suites of their own, some for hours',
  ],
  [/^npm run golden$/, 'writes into the project; test/unit/messages/golden.test.ts is the same without writing'],
  [/^npx biome check --write$/, 'writes into the project; test:lint is the same without writing'],
  [/^kubectl /, 'needs Kubernetes: test/manifests builds what is applied, test/deploy applies it'],
  [/^tocsin test .*--watch\b/, 'ends when it is asked to: test/unit/cli/test/watch.long.test.ts does'],
  [/^tocsin test init /, 'test/unit/cli/test/init.long.test.ts writes tests over documents of its own'],
  [/^tocsin test --coverage-min /, 'fails where tests reach less, as those of the page do: test/unit/cli/test.long.test.ts'],
  [/^docker |^kind load /, 'needs Docker; test/manifests looks at the Dockerfile and the Compose file'],
  [/^tocsin pr /, 'needs a repository: test/e2e/pull-request.test.ts has one'],
  [/^npm run report:week$/, 'measures for minutes; test/e2e/pull-request-week.test.ts makes the same report'],
  [
    /^tocsin silence (?:extend|expire) [\da-f]{8}\b/,
    'names a silence of the page; test/integration/silence.test.ts changes one of its own',
  ],
  [/^tocsin ack /, 'needs an alert that fires: test/integration/ack.test.ts has one'],
  [
    /^oauth2-proxy /,
    'needs an OpenID provider with a name; test/unit/server/sign-in.long.test.ts plays a proxy that names users',
  ],
  [/^amtool /, 'needs Go: test/amtool builds it'],
  [/^curl |^for i in /, 'needs the stack of deploy/, or an account'],
];
