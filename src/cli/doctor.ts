import { Command } from 'commander';
import { createBackend } from '../backends/create-backend.ts';
import { machineOf } from '../channels/http-client/fetch.ts';
import type { Config } from '../config/config.ts';
import { TocsinError } from '../core/errors.ts';
import type { Problem } from '../core/problems.ts';
import { doctorJson } from '../reports/doctor/doctor-json.ts';
import { countResults, type DoctorReport } from '../reports/doctor/doctor-report.ts';
import { doctorText } from '../reports/doctor/doctor-text.ts';
import { formatOption, withExamples } from './arguments.ts';
import { type Attach, type CommandLine, type GlobalOptions, type Printers, print, type Result } from './command-line.ts';
import type { DoctorBackend, DoctorContext } from './doctor/check.ts';
import { examine } from './doctor/examine.ts';
import { DOCTOR_CHECKS } from './doctor/registry.ts';
import { checkConfig, configFile, openConfig } from './open-config.ts';
import { openRules } from './open-rules.ts';
import { progressOn } from './progress.ts';
import { version } from './version.ts';

type Format = 'text' | 'json';

/** Options of `tocsin doctor`. */
export interface DoctorOptions extends GlobalOptions {
  readonly sendTest: boolean;
  readonly format: Format;
}

const PRINTERS: Printers<DoctorReport, Format> = { text: doctorText, json: doctorJson };

/** `tocsin doctor`: whether everything around Tocsin is as it needs it, and how to fix what is not. */
export const attachDoctor: Attach = (line, settle) => {
  const command = new Command('doctor')
    .description(
      'Check the environment (Elasticsearch, privileges, data, receivers, replicas) and suggest fixes. Writes nothing.',
    )
    .option('--send-test', 'send a test message to every destination and show the results', false)
    .addOption(formatOption(Object.keys(PRINTERS)))
    .action(async (_local: unknown, self: Command) => {
      const options = self.optsWithGlobals<DoctorOptions>();
      const config = await openConfig(line, options);
      const backend = await createBackend(config);
      try {
        const { problems } = await checkConfig(line, options);
        const result = await doctor({ config, problems, backend }, line, options);
        print(result.data, options.format, PRINTERS, line, options);
        settle(result.exitCode);
      } finally {
        await backend.close();
      }
    });
  return withExamples(command, [
    ['Check everything', 'tocsin doctor'],
    ['Check that messages arrive', 'tocsin doctor --send-test'],
    ['Use it in a script', 'tocsin doctor --format json | jq \'.checks[].results[] | select(.severity == "error")\''],
  ]);
};

/** What the doctor is given. */
export interface DoctorSetup {
  readonly config: Config;
  /** What was said against its file. */
  readonly problems: readonly Problem[];
  readonly backend: DoctorBackend;
}

/** Examines a deployment. Exit code 1: there is a warning or an error. Throws TocsinError when it is interrupted. */
export async function doctor(
  { config, problems, backend }: DoctorSetup,
  line: CommandLine,
  options: Omit<DoctorOptions, 'format'>,
): Promise<Result<DoctorReport>> {
  const file = await configFile(line, options);
  const rules = await openRules([], config, line.folder);
  const now = line.clock.now();
  const context: DoctorContext = {
    config,
    configFile: file,
    configProblems: problems,
    rules,
    enabled: rules.rules.filter(({ enabled }) => enabled),
    backend,
    now,
    clock: line.clock,
    ...machineOf(line.env),
    sendTest: options.sendTest,
  };
  const progress = progressOn(line, options.color);
  const parts = await examine(DOCTOR_CHECKS, context, line.signal, (done, of, title) => progress.show(done / of, title));
  progress.clear();
  if (line.signal.aborted) throw new TocsinError('cli/interrupted', 'tocsin doctor was interrupted');
  const data: DoctorReport = { version: version(), namespace: config.namespace, config: file, now, parts };
  const { warning, error } = countResults(data);
  return { data, exitCode: warning + error === 0 ? 0 : 1 };
}
