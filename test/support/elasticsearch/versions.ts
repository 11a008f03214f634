/** A module that the plain distribution lacks and that is put together from jars of Maven Central. */
interface ExtraModule {
  readonly name: string;
  readonly pluginClass: string;
  /** The module whose classes this one builds on. */
  readonly extends: string;
  /** Maven coordinates, `group:artifact:version`. */
  readonly jars: readonly string[];
}

/** An Elasticsearch that the tests can start. */
export interface Release {
  readonly version: string;
  /** The oldest Java it runs on. */
  readonly java: number;
  readonly modules: readonly ExtraModule[];
}

const elastic = (version: string, ...artifacts: string[]) =>
  artifacts.map((artifact) => `org.elasticsearch.plugin:${artifact}:${version}`);

/** ES|QL, and with it Elastic's own KQL parser. Its jars are published for 8.19, and for no 9.x. */
const esql = (version: string): ExtraModule[] => [
  {
    name: 'x-pack-esql-core',
    pluginClass: 'org.elasticsearch.xpack.esql.core.plugin.EsqlCorePlugin',
    extends: 'x-pack-core',
    jars: [...elastic(version, 'x-pack-esql-core', 'x-pack-mapper-version'), 'org.antlr:antlr4-runtime:4.13.1'],
  },
  {
    name: 'x-pack-esql',
    pluginClass: 'org.elasticsearch.xpack.esql.plugin.EsqlPlugin',
    extends: 'x-pack-esql-core',
    jars: [
      ...elastic(version, 'x-pack-esql', 'x-pack-esql-compute', 'x-pack-esql-compute-ann', 'x-pack-kql', 'arrow'),
      `org.elasticsearch:elasticsearch-dissect:${version}`,
      'org.apache.lucene:lucene-spatial3d:9.12.2',
      'org.apache.arrow:arrow-vector:18.3.0',
      'org.apache.arrow:arrow-format:18.3.0',
      'org.apache.arrow:arrow-memory-core:18.3.0',
    ],
  },
];

const releases: readonly [Release, ...Release[]] = [
  { version: '8.19.21', java: 17, modules: esql('8.19.21') },
  { version: '9.5.3', java: 21, modules: [] },
];

/** Finds a release by its full version or the beginning of it (`9`, `9.5`, `9.5.3`); without a name it is 8.19, which has ES|QL. */
export function findRelease(name?: string): Release {
  const found = name ? releases.find(({ version }) => `${version}.`.startsWith(`${name}.`)) : releases[0];
  if (found) return found;
  throw new Error(`No Elasticsearch ${name} is known to the tests; choose one of ${releases.map((r) => r.version).join(', ')}.`);
}
