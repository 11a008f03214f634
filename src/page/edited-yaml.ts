import { canonicalJson } from '../core/json.ts';
import { yamlLines } from '../revisions/yaml-lines.ts';
import type { DecidingKeys } from '../rules/deciding-keys.ts';

/** The keys that differ, as YAML to be put into the rule; a key that is to go is a comment. Empty where nothing differs. */
export function editedYaml(before: DecidingKeys, after: DecidingKeys): string {
  const names: readonly (keyof DecidingKeys)[] = ['condition', 'levels', 'recover', 'for', 'keep_firing_for'];
  const lines = names.flatMap((name): readonly string[] => {
    const [old, young] = [before[name], after[name]];
    if (canonicalJson(old ?? null) === canonicalJson(young ?? null)) return [];
    return young === undefined ? [`# remove ${name}`] : yamlLines({ [name]: young });
  });
  return lines.map((line) => `${line}\n`).join('');
}
