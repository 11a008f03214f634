import { randomBytes } from 'node:crypto';
import type { Config } from '../../config/config.ts';
import { defaultConfig } from '../../config/load.ts';
import { configuredNames } from '../../config/names.ts';
import { TocsinError } from '../../core/errors.ts';
import { formatProblem } from '../../core/problems.ts';
import type { TestDelivery } from '../../rule-tests/delivery.ts';
import type { RuleTestOptions } from '../../rule-tests/run-rule-tests.ts';
import { loadRulesWithin } from '../../rules/load-rules.ts';
import { deliverySettings } from '../../service/destinations.ts';
import type { CommandLine, GlobalOptions } from '../command-line.ts';
import { configFile, openConfig } from '../open-config.ts';
import type { ClusterTests } from './elasticsearch.ts';

/** The configuration, if there is one, what tests are notified by it, and the paths that are wanted: those given, else those of the configuration. */
export async function openTests(paths: readonly string[], line: CommandLine, options: GlobalOptions) {
  const config = (await configFile(line, options)) === undefined ? undefined : await openConfig(line, options, 'none');
  const delivery = config === undefined ? {} : configured(config);
  return { config, configured: delivery, wanted: paths.length > 0 ? paths : (config ?? (await plainConfig({}))).rules };
}

/** With a tocsin.yaml, tests are notified as `run` would notify. */
export function configuredDelivery(config: Config): TestDelivery {
  const { namespace: _namespace, delivery: _delivery, ...settings } = deliverySettings(config);
  return { ...settings, meta: config.meta };
}

/** The same, and the names that rules may use of it. */
function configured(config: Config): Pick<RuleTestOptions, 'delivery' | 'load'> {
  return {
    delivery: configuredDelivery(config),
    load: (paths, within) => loadRulesWithin(paths, within, configuredNames(config)),
  };
}

/** Opens the cluster that was named for rule tests; credentials of tocsin.yaml go to the clusters of tocsin.yaml alone. */
export async function openCluster(
  url: string,
  config: Config | undefined,
  line: CommandLine,
  options: GlobalOptions,
): Promise<ClusterTests> {
  const isKnown = config?.elasticsearch.urls.includes(url) === true;
  const known = isKnown ? (await openConfig(line, options, 'elasticsearch')).elasticsearch : undefined;
  const key = line.env['ELASTICSEARCH_API_KEY'];
  const env = { ELASTICSEARCH_URL: url, ...(key === undefined ? {} : { ELASTICSEARCH_API_KEY: key }) };
  const elasticsearch = known ?? (await plainConfig(env)).elasticsearch;
  const { clusterTests } = await import('./elasticsearch.ts');
  return clusterTests(elasticsearch, `tocsin-test-${randomBytes(4).toString('hex')}-`);
}

async function plainConfig(env: Readonly<Record<string, string>>): Promise<Config> {
  const checked = await defaultConfig(env);
  if (checked.ok) return checked.value;
  throw new TocsinError('cli/elasticsearch', checked.problems.map(formatProblem).join('; '), {
    hint: 'such as --elasticsearch http://localhost:9200',
  });
}
