import { analyzeSync, Context, type Liquid, type Template as Parsed, type Variable } from 'liquidjs';
import { asError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { own } from '../core/record.ts';
import { cpuTime } from '../core/time.ts';
import { foreignName, foreignSyntax } from './foreign.ts';
import { MAX_SOURCE, messageLiquid, offsetInTemplate } from './liquid.ts';
import { isFormatted, MARKING, markupOf, markupText } from './markup.ts';
import { RENDERS_TOO_LONG, renderLimit } from './render-limit.ts';
import type { RenderedMarkup, RenderedText, Scope, Template } from './template.ts';

/** A compiled template, or the error: what is wrong, at which character (0-based), and the next step. */
export type CompiledTemplate =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly message: string; readonly offset: number; readonly hint?: string };

type Refusal = CompiledTemplate & { readonly ok: false };

/** Longest text a template may give, characters; channels cut much earlier. */
const MAX_OUTPUT = 32_000;

const ENGINE = messageLiquid();

/**
 * Compiles a Liquid text whose top-level names are known; names that the template itself assigns are known too. Unknown names,
 * filters and tags and broken syntax are refused here. `members` names the members of some of them, e.g. the group's fields, to
 * catch a typo in `group['service.nmae']` as well.
 */
export function compileTemplate(
  text: string,
  names: readonly string[],
  members: Readonly<Record<string, readonly string[]>> = {},
): CompiledTemplate {
  if (text.length > MAX_SOURCE) return refusal(`a template may have at most ${MAX_SOURCE} characters`, MAX_SOURCE);
  try {
    const parsed = ENGINE.parse(text);
    const { globals } = analyzeSync(parsed, { partials: false });
    const unknown = firstUnknown(Object.values(globals).flat(), text, names, members);
    return (
      unknown ?? {
        ok: true,
        template: {
          source: text,
          render: (scope: Scope) => render(ENGINE, parsed, scope),
          renderMarkup: (scope: Scope) => withMarkup(render(ENGINE, parsed, { ...scope, [MARKING]: true })),
        },
      }
    );
  } catch (thrown) {
    return syntaxRefusal(asError(thrown), text);
  }
}

function render(engine: Liquid, parsed: Parsed[], scope: Scope): RenderedText {
  try {
    const context = new Context(scope, engine.options, { sync: true }, { liquid: engine });
    // The library measures by the clock, which stops good templates on a machine that is busy with something else.
    context.renderLimit.check = renderLimit(cpuTime);
    const text = String(engine.renderSync(parsed, context));
    if (text.length <= MAX_OUTPUT) return { ok: true, text };
    return { ok: false, message: `the text is longer than ${MAX_OUTPUT} characters` };
  } catch (thrown) {
    const message = plain(asError(thrown).message);
    return message === RENDERS_TOO_LONG ? { ok: false, message, endless: true } : { ok: false, message };
  }
}

function withMarkup(rendered: RenderedText): RenderedMarkup {
  if (!rendered.ok) return rendered;
  const markup = markupOf(rendered.text.trim());
  return { ok: true, text: markupText(markup), ...(isFormatted(markup) && { markup }) };
}

function firstUnknown(
  variables: readonly Variable[],
  text: string,
  names: readonly string[],
  members: Readonly<Record<string, readonly string[]>>,
): Refusal | undefined {
  const refusals = variables.flatMap((variable) => unknownName(variable, text, names, members) ?? []);
  return refusals.sort((a, b) => a.offset - b.offset)[0];
}

function unknownName(
  variable: Variable,
  text: string,
  names: readonly string[],
  members: Readonly<Record<string, readonly string[]>>,
): Refusal | undefined {
  const [root, member] = variable.segments;
  const offset = offsetInTemplate(text, variable.location.row, variable.location.col);
  const name = String(root);
  if (typeof root !== 'string' || !names.includes(root)) {
    return refusal(
      `unknown variable \`${name}\``,
      offset,
      misplaced(variable, members) ?? foreignName(name) ?? didYouMean(name, names),
    );
  }
  const known = own(members, root);
  if (known === undefined || typeof member !== 'string' || known.includes(member) || GIVEN_MEMBERS.has(member)) return undefined;
  const hint =
    known.length === 0
      ? root === 'group'
        ? 'the rule has no group_by'
        : misplaced(variable, members)
      : (dotted(variable, known) ?? didYouMean(member, known, (near) => `${root}['${near}']`));
  return refusal(`\`${root}\` has no \`${member}\``, offset, hint);
}

/** A field of `group_by` that is written as a variable: `host.name`. */
function misplaced({ segments }: Variable, members: Readonly<Record<string, readonly string[]>>): string | undefined {
  const field = segments.join('.');
  const home = ['group', 'labels'].find((root) => own(members, root)?.includes(field) === true);
  return home === undefined ? undefined : `write {{ ${home}['${field}'] }}`;
}

/** A field with dots in its name that is written without brackets: `group.host.name`. */
function dotted({ segments: [root, ...rest] }: Variable, known: readonly string[]): string | undefined {
  const path = rest.join('.');
  const field = known.find((one) => path === one || path.startsWith(`${one}.`));
  return field?.includes('.') === true ? `write {{ ${String(root)}['${field}'] }}` : undefined;
}

/** Members that Liquid gives to every object. */
const GIVEN_MEMBERS: ReadonlySet<string> = new Set(['size', 'first', 'last']);

function didYouMean(word: string, known: readonly string[], write = (near: string) => near): string {
  const near = nearest(word, known);
  return near === undefined ? `known here: ${known.join(', ')}` : `did you mean \`${write(near)}\`?`;
}

function syntaxRefusal(error: Error, text: string): Refusal {
  const begin = (error as { readonly token?: { readonly begin?: unknown } }).token?.begin;
  const start = typeof begin === 'number' ? Math.min(begin, text.length) : 0;
  const message = plain(error.message);
  const filter = /^undefined filter: (\w+)/.exec(message)?.[1];
  if (filter !== undefined) {
    const offset = filterOffset(text, filter, start);
    return refusal(`unknown filter \`${filter}\``, offset, didYouMean(filter, Object.keys(ENGINE.filters)));
  }
  const tag = /^tag "(.*)" not found/.exec(message)?.[1];
  if (tag !== undefined) return refusal(`unknown tag \`${tag}\``, start, didYouMean(tag, Object.keys(ENGINE.tags)));
  return refusal(message, start, foreignSyntax(message, fromOpening(text, start)));
}

/** The text from the braces before an offset. */
function fromOpening(text: string, offset: number): string {
  let begin = Math.max(0, text.lastIndexOf('{{', offset));
  while (text.charAt(begin - 1) === '{') begin -= 1;
  return text.slice(begin);
}

function filterOffset(text: string, filter: string, start: number): number {
  const found = new RegExp(`\\|\\s*(${filter})\\b`, 'd').exec(text.slice(start));
  return start + (found?.indices?.[1]?.[0] ?? 0);
}

/** The library's message without the place and the excerpt it appends. */
function plain(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/, (?:file:[^,]*, )?line:\d+, col:\d+$/, '').slice(0, 300);
}

function refusal(message: string, offset: number, hint?: string): Refusal {
  return hint === undefined ? { ok: false, message, offset } : { ok: false, message, offset, hint };
}
