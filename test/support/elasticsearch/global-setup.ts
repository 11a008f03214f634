import type { TestProject } from 'vitest/node';
import { type ElasticsearchNode, startElasticsearch } from './node.ts';
import './urls.ts';

interface Shared {
  users: number;
  readonly node: Promise<ElasticsearchNode>;
}

// Each vitest project loads this file again, so only the process itself can remember that the node is already there.
const key = Symbol.for('tocsin.test.elasticsearch');
const memory = globalThis as { [key]?: Shared | undefined };

/** Gives the tests of a project the Elasticsearch of ELASTICSEARCH_URL, or a node of the version TOCSIN_TEST_ES, one for all projects. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['ELASTICSEARCH_URL'];
  if (given) {
    project.provide('elasticsearchUrl', given);
    return async () => undefined;
  }
  memory[key] ??= { users: 0, node: startElasticsearch(chosenVersion()) };
  const shared = memory[key];
  shared.users += 1;
  const node = await shared.node;
  project.provide('elasticsearchUrl', node.url);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    memory[key] = undefined;
    await node.stop();
  };
}

function chosenVersion(): { version?: string } {
  const version = process.env['TOCSIN_TEST_ES'];
  return version ? { version } : {};
}
