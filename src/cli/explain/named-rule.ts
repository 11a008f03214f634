import type { Config } from '../../config/config.ts';
import { TocsinError } from '../../core/errors.ts';
import { namesInstead } from '../../core/nearest.ts';
import { groupValue } from '../../core/printed.ts';
import { put } from '../../core/record.ts';
import { HEALTH_RULE, HEALTH_RULE_ID } from '../../engine/self-monitoring/health-rule.ts';
import type { RuleStates } from '../../evaluation/rule-states.ts';
import { RECEIVED_RULE, RECEIVED_RULE_ID } from '../../received/received-rule.ts';
import type { RuleSet } from '../../rules/load-rules.ts';
import type { Rule } from '../../rules/rule.ts';
import type { Group } from '../../search/query.ts';
import type { NotLoaded } from './records.ts';

/** How the command line writes that a field of a group has no value. */
export const NO_GROUP = groupValue(null);

/** The document that a namespace still has of a rule that no loaded file has; undefined for every other name. */
export async function notLoadedOf(
  name: string,
  set: RuleSet,
  ruleStates: Pick<RuleStates, 'load'>,
): Promise<NotLoaded | undefined> {
  if (name === HEALTH_RULE_ID || name === RECEIVED_RULE_ID || set.rules.some((rule) => rule.name === name || rule.id === name))
    return undefined;
  const place = brokenPlaceOf(name, set);
  const id = place?.id ?? name;
  const loaded = await ruleStates.load([id], new Map());
  const document = loaded.ok ? loaded.value.get(id)?.document : undefined;
  if (document === undefined) return undefined;
  const all = set.files.filter(({ ok }) => !ok).map(({ file }) => file);
  return { document, broken: { ...(place !== undefined && { holding: place.file }), all } };
}

/** The file that does not load and declares a rule of this name or id, and the id of that rule. */
function brokenPlaceOf(name: string, { files, compiled }: RuleSet): { readonly file: string; readonly id: string } | undefined {
  for (const { file, ok } of files) {
    const declared = ok ? [] : (compiled.get(file)?.declared ?? []);
    const index = declared.findIndex(({ value }) => value === name);
    const found = declared[index];
    // A rule that declares an id declares it right after its name.
    if (found !== undefined) return { file, id: found.identity ? found.value : (declared[index + 1]?.value ?? name) };
  }
  return undefined;
}

/** Which alerts of other systems are meant: all of them by the built-in rule, or those that have the name; undefined: the name is a rule's. */
export function receivedNamed(name: string, { rules }: RuleSet, { receivedAlerts }: Config): Group | undefined {
  if (name === RECEIVED_RULE.name || name === RECEIVED_RULE_ID) return {};
  const isOfRule = rules.some((rule) => rule.name === name || rule.id === name);
  return receivedAlerts === undefined || isOfRule || name === HEALTH_RULE.name ? undefined : { alertname: name };
}

/** The rule of this name or ID. Throws TocsinError for an unknown one, with a suggestion. */
export function ruleNamed(name: string, set: RuleSet): Rule {
  const { rules } = set;
  const found = rules.find((rule) => rule.name === name) ?? rules.find((rule) => rule.id === name);
  if (found !== undefined) return found;
  if (name === HEALTH_RULE.name || name === HEALTH_RULE_ID) {
    throw new TocsinError('explain/rule', `${name} is built in and sends no query`, {
      hint: '`tocsin alerts` shows its alerts',
    });
  }
  const place = brokenPlaceOf(name, set);
  if (place !== undefined) {
    throw new TocsinError('explain/rule', `the rule ${JSON.stringify(name)} is in ${place.file}, which does not load`, {
      hint: 'run `tocsin check` to see the problems; the rule was never evaluated, so there are no records',
    });
  }
  const names = new Set(rules.flatMap((rule) => [rule.name, rule.id]));
  throw new TocsinError('explain/rule', `there is no rule ${JSON.stringify(name)}`, {
    hint: names.size === 0 ? 'there are no rules' : namesInstead(name, names),
  });
}

/** Reads `field=value` words. Throws TocsinError for what is not one, or names a field that the rule does not group by. */
export function groupOf(words: readonly string[], rule: Pick<Rule, 'name' | 'groupBy'>): Group {
  const group: Record<string, string | null> = {};
  for (const word of words) {
    const [, field, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (field === undefined || value === undefined) {
      throw new TocsinError('explain/group', `${JSON.stringify(word)} is not field=value`, {
        hint: 'such as --group service.name=stub',
      });
    }
    if (rule !== RECEIVED_RULE && !rule.groupBy.includes(field)) {
      throw new TocsinError('explain/group', `${rule.name} does not group by ${field}`, {
        hint: rule.groupBy.length === 0 ? 'it has no group_by' : namesInstead(field, rule.groupBy),
      });
    }
    put(group, field, value === NO_GROUP ? null : value === groupValue('') ? '' : value);
  }
  return group;
}
