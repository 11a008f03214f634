import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { CommandLine } from '../../../src/cli/command-line.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { systemClock } from '../../../src/core/time.ts';
import { blocksOf, codeSpans, pages } from './pages.ts';

const STARTS = /(?:^|[;&|]\s*|\s)(?:npx tocsin|npm run -s tocsin --|node \S*dist\/main\.js|tocsin)\s+(.*)$/;

/** The words of a shell command up to a pipe, a redirection or a comment; quotes are taken away. */
function wordsOf(command: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of command.matchAll(/"[^"]*"|'[^']*'|[^\s"']+/g)) {
    if (/^(?:\||>|>>|#|&&|;)/.test(word)) break;
    words.push(word.replaceAll(/^["']|["']$/g, ''));
  }
  return words;
}

/** What a command line would complain of, without doing anything. */
async function complaintOf(words: readonly string[]): Promise<string | undefined> {
  const said: string[] = [];
  const output = { write: (text: string) => void said.push(text), isTerminal: false, columns: undefined };
  const signal = new AbortController().signal;
  const line: CommandLine = { env: {}, folder: '.', stdout: output, stderr: output, signal, clock: systemClock };
  const program = await createProgram(words, line, () => undefined);
  // `test` has an action of its own beside its subcommand.
  const acts = ({ commands, registeredArguments }: Command) => commands.length === 0 || registeredArguments.length > 0;
  for (const command of withSubcommands(program)) if (acts(command)) command.action(() => undefined);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (thrown) {
    const wanted = thrown instanceof Error && 'exitCode' in thrown && thrown.exitCode === 0;
    return wanted ? undefined : `${words.join(' ')}: ${said.join('').split('\n')[0]}`;
  }
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

const shown = pages().flatMap((page) =>
  blocksOf(page)
    .filter(({ info }) => /^(?:sh|bash|yaml workflow)\b/.test(info))
    .flatMap(({ text, line }) =>
      text.split('\n').flatMap((row, index) => {
        const command = STARTS.exec(row)?.[1];
        return command === undefined || row.startsWith('#')
          ? []
          : [[`${page.file}:${line + index + 1}`, wordsOf(command)] as const];
      }),
    ),
);

/** `tocsin check --strict` within a sentence: its words, which may lack what the sentence is not about. */
const mentioned = pages().flatMap((page) =>
  codeSpans(page).flatMap((span) => {
    const command = /^(?:npx )?tocsin ([a-z-].*)$/.exec(span)?.[1];
    return command === undefined ? [] : [[page.file, wordsOf(command)] as const];
  }),
);

describe('commands', () => {
  test('are shown', () => expect(shown.length).toBeGreaterThan(20));

  test.each(shown)('at %s are such that tocsin takes: %s', async (_place, words) => {
    expect(await complaintOf(words)).toBeUndefined();
  });

  test.each(mentioned)('in a sentence of %s exist with their options: %s', async (_page, words) => {
    const complaint = await complaintOf(words);
    expect(complaint === undefined || /missing required argument|required option/.test(complaint), complaint).toBe(true);
  });

  test.each([
    [['chek']],
    [['check', '--formt', 'json']],
    [['check', '--format', 'xml']],
    [['dry-run']],
    [['routes', 'tst', 'a=b']],
  ])('%s would be noticed', async (words) => expect(await complaintOf(words)).toBeDefined());
});
