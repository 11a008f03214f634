import type { Instant, TimeRange } from '../../core/time.ts';
import type { Rule } from '../../rules/rule.ts';
import type { TraceLogs } from '../../search/trace-logs.ts';

/**
 * Where the logs of a rule's traces are looked for: what the rule says, else the configuration; undefined: nowhere. A rule that looks at
 * other clusters has its logs there too, unless the configured indices name their cluster.
 */
export function traceLogsOf(
  { evidence, source }: Pick<Rule, 'evidence' | 'source'>,
  configured: TraceLogs,
): TraceLogs | undefined {
  const own = evidence.logs;
  if (own === false || (own === undefined && !configured.enabled)) return undefined;
  const given = typeof own === 'object' ? own : {};
  const logs = {
    ...configured,
    indices: given.indices ?? inClustersOf(source.indices, configured.indices),
    lines: given.lines ?? configured.lines,
  };
  return logs.lines === 0 ? undefined : logs;
}

/** When the lines of a window's traces were written: logs come a little before and after the spans, and never after `now`. */
export function logsRange(window: TimeRange, { before, after }: TraceLogs, now: Instant): TimeRange {
  return { from: window.from - before, to: Math.max(window.to, Math.min(window.to + after, now)) };
}

function inClustersOf(sources: readonly string[], indices: readonly string[]): readonly string[] {
  const clusters = new Set(
    sources.filter((index) => !/^-|:-/.test(index)).map((index) => index.slice(0, index.indexOf(':') + 1)),
  );
  return [
    ...new Set(
      indices.flatMap((index) => (index.includes(':') ? [index] : [...clusters].map((cluster) => `${cluster}${index}`))),
    ),
  ];
}
