import { createLog, type Log } from '../../../src/service/log.ts';

/** A log whose lines can be read back. */
export interface CapturedLog {
  readonly log: Log;
  /** Every line: `info: text`. */
  lines(): readonly string[];
  /** Every line as it was written. */
  readonly raw: readonly string[];
}

/** Makes a log that keeps its lines, debug ones included. */
export function capturedLog(): CapturedLog {
  const raw: string[] = [];
  const log = createLog(
    { level: 'debug', format: 'json' },
    () => [],
    (line) => void raw.push(line),
  );
  const lines = () =>
    raw.map((line) => {
      const { level, msg } = JSON.parse(line) as { readonly level: string; readonly msg: string };
      return `${level}: ${msg}`;
    });
  return { log, lines, raw };
}
