import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parseAllDocuments } from 'yaml';
import { ECK, KUBERNETES, moduleFolder } from './go-module.ts';
import { called, type Manifest } from './manifest.ts';

type Schema = { [key: string]: unknown };

/** Holds manifests against the schemas of their kinds; gives complaints, none when all is well. */
export interface Schemas {
  complaints(manifest: Manifest): readonly string[];
}

let loaded: Promise<Schemas> | undefined;

/** The schemas of Kubernetes and of ECK's resources, with every key that they do not know refused; read once a process, which takes seconds. */
export function loadSchemas(): Promise<Schemas> {
  loaded ??= readSchemas();
  return loaded;
}

async function readSchemas(): Promise<Schemas> {
  const [kubernetes, eck] = await Promise.all([moduleFolder(KUBERNETES), moduleFolder(ECK)]);
  const swagger = JSON.parse(await readFile(path.join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8')) as Swagger;
  const resources = parseAllDocuments(await readFile(path.join(eck, 'config/crds/v1/all-crds.yaml'), 'utf8'));
  return schemasOf(
    swagger,
    resources.map((document) => document.toJS() as CustomResourceDefinition),
  );
}

interface Swagger {
  readonly definitions: Readonly<Record<string, Schema>>;
}

interface CustomResourceDefinition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
  };
}

type GroupVersionKind = { readonly group: string; readonly version: string; readonly kind: string };

/** The pure middle of `loadSchemas`. */
function schemasOf(swagger: Swagger, resources: readonly CustomResourceDefinition[]): Schemas {
  const definitions = { ...swagger.definitions, ...LOOSE };
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, logger: false });
  ajv.addSchema({ $id: 'kubernetes', definitions: strict(definitions) });
  const places = new Map<string, Schema>();
  for (const [name, definition] of Object.entries(swagger.definitions)) {
    for (const { group, version, kind } of (definition['x-kubernetes-group-version-kind'] ?? []) as readonly GroupVersionKind[]) {
      places.set(`${group === '' ? '' : `${group}/`}${version} ${kind}`, { $ref: `kubernetes#/definitions/${name}` });
    }
  }
  for (const { spec } of resources) {
    for (const { name, schema } of spec.versions) {
      const found = schema?.openAPIV3Schema;
      if (found !== undefined) places.set(`${spec.group}/${name} ${spec.names.kind}`, customResource(found));
    }
  }
  const compiled = new Map<string, ValidateFunction>();
  return {
    complaints: (manifest) => {
      const place = `${manifest.apiVersion} ${manifest.kind}`;
      const schema = places.get(place);
      if (schema === undefined) return [`${called(manifest)}: there is no schema of ${place}`];
      const validate = compiled.get(place) ?? ajv.compile(schema);
      compiled.set(place, validate);
      return validate(manifest) ? [] : sayErrors(manifest, validate);
    },
  };
}

/** Types that Kubernetes reads more kindly than its schema says. */
const LOOSE: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['integer', 'string'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['number', 'string'] },
};

/** A custom resource has the metadata of every object, which its definition leaves open. */
function customResource(found: Schema): Schema {
  const properties = strict(found['properties'] as Schema) as Schema;
  const metadata = { $ref: 'kubernetes#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
  return { ...found, properties: { ...properties, metadata }, additionalProperties: false };
}

/** The same schema, refusing each key that it does not name, where it does not say that others are welcome. */
export function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner: Schema = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  if (inner['x-kubernetes-int-or-string'] === true) return { ...inner, type: ['integer', 'string'], anyOf: undefined };
  const isClosed = typeof inner['properties'] === 'object' && !('additionalProperties' in inner);
  return isClosed && inner['x-kubernetes-preserve-unknown-fields'] !== true ? { ...inner, additionalProperties: false } : inner;
}

function sayErrors(manifest: Manifest, { errors }: ValidateFunction): readonly string[] {
  return (errors ?? []).map(({ instancePath, message, params }) => {
    const extra = (params as { readonly additionalProperty?: string }).additionalProperty;
    return `${called(manifest)}: ${instancePath} ${message}${extra === undefined ? '' : ` (${extra})`}`;
  });
}
