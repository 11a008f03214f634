import type { Config } from '../../config/config.ts';
import { asError } from '../../core/errors.ts';
import { formatProblem } from '../../core/problems.ts';
import type { FileFailure } from '../../engine/turn-ports.ts';
import type { FileSilence, FileSilences } from '../../silence-files/file-silence.ts';
import { withLastGood } from '../../silence-files/load.ts';
import type { Log } from '../log.ts';

/** The silences of files that are in force, and the files that do not load. */
export interface SilenceKeeper {
  silences(): readonly FileSilence[];
  failures(): readonly FileFailure[];
  /** Reads the files again; what does not load keeps its last good silences. Never rejects. */
  reload(config: Config): Promise<void>;
}

/** What keeping silences needs; without a source there are none. */
export interface SilenceKeeperParts {
  readonly first: FileSilences;
  readonly source: ((config: Config) => Promise<FileSilences>) | undefined;
  readonly log: Log;
}

/** Files that have a health alert of their own; the others share one. */
const MOST_FILES = 20;
/** Problems of one file that an alert shows. */
const MOST_PROBLEMS = 5;
/** Subject of what is wrong with no single file. */
const ALL_FILES = 'all files of silences';
const OTHER_FILES = 'other files of silences';

/** Starts with what was loaded; each problem is logged when it appears and not at every look. */
export function keepSilences({ first, source, log }: SilenceKeeperParts): SilenceKeeper {
  let current = first;
  let failures = silenceFailures(first);
  let said = '';
  const say = () => {
    const text = failures.map(({ message }) => message).join('\n');
    if (text === said) return;
    said = text;
    if (text === '') log.info('all files of silences load');
    else log.error({ problems: failures }, 'some files of silences do not load; their last good version remains active');
  };
  say();
  return {
    silences: () => current.silences,
    failures: () => failures,
    reload: async (config) => {
      if (source === undefined) return;
      try {
        const names = current.silences.map(nameOf).join('\n');
        current = withLastGood(current, await source(config));
        failures = silenceFailures(current);
        if (current.silences.map(nameOf).join('\n') !== names)
          log.info({ silences: current.silences.length }, 'silences reloaded');
      } catch (thrown) {
        failures = [{ file: ALL_FILES, message: `silences cannot be read and are unchanged: ${asError(thrown).message}` }];
      }
      say();
    },
  };
}

/** Files of silences that do not load, each with its errors. */
export function silenceFailures({ files, problems }: FileSilences): readonly FileFailure[] {
  const failing = files.filter(({ ok }) => !ok);
  const left = failing.length - MOST_FILES;
  const named = (left > 0 ? failing.slice(0, MOST_FILES) : failing).map(({ file }) => {
    const errors = problems.filter(({ severity, at }) => severity === 'error' && at?.file === file);
    const message = errors.slice(0, MOST_PROBLEMS).map(formatProblem).join('\n');
    return { file, message: message === '' ? 'this file does not load' : message };
  });
  return left > 0
    ? [...named, { file: OTHER_FILES, message: `${left} more files do not load: \`tocsin check\` names them` }]
    : named;
}

function nameOf({ name, start, duration, recurrence = '', matchers }: FileSilence): string {
  return `${name} ${start} ${duration} ${recurrence} ${JSON.stringify(matchers)}`;
}
