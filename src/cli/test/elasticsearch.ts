import { classifyReply } from '../../backends/elasticsearch/classify.ts';
import { createClient } from '../../backends/elasticsearch/client.ts';
import { elasticsearchSearch } from '../../backends/elasticsearch/search.ts';
import { succeeded, type Wire, type WireReply, type WireRequest } from '../../backends/elasticsearch/wire.ts';
import type { ElasticsearchConfig } from '../../config/config.ts';
import { TocsinError } from '../../core/errors.ts';
import { isObject, jsonText } from '../../core/json.ts';
import { type ClusterPlan, clusterPlan } from '../../rule-tests/cluster-plan.ts';
import type { TestDocument } from '../../rule-tests/make-documents.ts';
import type { OpenTestBackend } from '../../rule-tests/test-backend.ts';

/** Rule tests on a cluster. */
export interface ClusterTests {
  readonly open: OpenTestBackend;
  close(): Promise<void>;
}

const DOCUMENTS_A_REQUEST = 2_000;

/**
 * Opens a cluster for rule tests: each test has indices of its own whose names begin with `prefix` and its number, made with the mapping
 * that the embedded backend assumes and removed when it has ended. State stays in memory.
 */
export function clusterTests(config: ElasticsearchConfig, prefix: string): ClusterTests {
  const client = createClient(config);
  let tests = 0;
  return {
    open: async (world) => {
      const plan = clusterPlan(world, `${prefix}${++tests}-`);
      const late = world.documents.filter(({ arrivedAt }) => arrivedAt !== undefined);
      const made: string[] = [];
      const close = () => removeIndices(client, made);
      try {
        for (const index of plan.indices) {
          made.push(index);
          await makeIndex(client, index, plan);
        }
        await addDocuments(
          client,
          plan,
          world.documents.filter(({ arrivedAt }) => arrivedAt === undefined),
        );
      } catch (thrown) {
        await close();
        throw thrown;
      }
      let waiting = late;
      return {
        search: plan.search(elasticsearchSearch(client)),
        advance: async (now) => {
          const arrived = waiting.filter(({ arrivedAt = now }) => arrivedAt <= now);
          if (arrived.length === 0) return;
          waiting = waiting.filter((document) => !arrived.includes(document));
          await addDocuments(client, plan, arrived);
        },
        close,
      };
    },
    close: () => client.close(),
  };
}

async function makeIndex(wire: Wire, index: string, { mappings }: ClusterPlan): Promise<void> {
  const settings = { number_of_shards: 1, number_of_replicas: 0 };
  await done(wire, { method: 'PUT', path: `/${encodeURIComponent(index)}`, body: { settings, mappings } });
}

async function addDocuments(wire: Wire, plan: ClusterPlan, documents: readonly TestDocument[]): Promise<void> {
  for (let start = 0; start < documents.length; start += DOCUMENTS_A_REQUEST) {
    const lines = documents.slice(start, start + DOCUMENTS_A_REQUEST).flatMap((document) => {
      const place = { _index: plan.indexOf(document), ...(document.id === undefined ? {} : { _id: document.id }) };
      return [JSON.stringify({ index: place }), jsonText(document.source)];
    });
    const reply = await done(wire, { method: 'POST', path: '/_bulk', query: { refresh: true }, lines });
    const refused = refusedItem(reply.body);
    if (refused !== undefined)
      throw new TocsinError('rule-test/elasticsearch', `Elasticsearch rejected a document of the test: ${refused}`, {
        hint: 'fix the document, or add a `mapping` to the test',
      });
  }
}

function refusedItem(body: unknown): string | undefined {
  const items = isObject(body) && Array.isArray(body['items']) ? body['items'] : [];
  for (const item of items) {
    const result = isObject(item) && isObject(item['index']) ? item['index'] : {};
    const { error } = result;
    if (isObject(error)) return `${String(error['type'])}: ${String(error['reason'])}`;
  }
  return undefined;
}

async function removeIndices(wire: Wire, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const path = `/${names.map(encodeURIComponent).join(',')}`;
  await done(wire, { method: 'DELETE', path, query: { ignore_unavailable: true } });
}

async function done(wire: Wire, request: Pick<WireRequest, 'method' | 'path' | 'query' | 'body' | 'lines'>) {
  const reply: WireReply = await wire.send({ ...request, timeout: wire.requestTimeout, repeatable: false });
  if (succeeded(reply)) return reply;
  const problem = classifyReply(reply);
  throw new TocsinError('rule-test/elasticsearch', problem.message, { hint: problem.hint });
}
