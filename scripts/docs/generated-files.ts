import { openApiDocument } from '../../src/server/api/v1/openapi.ts';
import { grafanaDashboard } from '../dashboards/grafana.ts';
import { kibanaObjects } from '../dashboards/kibana.ts';

/** Files that are generated whole, with their texts. The OpenAPI document has no version, so that a release changes nothing in it. */
export function generatedFiles(): readonly (readonly [file: string, text: string])[] {
  return [
    ['docs/openapi.json', `${JSON.stringify(openApiDocument('unreleased'), undefined, 2)}\n`],
    ['deploy/dashboards/grafana.json', grafanaDashboard()],
    ['deploy/dashboards/kibana.ndjson', kibanaObjects()],
  ];
}
