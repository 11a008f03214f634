import { parseArgs } from 'node:util';
import { type NodeOptions, startElasticsearch } from './node.ts';

const usage = 'Usage: tsx test/support/elasticsearch/start.ts [8.19|9.5] [--port N] [--password X] [--data FOLDER] [--heap 512m]';

/** Runs a node in the foreground until SIGINT or SIGTERM, and prints its address. */
async function main(): Promise<void> {
  const node = await startElasticsearch(optionsFrom(process.argv.slice(2)));
  process.stdout.write(`Elasticsearch ${node.version} listens on ${node.url}; press Ctrl-C to stop it.\n`);
  const stop = () => {
    void node.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function optionsFrom(args: string[]): NodeOptions {
  const text = { type: 'string' } as const;
  const options = { port: text, password: text, data: text, heap: text };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.length > 1) throw new Error(usage);
  return {
    ...(positionals[0] && { version: positionals[0] }),
    ...(values.port && { port: Number(values.port) }),
    ...(values.password && { password: values.password }),
    ...(values.data && { dataDir: values.data }),
    ...(values.heap && { heap: values.heap }),
  };
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
