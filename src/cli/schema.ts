import { Argument, Command } from 'commander';
import { configSchema } from '../config/schema.ts';
import type { JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import { printJson } from '../reports/json.ts';
import { ruleTestSchema } from '../rule-tests/schema.ts';
import { generateRuleSchema } from '../rules/rule-schema.ts';
import { silenceSchema } from '../silence-files/silence-keys.ts';
import { withExamples } from './arguments.ts';
import type { Attach } from './command-line.ts';

const SCHEMAS: Readonly<Record<string, () => JsonSchema>> = {
  rules: generateRuleSchema,
  tests: ruleTestSchema,
  config: configSchema,
  silences: silenceSchema,
};

/** `tocsin schema`: the JSON schemas that make editors complete and explain every key. */
export const attachSchema: Attach = (line) => {
  const command = new Command('schema')
    .description('Print the JSON schema of rule files, rule tests, tocsin.yaml or files of silences, for editors.')
    .addArgument(new Argument('[what]', 'which schema').choices(Object.keys(SCHEMAS)).default('rules'))
    .action((what: string) => line.stdout.write(printJson(own(SCHEMAS, what)?.() ?? {})));
  return withExamples(command, [
    ['Save the schema of rule files', 'tocsin schema > rule.schema.json'],
    ['Reference it in the first line of a rule file', 'echo "# yaml-language-server: \\$schema=../rule.schema.json"'],
    ['Print the schema of tocsin.yaml', 'tocsin schema config'],
  ]);
};
