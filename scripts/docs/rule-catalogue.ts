import { PACKS_FOLDER, packNames, readPacks } from '../../src/cli/rules/packs.ts';
import type { ReportedPack, ReportedPackRule } from '../../src/reports/packs-report.ts';
import { code, table } from './markdown.ts';

/**
 * Rules whose fields are those of a reference (rules/README.md names it) and of their rule tests: the documents of no running program were at hand. A
 * test holds the others against documents of all shapes that were.
 */
export const DOCUMENTED: readonly string[] = [
  'agent-dropping-events',
  'agent-queue-full',
  'agent-silent',
  'certificate-expires',
  'collector-logs-lost',
  'collector-queue-full',
  'collector-spans-lost',
  'daemonset-unavailable',
  'data-stream-silent',
  'elasticsearch-disk',
  'elasticsearch-heap',
  'elasticsearch-index-status',
  'elasticsearch-rejections',
  'elasticsearch-status',
  'endpoint-down',
  'host-clock-skew',
  'ingest-lag',
  'job-failed',
  'kafka-consumer-lag',
  'kafka-partitions',
  'nginx-5xx-share',
  'nginx-dropped-connections',
  'nginx-error-log',
  'pod-exec',
  'postgresql-connections',
  'postgresql-deadlocks',
  'postgresql-errors',
  'postgresql-slow-statements',
  'redis-evictions',
  'redis-memory',
  'redis-rejected-connections',
  'secret-read',
  'service-heap-full',
  'service-saturated',
  'ssh-failures',
  'ssh-login-after-failures',
  'sudo-new-user',
  'user-or-group-created',
  'volume-claim-pending',
  'volume-filling',
];

/** The catalogue of all packs: for each what it needs, and a table of its rules. */
export async function ruleCatalogue(): Promise<string> {
  return (await readPacks(PACKS_FOLDER, await packNames(PACKS_FOLDER))).map(packSection).join('\n\n');
}

function packSection({ name, about, data, rules }: ReportedPack): string {
  const head = ['rule', 'finds', 'index', 'fields'];
  const said = `${about} Data: ${data}`.replaceAll('*', '\\*');
  return `### ${name}\n\n${said}\n\n${table(
    head,
    rules.map((rule) => row(name, rule)),
  )}`;
}

function row(pack: string, { name, file, finds, index }: ReportedPackRule): readonly string[] {
  const fields = DOCUMENTED.includes(name) ? 'documented' : 'seen';
  return [`[${code(name)}](${pack}/${file})`, finds, index.map(code).join(', '), fields];
}
