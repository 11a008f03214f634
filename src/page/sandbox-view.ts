import { asError } from '../core/errors.ts';
import { systemClock } from '../core/time.ts';
import type { DecidingKeys } from '../rules/deciding-keys.ts';
import { type EditedStory, openSandbox, type Running, type Sandbox } from '../sandbox/play-edited.ts';
import { editedYaml } from './edited-yaml.ts';
import { element } from './element.ts';
import { keysOf, type SandboxField, sandboxFields } from './fields.ts';
import { outcomeHtml, outcomeSentence, type ShownStory } from './outcome.ts';
import { type SandboxForm, sandboxForm, unplaced } from './sandbox-form.ts';
import { unpackSandbox } from './unpack.ts';

/** Between the last key that was pressed and a run, ms. */
const PAUSE = 200;

/** What is written to while a sandbox is used. */
interface Parts {
  readonly status: HTMLElement;
  readonly progress: HTMLProgressElement;
  readonly outcome: HTMLElement;
  readonly yaml: HTMLElement;
}

/** A sandbox that was opened on the page. */
interface Opened {
  readonly sandbox: Sandbox;
  readonly keys: DecidingKeys;
  readonly range: { readonly from: number; readonly to: number };
  readonly fields: readonly SandboxField[];
  readonly asItIs: ShownStory;
  readonly parts: Parts;
}

/** Fills a slot of the page with a sandbox, which is read when it is opened. */
export function showSandbox(slot: HTMLElement, name: string, packed: string): void {
  const body = element('div', {});
  const details = element('details', {}, element('summary', {}, 'Sandbox: try other values'), body);
  slot.replaceChildren(details);
  details.addEventListener('toggle', () => void open(body, name, packed), { once: true });
}

async function open(body: HTMLElement, name: string, packed: string): Promise<void> {
  const parts = partsOf();
  parts.status.textContent = 'Loading …';
  body.replaceChildren(parts.status, parts.progress);
  try {
    const { keys, range, ...rest } = await unpackSandbox(packed);
    const sandbox = openSandbox({ keys, range, ...rest });
    const asItIs = await sandbox.playAsItIs(running(parts, new AbortController().signal));
    if (!asItIs.ok) throw new Error(asItIs.problems.map(({ message }) => message).join('; '));
    use({ sandbox, keys, range, fields: sandboxFields(keys), asItIs, parts }, name, body);
  } catch (thrown) {
    parts.status.textContent = `The sandbox cannot be opened: ${asError(thrown).message}`;
  } finally {
    parts.progress.hidden = true;
  }
}

function partsOf(): Parts {
  const progress = element('progress', { max: '1', 'aria-label': 'Playing' });
  progress.hidden = true;
  return {
    status: element('p', { role: 'status' }),
    progress,
    outcome: element('div', { class: 'outcome' }),
    yaml: element('pre', { tabindex: '0', 'aria-label': 'Edited keys as YAML' }),
  };
}

/** Puts the form on the page and plays the rule whenever a text changes; a change ends the run before it. */
function use(opened: Opened, name: string, body: HTMLElement): void {
  const { asItIs, keys, parts, fields } = opened;
  let last = new AbortController();
  const form: SandboxForm = sandboxForm(fields, name, () => {
    last.abort();
    last = new AbortController();
    void edit(opened, form, last.signal);
  });
  body.replaceChildren(form.node, parts.status, parts.progress, parts.outcome, ...copyParts(parts));
  show(opened, asItIs, keys);
}

async function edit(opened: Opened, form: SandboxForm, signal: AbortSignal): Promise<void> {
  const { keys, parts, sandbox } = opened;
  await systemClock.sleep(PAUSE, signal);
  if (signal.aborted) return;
  const edited = keysOf(keys, form.texts());
  const played = await ending(sandbox.playWith(edited, running(parts, signal)), signal);
  if (played === undefined) return;
  parts.progress.hidden = true;
  const problems = played.ok ? [] : played.problems;
  form.complain(problems);
  parts.outcome.classList.toggle('stale', !played.ok);
  if (played.ok) show(opened, played, edited);
  else {
    const others = unplaced(problems, opened.fields).map(
      ({ message, hint }) => `${message}${hint === undefined ? '' : ` (${hint})`}.`,
    );
    parts.status.textContent = ['Not played.', ...others, 'The results below are for the last valid values.'].join(' ');
  }
}

/** What a run gave; undefined where another one has taken its place. */
async function ending(run: Promise<EditedStory>, signal: AbortSignal): Promise<EditedStory | undefined> {
  try {
    const played = await run;
    return signal.aborted ? undefined : played;
  } catch (thrown) {
    if (signal.aborted) return undefined;
    const message = `the sandbox failed: ${asError(thrown).message}`;
    return { ok: false, problems: [{ code: 'sandbox/failed', severity: 'error', message }] };
  }
}

function show({ asItIs, keys, range, parts }: Opened, edited: ShownStory, editedKeys: DecidingKeys): void {
  const opened = openDetails(parts.outcome);
  parts.outcome.innerHTML = outcomeHtml(asItIs, edited, { asItIs: keys, edited: editedKeys }, range);
  for (const [place, details] of parts.outcome.querySelectorAll('details').entries()) details.open = opened.has(place);
  const yaml = editedYaml(keys, editedKeys);
  parts.yaml.textContent = yaml === '' ? '# nothing is changed yet\n' : yaml;
  parts.status.textContent = outcomeSentence(asItIs.story, edited.story, range);
}

/** A list that someone opened stays open while they edit. */
function openDetails(outcome: HTMLElement): ReadonlySet<number> {
  return new Set([...outcome.querySelectorAll('details')].flatMap((details, place) => (details.open ? [place] : [])));
}

function copyParts({ yaml }: Parts): readonly HTMLElement[] {
  const said = element('span', { role: 'status', class: 'faint' });
  const copy = element('button', { type: 'button' }, 'Copy YAML');
  copy.addEventListener('click', () => void copyText(yaml, said));
  return [element('div', { class: 'wide' }, yaml), element('p', {}, copy, ' ', said)];
}

/** A page that was opened as a file may not be given the clipboard: then the text is selected. */
async function copyText(yaml: HTMLElement, said: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(yaml.textContent ?? '');
    said.textContent = 'Copied.';
  } catch {
    getSelection()?.selectAllChildren(yaml);
    said.textContent = 'Selected: copy it with the keyboard.';
  }
}

function running(parts: Parts, signal: AbortSignal): Running {
  return {
    clock: systemClock,
    signal,
    progress: (done) => {
      if (signal.aborted) return;
      parts.progress.hidden = false;
      parts.progress.value = done;
      parts.progress.title = `${Math.floor(done * 100)} %`;
    },
  };
}
