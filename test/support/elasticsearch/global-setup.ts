import type { TestProject } from 'vitest/node';
import type { ElasticsearchNode } from './node.ts';
import { SHARED_URL, startSharedNode } from './shared-node.ts';
import './urls.ts';

interface Shared {
  users: number;
  readonly node: Promise<ElasticsearchNode>;
}

// Each vitest project loads this file again, so only the process itself can remember which nodes are already there.
const key = Symbol.for('tocsin.test.elasticsearch');
const memory = globalThis as { [key]?: Map<string, Shared> };

/**
 * Gives the tests of a project an Elasticsearch: a node of the version that the project names in its `env`, or else that of ELASTICSEARCH_URL, or a node of
 * the version TOCSIN_TEST_ES. Projects share the node of a version.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const ownVersion = project.config.env?.['TOCSIN_TEST_ES'];
  const given = ownVersion ? undefined : process.env['ELASTICSEARCH_URL'] || process.env[SHARED_URL];
  if (given) {
    project.provide('elasticsearchUrl', given);
    return async () => undefined;
  }
  const version = ownVersion || process.env['TOCSIN_TEST_ES'] || '';
  memory[key] ??= new Map();
  const nodes = memory[key];
  const shared = nodes.get(version) ?? { users: 0, node: startSharedNode(version) };
  nodes.set(version, shared);
  shared.users += 1;
  const node = await shared.node;
  project.provide('elasticsearchUrl', node.url);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    nodes.delete(version);
    await node.stop();
  };
}
