import type { Problem } from '../core/problems.ts';
import { own } from '../core/record.ts';
import { element } from './element.ts';
import type { SandboxField } from './fields.ts';

/** A form for the deciding keys of one rule. */
export interface SandboxForm {
  readonly node: HTMLFormElement;
  /** The texts by the paths of their fields. */
  texts(): ReadonlyMap<string, string>;
  /** Says of each field what is wrong with it, and takes back what was said before. */
  complain(problems: readonly Problem[]): void;
}

interface Entry {
  readonly field: SandboxField;
  readonly input: HTMLTextAreaElement | HTMLInputElement;
  readonly problem: HTMLElement;
}

/** Characters that a text may have: those of a condition, and what a duration needs. */
const LONGEST = { condition: 4_000, time: 64 } as const;
const HINTS: Readonly<Record<string, string>> = {
  recover: 'Empty: as soon as no condition holds.',
  for: 'A duration, or 3 of 5 evaluations. Empty: at once.',
  keep_firing_for: 'A duration. Empty: at once.',
};

let forms = 0;

/** Makes the form; `changed` is called with every change of a text. */
export function sandboxForm(fields: readonly SandboxField[], name: string, changed: () => void): SandboxForm {
  const number = forms++;
  const entries = fields.map((field, place) => entryOf(field, `sandbox-${number}-${place}`));
  const reset = element('button', { type: 'button' }, 'Reset to the rule');
  const node = element(
    'form',
    { 'aria-label': `Keys of ${name}` },
    ...entries.map(({ field, input, problem }) => fieldNode(field, input, problem)),
    element('p', {}, reset),
  );
  node.addEventListener('submit', (event) => event.preventDefault());
  node.addEventListener('input', changed);
  reset.addEventListener('click', () => {
    for (const { field, input } of entries) input.value = field.value;
    changed();
  });
  return {
    node,
    texts: () => new Map(entries.map(({ field, input }) => [field.path, input.value])),
    complain: (problems) => {
      for (const entry of entries)
        mark(
          entry,
          problems.filter(({ path }) => fieldOf(path, entry.field)),
        );
    },
  };
}

/** Problems that belong to no field of the form. */
export function unplaced(problems: readonly Problem[], fields: readonly SandboxField[]): readonly Problem[] {
  return problems.filter(({ path }) => !fields.some((field) => fieldOf(path, field)));
}

/** `for.breaches` belongs to `for`. */
function fieldOf(path: string | undefined, { path: own }: SandboxField): boolean {
  return path === own || path?.startsWith(`${own}.`) === true;
}

function entryOf(field: SandboxField, id: string): Entry {
  const common = {
    ...{ id, name: field.path, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' },
    ...{ maxlength: String(LONGEST[field.kind]), 'aria-describedby': `${id}-hint ${id}-problem` },
  };
  const input =
    field.kind === 'time'
      ? element('input', { type: 'text', ...common })
      : element('textarea', { rows: String(rowsOf(field.value)), ...common });
  input.value = field.value;
  return { field, input, problem: element('p', { id: `${id}-problem`, class: 'bad problem', 'aria-live': 'polite' }) };
}

/** As many rows as a text takes where a browser does not fit its box to it. */
function rowsOf(text: string): number {
  return Math.min(
    8,
    text.split('\n').reduce((rows, line) => rows + Math.ceil(Math.max(1, line.length) / 80), 0),
  );
}

function fieldNode(field: SandboxField, input: Entry['input'], problem: HTMLElement): HTMLElement {
  const hint = element('span', { id: `${input.id}-hint`, class: 'faint hint' }, own(HINTS, field.path) ?? '');
  const label = element('label', { for: input.id }, element('code', {}, field.label));
  return element('div', { class: `field ${field.kind}` }, label, input, hint, problem);
}

function mark({ input, problem }: Entry, problems: readonly Problem[]): void {
  if (problems.length === 0) input.removeAttribute('aria-invalid');
  else input.setAttribute('aria-invalid', 'true');
  problem.textContent = problems.map(problemText).join(' ');
}

/** `line 1, column 9: unexpected … (hint)`: the position is within the text. */
function problemText({ message, hint, at }: Problem): string {
  const place = at === undefined ? '' : at.line === 1 ? `column ${at.column}: ` : `line ${at.line}, column ${at.column}: `;
  return `${place}${message}${hint === undefined ? '' : ` (${hint})`}`;
}
