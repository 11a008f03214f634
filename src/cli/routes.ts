import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { formatDuration } from '../core/duration.ts';
import { TocsinError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { own, put } from '../core/record.ts';
import type { ReportedRoute, RoutesReport } from '../reports/routes-report.ts';
import { routesJson, routesText } from '../reports/routes-text.ts';
import { labelsOfRules } from '../routing/known-labels.ts';
import { formatMatcher, parseMatcher } from '../routing/parse-matcher.ts';
import type { Labels, Route, Routing } from '../routing/route.ts';
import { explainRoute, findRoute, route } from '../routing/routing.ts';
import type { Rule } from '../rules/rule.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type GlobalOptions, type Printers, print } from './command-line.ts';
import { openConfig } from './open-config.ts';
import { openRules } from './open-rules.ts';

type Format = 'text' | 'json';

interface RoutesOptions extends GlobalOptions {
  readonly format: Format;
}

const PRINTERS: Printers<RoutesReport, Format> = { text: routesText, json: routesJson };

/** `tocsin routes`: the routing tree, and who would be notified of an alert. */
export const attachRoutes: Attach = (line) => {
  const answer = async (self: Command, labels: Labels | undefined) => {
    const options = self.optsWithGlobals<RoutesOptions>();
    const config = await openConfig(line, options, 'none');
    print(routesReport(config, labels), options.format, PRINTERS, line, options);
    if (labels === undefined) return;
    // Rules that do not load have labels too: `check` is about those.
    const { rules } = await openRules([], config, line.folder);
    for (const note of unknownLabelNotes(labels, config.routing, rules)) line.stderr.write(`note: ${note}\n`);
  };
  const test = new Command('test')
    .description('Show which receivers an alert with these labels would notify, and the routes that match.')
    .argument('<labels...>', 'labels of the alert, such as severity=critical team=shop')
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action((labels: string[], _local: unknown, self: Command) => answer(self, labelArguments(labels)));
  const show = new Command('show')
    .description('Show the routing tree of the configuration.')
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action((_local: unknown, self: Command) => answer(self, undefined));
  const command = new Command('routes').description('Show the routing tree, and which receivers an alert would notify.');
  command.addCommand(
    withExamples(
      test,
      [['Test a critical alert of the rule stub-5xx', 'tocsin routes test alertname=stub-5xx severity=critical']],
      '0 success · 2 the configuration or the labels could not be read',
    ),
  );
  command.addCommand(withExamples(show, [['Show the routing tree', 'tocsin routes show']]));
  return withExamples(command, [
    ['Show who is notified of a critical alert of the shop', 'tocsin routes test severity=critical team=shop'],
    ['Show the routing tree', 'tocsin routes show'],
  ]);
};

/** What else a route says of when it notifies, in few words each. */
function whenOf({ repeatGrowth, schedule, sendResolved, escalate = [], ...route }: Route): readonly string[] {
  const { muteTimeIntervals: mute = [], activeTimeIntervals: active = [] } = route;
  return [
    ...(repeatGrowth === undefined ? [] : [`reminders × ${repeatGrowth.factor} up to ${formatDuration(repeatGrowth.max)}`]),
    ...(typeof schedule === 'object' && schedule.kind === 'cron' ? [`at ${schedule.pattern} ${schedule.timezone}`] : []),
    ...(sendResolved === false ? ['without the end'] : []),
    ...(mute.length > 0 ? [`not in ${mute.join(', ')}`] : []),
    ...(active.length > 0 ? [`only in ${active.join(', ')}`] : []),
    ...escalate.map(({ after, receiver }) => `after ${formatDuration(after)} ${receiver}`),
  ];
}

/** The routing tree of a configuration, with the ways that labels take through it. */
function routesReport({ routing }: Pick<Config, 'routing'>, labels: Labels | undefined): RoutesReport {
  const channelsOf = (receiver: string) => (own(routing.destinations, receiver) ?? []).map(({ channel }) => channel);
  const reported = (node: Route): ReportedRoute => ({
    key: node.key,
    matchers: node.matchers.map(formatMatcher),
    receiver: node.receiver,
    channels: channelsOf(node.receiver),
    continue: node.continue,
    groupBy: node.groupBy,
    groupWait: node.groupWait,
    groupInterval: node.groupInterval,
    repeatInterval: node.repeatInterval,
    when: whenOf(node),
    routes: node.routes.map(reported),
  });
  const tree = reported(routing.root);
  if (labels === undefined) return { tree };
  const channels = new Map(
    Object.values(routing.destinations).flatMap((list) => list.map(({ id, channel }) => [id, channel] as const)),
  );
  return {
    tree,
    asked: {
      labels,
      paths: explainRoute(labels, routing).map(({ path }) => path.map(({ key }) => key)),
      targets: route(labels, routing).map((target) => ({
        receiver: target.receiver,
        destination: target.destination,
        channel: channels.get(target.destination) ?? '',
        route: target.route,
        groupBy: findRoute(routing, target.route)?.groupBy ?? [],
        groupLabels: target.group_labels,
      })),
    },
  };
}

/** Reads labels written `name=value`; a value may be quoted. Throws TocsinError for what is not a label, or named twice. */
export function labelArguments(texts: readonly string[]): Labels {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const parsed = parseMatcher(text);
    const label = parsed.ok && parsed.matcher.op === '=' ? parsed.matcher : plainLabel(text);
    if (label === undefined) {
      throw new TocsinError('cli/label', `${JSON.stringify(text)} is not a label`, {
        hint: 'labels are written name=value, such as severity=critical',
      });
    }
    if (Object.hasOwn(labels, label.label)) throw new TocsinError('cli/label', `the label ${label.label} is given twice`);
    put(labels, label.label, label.value);
  }
  return labels;
}

/** Here the shell has taken the quotes already, so a value may hold anything: `url.path=/todos/ {id}`. */
function plainLabel(text: string): { readonly label: string; readonly value: string } | undefined {
  const match = /^([^\s=!~{}",]+)=(?!~)(.*)$/s.exec(text);
  return match === null ? undefined : { label: match[1] ?? '', value: match[2] ?? '' };
}

/** What is known of labels: by name the values that routes and rules write down; none for fields, whose values are in documents. */
type Known = ReadonlyMap<string, ReadonlySet<string>>;

/** Says of each label that no rule gives and no route asks for that it has no effect, and which was most likely intended. */
function unknownLabelNotes(labels: Labels, routing: Routing, rules: readonly Rule[]): readonly string[] {
  const known = knownLabels(routing, rules);
  return Object.entries(labels).flatMap(([name, value]) => {
    const values = known.get(name);
    if (values === undefined) {
      const near = nearest(name, known.keys());
      const hint = near === undefined ? `known: ${[...known.keys()].sort().slice(0, 20).join(', ')}` : `did you mean ${near}?`;
      return [`no rule and no route has the label ${name} (${hint})`];
    }
    const near = values.has(value) || values.size === 0 ? undefined : nearest(value, values);
    return near === undefined
      ? []
      : [`no rule and no route has ${name}=${JSON.stringify(value)} (did you mean ${JSON.stringify(near)}?)`];
  });
}

function knownLabels({ root }: Routing, rules: readonly Rule[]): Known {
  const known = new Map<string, Set<string>>([...labelsOfRules(rules)].map(([name, values]) => [name, new Set(values)]));
  const add = (name: string, values: readonly string[] = []) => {
    const all = known.get(name) ?? new Set();
    for (const value of values) all.add(value);
    known.set(name, all);
  };
  const ofRoute = (route: Route): void => {
    // The values of an expression are unknown: each of its words may be one.
    for (const { label, op, value } of route.matchers) add(label, op === '=' || op === '!=' ? [value] : value.split(/[^\w.-]+/));
    for (const label of route.groupBy) if (label !== '...') add(label);
    route.routes.forEach(ofRoute);
  };
  ofRoute(root);
  return known;
}
