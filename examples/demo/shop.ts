import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedBackend, embeddedBackend } from '../../src/backends/embedded/backend.ts';
import { embeddedRanges } from '../../src/backends/embedded/ranges.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { TocsinError } from '../../src/core/errors.ts';
import { formatProblem, type Problem } from '../../src/core/problems.ts';
import { deadline, type Instant, systemClock, timeLimit } from '../../src/core/time.ts';
import { assemble } from '../../src/engine/assemble.ts';
import { chartsDrawnBy } from '../../src/engine/charts.ts';
import type { TurnPorts } from '../../src/engine/turn-ports.ts';
import { explain } from '../../src/explain/explain.ts';
import type { Explanation } from '../../src/explain/explanation.ts';
import { ruleTypeNamed } from '../../src/rule-types/registry.ts';
import { loadRules } from '../../src/rules/load-rules.ts';
import type { Rule } from '../../src/rules/rule.ts';
import { destinationsOf } from '../../src/service/destinations.ts';
import { pngDrawer } from '../../src/service/draw-png.ts';

/** This folder: the demo's rule, its rule test, and its tocsin.yaml. */
export const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The addresses in the demo's tocsin.yaml; the demo's own servers take their place. */
const ADDRESSES = { slack: 'https://hooks.slack.example.com/services/demo', smtp: 'smtp.example.com:587' } as const;
const MAIN_RULE = 'payments-failing';
const EXPLAIN_TIME = 10_000;

/** The engine over documents in memory. `rule`: the one that the story is about. */
export interface Shop {
  readonly rule: Rule;
  readonly rules: readonly Rule[];
  readonly ports: TurnPorts;
  readonly documents: EmbeddedBackend['documents'];
  readonly backend: EmbeddedBackend;
  /** Explains the rule's alerts at a tick, as `tocsin explain` does. */
  explain(at: Instant, signal: AbortSignal): Promise<Explanation>;
}

/** Writes `folder`/tocsin.yaml with the addresses of the demo's servers, and assembles the engine by it. Throws TocsinError if it or the rule does not load. */
export async function openShop(folder: string, addresses: { readonly slack: string; readonly smtp: string }): Promise<Shop> {
  const file = join(folder, 'tocsin.yaml');
  const text = await readFile(join(HERE, 'tocsin.yaml'), 'utf8');
  const own = text
    .replace(ADDRESSES.slack, addresses.slack)
    .replace(ADDRESSES.smtp, addresses.smtp)
    .replace(/^rules: .*$/m, `rules: [${JSON.stringify(relative(folder, join(HERE, 'rules')))}]`)
    .replace(/^# .*\n/gm, '');
  await writeFile(file, own);
  const config = await loadConfig(file, {});
  if (!config.ok) throw brokenDemo(config.problems);
  const { rules, problems } = await loadRules(config.value.rules, { receivers: Object.keys(config.value.routing.destinations) });
  const rule = rules.find(({ name }) => name === MAIN_RULE);
  if (rule === undefined || problems.length > 0) throw brokenDemo(problems);
  return assembleShop(config.value, rule, rules);
}

function assembleShop(config: Config, rule: Rule, rules: readonly Rule[]): Shop {
  const { namespace, routing, meta, kibana, traceLogs, delivery } = config;
  const backend = embeddedBackend();
  const ports = assemble({
    namespace,
    backend: { ...backend, ranges: embeddedRanges(backend.documents, backend.search) },
    rules,
    failures: [],
    routing,
    destination: destinationsOf(config),
    meta,
    kibana,
    traceLogs,
    io: { fetch, print: () => undefined },
    clock: systemClock,
    deadline: timeLimit,
    newToken: () => crypto.randomUUID(),
    delivery,
    // A machine that cannot draw sends mails without charts, as `tocsin run` does.
    charts: chartsDrawnBy(pngDrawer({ warn: () => undefined })),
    keepsPayloads: true,
  });
  const { search, ruleStates: states, alertGroups, runHistory: history } = backend;
  const explainPorts = {
    namespace,
    routing,
    kibana,
    traceLogs,
    search,
    states,
    alertGroups,
    history,
    typeNamed: ruleTypeNamed,
  };
  return {
    rule,
    rules,
    ports,
    documents: backend.documents,
    backend,
    explain: async (at, signal) => {
      const notified = await explain(
        { rule, group: undefined, moment: at, now: at },
        explainPorts,
        deadline(EXPLAIN_TIME, signal),
      );
      if (!notified.ok) throw new TocsinError('demo/explain', notified.message);
      return notified.value;
    },
  };
}

function brokenDemo(problems: readonly Problem[]): TocsinError {
  return new TocsinError('demo/files', `the demo's own files do not load: ${problems.map(formatProblem).join('; ')}`);
}
