import { FUNCTIONS, METHODS } from '../../src/conditions/numbers.ts';
import { isObject, type Json, type JsonSchema } from '../../src/core/json.ts';
import { METRIC_SCHEMA } from '../../src/rule-types/metric.ts';
import { ruleTypes } from '../../src/rule-types/registry.ts';
import type { ReadTools, RuleType } from '../../src/rule-types/rule-type.ts';
import { DEFAULTS } from '../../src/rules/defaults.ts';
import { generateRuleSchema, requiredOwnKeys, typeNames } from '../../src/rules/rule-schema.ts';
import { messageLiquid } from '../../src/templates/liquid.ts';
import { FIXED_NAMES } from '../../src/templates/template.ts';
import { KEY_HEAD, keyRows } from './key-rows.ts';
import { code, propertiesOf, table } from './markdown.ts';

/** Tables of every key of rule files: the common ones, then those of each type. */
export function ruleKeys(): string {
  const definitions = isObject(generateRuleSchema()['definitions']) ? generateRuleSchema()['definitions'] : {};
  const schemas = definitions as Readonly<Record<string, JsonSchema>>;
  const common = Object.fromEntries(
    Object.entries(schemas).flatMap(([name, schema]) => (name.startsWith('key-') ? [[name.slice(4), schema]] : [])),
  );
  const whole = { properties: common, required: generateRuleSchema()['required'] ?? [] } as JsonSchema;
  const evidence = `Default of \`evidence.fields\`: ${DEFAULTS.evidence.fields.map(code).join(', ')}.`;
  return [
    '### Keys of every rule',
    table(KEY_HEAD, keyRows(whole)),
    evidence,
    ...typeNames.flatMap((name) => typeKeys(name, schemas)),
  ].join('\n\n');
}

function typeKeys(name: string, schemas: Readonly<Record<string, JsonSchema>>): readonly string[] {
  const schema = schemas[name] ?? {};
  const own = Object.entries(propertiesOf(schema)).filter(([key, value]) => key !== 'type' && value['$ref'] === undefined);
  const properties: JsonSchema = { properties: Object.fromEntries(own), required: schema['required'] ?? [] };
  return [
    `### Keys of the type ${name}`,
    String(schema['description'] ?? ''),
    own.length === 0 ? 'It has no keys of its own.' : table(KEY_HEAD, keyRows(properties)),
  ];
}

/** Table of what a metric may measure. */
export function metricKeys(): string {
  const rows = Object.entries(propertiesOf(METRIC_SCHEMA)).map(([key, schema]) => [code(key), String(schema['description'])]);
  const percentile = Object.values(isObject(METRIC_SCHEMA['patternProperties']) ? METRIC_SCHEMA['patternProperties'] : {})
    .filter(isObject)
    .map((schema) => [code('pNN'), String(schema['description'])]);
  return table(['key', 'meaning'], [...rows, ...percentile]);
}

/** Table of the types with what conditions may use. */
export function typeVariables(): string {
  const rows = Object.values(TYPES).map((type) => {
    const fallback = type.defaultCondition;
    return [code(type.name), type.description, variablesOf(type), fallback === undefined ? 'required' : code(fallback)];
  });
  return table(['type', 'measures', 'conditions may use', '`condition`'], rows);
}

const TYPES: Readonly<Record<string, RuleType<unknown, Json>>> = ruleTypes;

/** Keys whose own keys become variables. */
const NAMING_KEYS = ['metrics', 'variables'];

/** The type's variables; where the rule names them itself, the key under which it does. */
function variablesOf(type: RuleType<unknown, Json>): string {
  const own = requiredOwnKeys(type.name);
  const naming = NAMING_KEYS.find((key) => own.includes(key));
  if (naming !== undefined) return `the names under ${code(naming)}`;
  const field = 'some.field';
  const tools: ReadTools = {
    kql: () => ({ match_all: {} }),
    duration: () => 1,
    problem: () => undefined,
    groupBy: [field],
    window: 1,
  };
  return Object.keys(type.variables(type.read(own.includes('field') ? { field } : {}, tools)))
    .map(code)
    .join(', ');
}

/** The functions of conditions, as lists. */
export function conditionFunctions(): string {
  const list = (signatures: Readonly<Record<string, string>>) => Object.values(signatures).map(code).join(', ');
  return `- Functions: ${list(FUNCTIONS)}.\n- On text: ${list(METHODS)}.`;
}

/** The names, filters and tags of message templates, as lists. */
export function templateWords(): string {
  const engine = messageLiquid();
  const sorted = (words: object) => Object.keys(words).sort().map(code).join(', ');
  return [
    `- Names: ${FIXED_NAMES.map(code).join(', ')}, and the variables of the rule’s type.`,
    `- Filters: ${sorted(engine.filters)}.`,
    `- Tags: ${sorted(engine.tags)}.`,
  ].join('\n');
}
