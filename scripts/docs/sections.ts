import { boundsTable } from './bounds-reference.ts';
import { configKeys } from './config-reference.ts';
import { daylightSaving } from './daylight-saving.ts';
import { exampleSections } from './examples.ts';
import { clusterCodes, configCodes, policyCodes, ruleCodes, silenceCodes } from './finding-codes.ts';
import { metricList, searchProblems } from './operations-reference.ts';
import { ruleCatalogue } from './rule-catalogue.ts';
import { conditionFunctions, metricKeys, ruleKeys, templateWords, typeVariables } from './rule-reference.ts';
import { storedKinds, storedMembers } from './stored-reference.ts';
import { webhookSample } from './webhook-sample.ts';

/** The generated parts of the docs by the name in their markers. */
export const SECTIONS: Readonly<Record<string, () => string | Promise<string>>> = {
  ...exampleSections(),
  'cron-dst': daylightSaving,
  'rule-types': typeVariables,
  metrics: metricKeys,
  'condition-functions': conditionFunctions,
  'template-words': templateWords,
  'rule-keys': ruleKeys,
  'config-keys': configKeys,
  'service-metrics': metricList,
  'search-problems': searchProblems,
  bounds: boundsTable,
  'stored-kinds': storedKinds,
  'stored-members': storedMembers,
  'webhook-body': webhookSample,
  'rule-codes': ruleCodes,
  'cluster-codes': clusterCodes,
  'config-codes': configCodes,
  'silence-codes': silenceCodes,
  'policy-codes': policyCodes,
  'rule-catalogue': ruleCatalogue,
};

/** A text with the contents of its markers regenerated. Throws for a marker that no section has, or that is never closed. */
export async function regenerate(text: string): Promise<string> {
  const names = [...text.matchAll(/^<!-- generated:([\w-]+) -->$/gm)].map(([, name = '']) => name);
  let made = text;
  for (const name of names) {
    const section = SECTIONS[name];
    if (section === undefined)
      throw new Error(`there is no generated section "${name}"; known are ${Object.keys(SECTIONS).join(', ')}`);
    const open = `<!-- generated:${name} -->`;
    const close = `<!-- end of generated:${name} -->`;
    const from = made.indexOf(open) + open.length;
    const to = made.indexOf(close);
    if (to < from) throw new Error(`${open} has no ${close} behind it`);
    made = `${made.slice(0, from)}\n\n${await section()}\n\n${made.slice(to)}`;
  }
  return made;
}
