import { createHash } from 'node:crypto';
import { pageText as text } from '../../core/html-text.ts';
import type { WhyNoSandbox } from '../../sandbox/material.ts';
import type { PackedSandbox } from '../../sandbox/pack.ts';

/** Characters of the data of all sandboxes of a page: a browser has to load them. */
const MOST_DATA = 8_000_000;

/** Why a rule has no sandbox, for its reader. */
const REASONS: Readonly<Record<WhyNoSandbox | 'no_room', string>> = {
  documents: 'this rule depends on documents, and the page contains none.',
  truncated: 'some results were truncated at `max_groups`, and which of the other groups are searched depends on the alerts.',
  too_many: 'there are too many values for a page: use a shorter range, or fewer rules at once.',
  paused: 'the rule is paused.',
  not_whole: 'some windows could not be evaluated, so other values cannot be evaluated.',
  no_room: 'the sandboxes of the rules above have used the page’s limit: use fewer rules or a shorter range.',
};

/** The sandboxes of one page: what runs them, and a slot or a reason for each rule. */
export interface SandboxPage {
  /** The slot of a rule by its place; empty where it has nothing to do with sandboxes. */
  slot(place: number): string;
  /** Elements for the end of the body: the data, and the program where a rule needs it. */
  readonly scripts: string;
  /** What the policy of the page allows to run, such as `script-src 'sha256-…'`; empty where nothing does. */
  readonly policy: string;
}

/** Style of sandboxes; a page defines the colours `--fg`, `--bg`, `--soft`, `--line`, `--faint`, `--bad`, `--a`. */
export const SANDBOX_STYLE = `
.sandbox>details{border:1px solid var(--line);border-radius:6px;margin:1rem 0;padding:.5rem .75rem}
.sandbox summary{cursor:pointer}.sandbox>details>summary{font-weight:600}
.sandbox form{margin-top:.5rem;display:grid;grid-template-columns:1fr 1fr;gap:.25rem 1rem}.sandbox .field{min-width:0}.sandbox .condition,.sandbox form>p{grid-column:1/-1}
.sandbox label,.sandbox .hint{display:block}.sandbox .hint:empty,.sandbox .problem:empty{display:none}.sandbox .hint,.sandbox .problem{font-size:.85rem;margin:0}
.sandbox textarea,.sandbox input{width:100%;font:14px/1.45 ui-monospace,monospace;color:var(--fg);background:var(--bg);border:1px solid var(--faint);border-radius:4px;padding:.35rem .5rem;resize:vertical;field-sizing:content}
.sandbox input{field-sizing:fixed}.sandbox form>p{margin:.25rem 0}
.sandbox [aria-invalid]{border-color:var(--bad)}.sandbox button{font:inherit;color:var(--fg);background:var(--soft);border:1px solid var(--faint);border-radius:4px;padding:.25rem .75rem;cursor:pointer}
.sandbox button:focus-visible,.sandbox textarea:focus-visible,.sandbox input:focus-visible,.sandbox pre:focus-visible{outline:2px solid var(--a);outline-offset:2px}
.sandbox progress{width:100%}.sandbox .wide{overflow-x:auto}.sandbox .wide td{white-space:nowrap}.sandbox pre{background:var(--soft);padding:.6rem;margin:.5rem 0;overflow-x:auto;font:13px/1.45 ui-monospace,monospace}
.sandbox table{display:table;border-collapse:collapse;margin:.5rem 0}.sandbox .bad{color:var(--bad)}.sandbox .faint{color:var(--faint)}
.sandbox .stale{opacity:.55}.sandbox .numbers{width:auto}.sandbox .numbers th{font-weight:400}
@media (max-width:40rem){.sandbox form{grid-template-columns:1fr}}
`;

/** Makes the sandboxes of a page. Without a program there are none. */
export function sandboxPage(
  rules: readonly { readonly name: string; readonly sandbox: PackedSandbox | undefined }[],
  program: string | undefined,
): SandboxPage {
  if (program === undefined) return { slot: () => '', scripts: '', policy: '' };
  let room = MOST_DATA;
  const slots: string[] = [];
  const data: string[] = [];
  for (const [place, { name, sandbox }] of rules.entries()) {
    if (sandbox === undefined) slots.push('');
    else if (!sandbox.ok) slots.push(reason(REASONS[sandbox.why]));
    else if (sandbox.packed.length > room) slots.push(reason(REASONS.no_room));
    else {
      room -= sandbox.packed.length;
      slots.push(`<div class="sandbox" data-sandbox="${place}" data-name="${text(name)}"></div>`);
      data.push(`<script type="text/plain" id="sandbox-data-${place}">${sandbox.packed}</script>`);
    }
  }
  if (data.length === 0) return { slot: (place) => slots[place] ?? '', scripts: '', policy: '' };
  const hash = createHash('sha256').update(program).digest('base64');
  return {
    slot: (place) => slots[place] ?? '',
    scripts: `${data.join('\n')}\n<script>${program}</script>\n`,
    policy: `script-src 'sha256-${hash}'`,
  };
}

function reason(why: string): string {
  return `<p class="faint">No sandbox: ${text(why)}</p>`;
}
