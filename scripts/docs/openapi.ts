import { openApiDocument } from '../../src/server/api/v1/openapi.ts';

/** The OpenAPI document of Tocsin's own API, as docs/openapi.json has it: of no version, so that a release changes nothing in it. */
export function openApiText(): string {
  return `${JSON.stringify(openApiDocument('unreleased'), undefined, 2)}\n`;
}
