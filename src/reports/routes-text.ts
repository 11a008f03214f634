import { formatDuration } from '../core/duration.ts';
import { printJson } from './json.ts';
import { type Look, type Palette, paletteOf } from './look.ts';
import { plainLine } from './plain-text.ts';
import type { ReportedRoute, ReportedTarget, RoutesReport } from './routes-report.ts';
import { table } from './table.ts';

/** The routing tree as a picture; after labels were asked about, the nodes they pass are marked and those who are notified are listed. */
export function routesText(report: RoutesReport, look: Look): string {
  const palette = paletteOf(look);
  const { asked } = report;
  const passed = new Set(asked?.paths.flat() ?? []);
  const notification = new Set(asked?.paths.flatMap((path) => path.at(-1) ?? []) ?? []);
  const tree = nodeLines(report.tree, '', '', { passed, notification, asked: asked !== undefined, palette });
  const picture = tree.map((line) => `${line}\n`).join('');
  if (asked === undefined) return picture;
  const labels = Object.entries(asked.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const head = `${palette.strong('labels')} {${plainLine(labels.join(', '))}}`;
  const who =
    asked.targets.length === 0
      ? `${palette.careful('No notification: the receiver has no destination.')}\n`
      : targetTable(asked.targets, look);
  return `${head}\n\n${picture}\n${who}`;
}

/** As routesText, for scripts. */
export function routesJson(report: RoutesReport): string {
  const { asked } = report;
  return printJson({
    ...(asked !== undefined && {
      labels: asked.labels,
      receivers: [...new Set(asked.targets.map((target) => target.receiver))],
      targets: asked.targets.map(({ groupLabels, groupBy: _all, ...target }) => ({ ...target, group_labels: groupLabels })),
      paths: asked.paths,
    }),
    tree: nodeJson(report.tree),
  });
}

interface Drawing {
  readonly passed: ReadonlySet<string>;
  readonly notification: ReadonlySet<string>;
  readonly asked: boolean;
  readonly palette: Palette;
}

function nodeLines(node: ReportedRoute, lead: string, indent: string, drawing: Drawing): readonly string[] {
  const { palette, asked, passed, notification } = drawing;
  const words = plainLine(`${node.matchers.length === 0 ? 'everything' : node.matchers.join(' ')} → ${node.receiver}`);
  const channels = plainLine(node.channels.length === 0 ? '(no destination)' : `(${node.channels.join(', ')})`);
  const remarks = [channels, node.continue ? 'continue' : '', settings(node)].filter((part) => part !== '').join('  ');
  const on = passed.has(node.key);
  const mark = !asked ? '' : notification.has(node.key) ? palette.good('● ') : on ? palette.good('○ ') : '  ';
  const text = asked && !on ? palette.faint(words) : notification.has(node.key) ? palette.strong(words) : words;
  const line = `${palette.faint(lead)}${mark}${text}  ${palette.faint(remarks)}`;
  const children = node.routes.flatMap((child, index) => {
    const last = index === node.routes.length - 1;
    return nodeLines(child, `${indent}${last ? '└─ ' : '├─ '}`, `${indent}${last ? '   ' : '│  '}`, drawing);
  });
  return [line, ...children];
}

function settings(node: ReportedRoute): string {
  const wait = node.groupWait > 0 ? `wait ${formatDuration(node.groupWait)}, ` : '';
  return `by ${plainLine(node.groupBy.join(', ')) || 'nothing'}, ${wait}every ${formatDuration(node.groupInterval)}, repeat ${formatDuration(node.repeatInterval)}${node.when.map((text) => `, ${plainLine(text)}`).join('')}`;
}

function targetTable(targets: readonly ReportedTarget[], look: Look): string {
  const columns = [
    { title: 'NOTIFIED' },
    { title: 'CHANNEL' },
    { title: 'DESTINATION', least: 12 },
    { title: 'GROUPED BY', least: 12 },
  ];
  const rows = targets.map((target) => [target.receiver, target.channel, target.destination, groupedText(target)]);
  return table(columns, rows, look);
}

/** A label of group_by that was not given is named all the same: an alert has it, or shares a group with those that lack it. */
function groupedText({ groupBy, groupLabels }: ReportedTarget): string {
  const given = Object.entries(groupLabels).map(([name, value]) => `${name}=${value}`);
  const others = groupBy.filter((name) => name !== '...' && !Object.hasOwn(groupLabels, name));
  return [...given, ...others].join(' ') || 'nothing (one group)';
}

function nodeJson(node: ReportedRoute): unknown {
  const { key, matchers, receiver, channels, groupBy, groupWait, groupInterval, repeatInterval, routes } = node;
  return {
    key,
    matchers,
    receiver,
    channels,
    continue: node.continue,
    group_by: groupBy,
    group_wait: formatDuration(groupWait),
    group_interval: formatDuration(groupInterval),
    repeat_interval: formatDuration(repeatInterval),
    ...(node.when.length > 0 && { when: node.when }),
    routes: routes.map(nodeJson),
  };
}
