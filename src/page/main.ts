import { showSandbox } from './sandbox-view.ts';

export { openSandbox } from '../sandbox/play-edited.ts';
export { editedYaml } from './edited-yaml.ts';
export { unpackSandbox } from './unpack.ts';

/** Fills the slots of the page with the sandboxes whose data lies in it. */
function fillSlots(): void {
  for (const slot of document.querySelectorAll<HTMLElement>('[data-sandbox]')) {
    const data = document.getElementById(`sandbox-data-${slot.dataset['sandbox']}`);
    if (data !== null) showSandbox(slot, slot.dataset['name'] ?? '', data.textContent.trim());
  }
}

if (typeof document !== 'undefined') fillSlots();
