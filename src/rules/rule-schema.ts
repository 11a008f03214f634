import type { Json, JsonSchema } from '../core/json.ts';
import { own } from '../core/record.ts';
import { ruleTypes } from '../rule-types/registry.ts';
import type { RuleType } from '../rule-types/rule-type.ts';
import { CommonKeys, IDENTITY_KEYS } from './common-keys.ts';

type Properties = Readonly<Record<string, JsonSchema>>;

const TYPES: Readonly<Record<string, RuleType<unknown, Json>>> = ruleTypes;

/** Names of all rule types, in the order of the registry. */
export const typeNames: readonly string[] = Object.keys(TYPES);

const commonProperties: Properties = plain(CommonKeys.properties);

/** JSON schema of the rules of one type: the common keys and the type's own, nothing else. */
export function typeSchema(name: string, common: Properties = commonProperties): JsonSchema {
  const type = own(TYPES, name);
  const { properties, required } = ownSchema(name);
  const condition = type?.defaultCondition;
  return {
    type: 'object',
    description: type?.description,
    properties: {
      ...common,
      type: { const: name, description: type?.description },
      ...(condition === undefined ? {} : { condition: { ...commonProperties['condition'], default: condition } }),
      ...properties,
    },
    required: [...CommonKeys.required, ...required],
    additionalProperties: false,
  };
}

/** JSON schema of a `defaults.yaml`: every common key except those that identify a rule. */
export function defaultsSchema(): JsonSchema {
  const properties = Object.fromEntries(Object.entries(commonProperties).filter(([key]) => !IDENTITY_KEYS.includes(key)));
  const description = 'Defaults for the rules in this folder and its subfolders; keys of a rule override them.';
  return { type: 'object', description, properties: { ...properties, type: typeProperty() }, additionalProperties: false };
}

/** What a common key means, in a sentence. */
export function keyDescription(key: string): string {
  return String(own(commonProperties, key)?.['description'] ?? '');
}

/** The keys that rules of a type have beside the common ones. */
export function ownKeys(name: string): readonly string[] {
  return Object.keys(ownSchema(name).properties);
}

/** Those of them that a rule of the type cannot do without. */
export function requiredOwnKeys(name: string): readonly string[] {
  return ownSchema(name).required;
}

/** The types that have a key of their own of this name. */
export function typesWithKey(key: string): readonly string[] {
  return typeNames.filter((name) => Object.hasOwn(ownSchema(name).properties, key));
}

/**
 * The JSON schema of one rule, for editors: `type` chooses among the types, and every key is described. Draft 7, which the YAML
 * language server understands best.
 */
export function generateRuleSchema(): JsonSchema {
  const choose = (name: string) => ({
    if: { properties: { type: { const: name } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON schema
    then: { $ref: `#/definitions/${name}` },
  });
  const referred = Object.fromEntries(
    Object.keys(commonProperties).map((key) => [key, { $ref: `#/definitions/${shared(key)}` }]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tocsin rule',
    description: 'An alert rule. A file may contain several, separated by lines of three dashes.',
    type: 'object',
    properties: { ...referred, type: typeProperty() },
    required: [...CommonKeys.required],
    allOf: typeNames.map(choose),
    definitions: {
      ...Object.fromEntries(typeNames.map((name) => [name, typeSchema(name, referred)])),
      ...Object.fromEntries(Object.entries(commonProperties).map(([key, schema]) => [shared(key), schema])),
    },
  };
}

/** Pointer to the schema of a common key, independent of the rule types. */
function shared(key: string): string {
  return `key-${key}`;
}

function typeProperty(): JsonSchema {
  const kinds = typeNames.map((name) => `${name}: ${own(TYPES, name)?.description ?? ''}`);
  return { enum: typeNames, description: `What is measured. ${kinds.join(' ')}` };
}

function ownSchema(name: string): { readonly properties: Properties; readonly required: readonly string[] } {
  const schema = own(TYPES, name)?.schema;
  return {
    properties: (schema?.['properties'] ?? {}) as Properties,
    required: (schema?.['required'] ?? []) as readonly string[],
  };
}

/** Without what the schema library remembers beside the JSON. */
function plain(properties: object): Properties {
  return JSON.parse(JSON.stringify(properties)) as Properties;
}
