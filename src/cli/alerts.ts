import { Command } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import { TocsinError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import type { AlertsReport } from '../engine/alert-list/alert-list.ts';
import { alertsReport } from '../engine/alert-list/read-alerts.ts';
import { alertsJson, alertsText } from '../reports/alerts-text.ts';
import { parseMatchers } from '../routing/parse-matcher.ts';
import type { Matcher } from '../routing/route.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type GlobalOptions, type Printers, print } from './command-line.ts';
import { openConfigForReading } from './open-config.ts';
import { openRules } from './open-rules.ts';
import { openSilences, withSilencesOf } from './open-silences.ts';

type Format = 'text' | 'json';

interface AlertsOptions extends GlobalOptions {
  readonly all: boolean;
  readonly format: Format;
}

const FILES_SHOWN = 3;
const PRINTERS: Printers<AlertsReport, Format> = { text: alertsText, json: alertsJson };

/** `tocsin alerts`: what is pending or firing, since when, and who was notified. */
export const attachAlerts: Attach = (line) => {
  const command = new Command('alerts')
    .description('Show pending and firing alerts: their values, since when, and who was notified.')
    .argument('[matchers...]', 'only alerts whose labels match all of these, as in severity=critical or service.name=~"shop.*"')
    .option(
      '--all',
      'also show inactive alerts that are still stored: new groups in their grace period, recoveries being sent',
      false,
    )
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (texts: string[], _local: unknown, self: Command) => {
      const options = self.optsWithGlobals<AlertsOptions>();
      const matchers = givenMatchers(texts);
      const { config, whole } = await openConfigForReading(line, options);
      const { rules, problems } = await openRules([], config, line.folder, whole);
      const backend = await createBackend(config);
      try {
        const { namespace, routing } = config;
        const wanted = { namespace, routing, all: options.all, now: line.clock.now(), matchers, rules };
        const silences = await openSilences(config, line.folder, whole);
        const report = await alertsReport(withSilencesOf(backend, silences, line.clock), wanted);
        print(report, options.format, PRINTERS, line, options);
        line.stderr.write(brokenFilesNote(problems));
      } finally {
        await backend.close();
      }
    });
  return withExamples(command, [
    ['Show all active alerts', 'tocsin alerts'],
    ['Show the critical alerts of two teams', 'tocsin alerts severity=critical \'team=~"shop|todo"\''],
    ['Use another configuration', 'tocsin alerts --config /etc/tocsin/tocsin.yaml'],
    ['Use it in a script', 'tocsin alerts --format json | jq -r \'.alerts[] | select(.status == "firing") | .rule\''],
  ]);
};

/** Titles of alerts are made by their rules: says which files do not load; empty where all do. A running Tocsin keeps what it loaded last. */
export function brokenFilesNote(problems: readonly Problem[]): string {
  const files = [...new Set(problems.flatMap(({ severity, at }) => (severity === 'error' && at ? [at.file] : [])))];
  if (files.length === 0) return '';
  const more = files.length > FILES_SHOWN ? ` and ${files.length - FILES_SHOWN} more` : '';
  const named = `${files.slice(0, FILES_SHOWN).join(', ')}${more}`;
  return `warning: ${named} cannot be loaded, so that alerts have the titles of their last messages here: \`tocsin check\` says why\n`;
}

/** Reads matchers as Alertmanager's amtool does: a word alone is the name of a rule. Throws TocsinError for invalid matchers. */
export function givenMatchers(texts: readonly string[]): readonly Matcher[] {
  return texts.flatMap((text) => {
    if (/^[^={}~!"]+$/.test(text)) return [{ label: 'alertname', op: '=', value: text }] satisfies readonly Matcher[];
    const parsed = parseMatchers(text);
    if (parsed.ok) return parsed.matchers;
    throw new TocsinError('cli/matcher', `${JSON.stringify(text)} is not a matcher: ${parsed.message}`, {
      hint: parsed.hint ?? 'such as severity=critical, team!=shop or service.name=~"shop.*"',
    });
  });
}
