import { isObject } from '../../../core/json.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { ANSWERS, ProblemShape } from './shapes.ts';

const SCHEMAS = '#/components/schemas/';

/** The OpenAPI document of the API: made of the operations and the shapes of their answers. */
export function openApiDocument(version: string): Readonly<Record<string, unknown>> {
  const components = new Map<string, unknown>();
  const paths = new Map<string, Record<string, unknown>>();
  const add = (path: string, method: string, operation: unknown) => {
    const known = paths.get(path) ?? {};
    paths.set(path, { ...known, [method.toLowerCase()]: operation });
  };
  for (const operation of OPERATIONS) add(`/api/v1${operation.path}`, operation.method, operationObject(operation, components));
  add('/api/v1/events', 'GET', eventsObject(components));
  named(ProblemShape, components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version,
      description:
        'Rules, alerts, notifications and silences. Lists are paginated: `limit` items per page, and `next` is the `after` of the next page. Errors are problem+json with the next step.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'A token of `server.tokens`.' } },
    },
  };
}

function operationObject({ id, method, path, summary, query, body, answer, needs }: Operation, components: Map<string, unknown>) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: id,
    summary,
    tags: [path.split('/')[1]],
    ...((query !== undefined || inPath.length > 0) && { parameters: [...inPath, ...parametersOf(query, components)] }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: named(body, components) } } },
    }),
    responses: {
      200: { description: summary, content: { 'application/json': { schema: named(ANSWERS[answer], components) } } },
      default: { description: 'An error', content: { 'application/problem+json': { schema: { $ref: `${SCHEMAS}Problem` } } } },
    },
    // What changes something needs a token, unless the server listens on a loopback address alone and has none.
    security: needs === 'silence' ? [{ token: [] }] : [{}, { token: [] }],
    ...(method === 'POST' && { description: 'Send `Content-Type: application/json`.' }),
  };
}

function parametersOf(query: unknown, components: Map<string, unknown>) {
  const properties = isObject(query) && isObject(query['properties']) ? query['properties'] : {};
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = plain(schema, components) as Readonly<Record<string, unknown>>;
    return { name, in: 'query', ...(description !== undefined && { description }), schema: rest };
  });
}

function eventsObject(components: Map<string, unknown>) {
  return {
    operationId: 'followEvents',
    summary: 'Changes, as server-sent events',
    description:
      'The name of an event is its kind. With `Last-Event-ID` the stream continues after that event; if that is not possible, it begins with an event `reload`: read everything again. A comment is sent every 15 seconds. With several replicas, changes made by the others follow some seconds later.',
    tags: ['events'],
    responses: {
      200: { description: 'Events', content: { 'text/event-stream': { schema: named(ANSWERS.event, components) } } },
      default: { description: 'An error', content: { 'application/problem+json': { schema: { $ref: `${SCHEMAS}Problem` } } } },
    },
    security: [{}, { token: [] }],
  };
}

/** A schema with a title, once among the components, and a reference to it. */
function named(schema: unknown, components: Map<string, unknown>): unknown {
  const title = isObject(schema) ? schema['title'] : undefined;
  if (typeof title !== 'string') return plain(schema, components);
  if (!components.has(title)) {
    components.set(title, undefined);
    components.set(title, plainMembers(schema, components));
  }
  return { $ref: `${SCHEMAS}${title}` };
}

/** A schema as JSON, with references to what has a title. */
function plain(schema: unknown, components: Map<string, unknown>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => plain(one, components));
  if (!isObject(schema)) return schema;
  return typeof schema['title'] === 'string' ? named(schema, components) : plainMembers(schema, components);
}

function plainMembers(schema: unknown, components: Map<string, unknown>): unknown {
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).filter(([name]) => name !== 'title');
  return Object.fromEntries(members.map(([name, value]) => [name, memberOf(name, value, components)]));
}

/** Only some members of a schema are schemas, or have schemas by names of their own. */
function memberOf(name: string, value: unknown, components: Map<string, unknown>): unknown {
  if (name === 'properties' || name === 'patternProperties') {
    const named = Object.entries(isObject(value) ? value : {});
    return Object.fromEntries(named.map(([property, schema]) => [property, plain(schema, components)]));
  }
  return name === 'items' || name === 'anyOf' || name === 'additionalProperties' ? plain(value, components) : value;
}
