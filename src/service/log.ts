import { type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Config } from '../config/config.ts';
import { redact, type Secret, secret } from '../core/secret.ts';
import { safeJson } from '../reports/json.ts';
import { plainLine } from '../reports/plain-text.ts';

/** The log of a service: error = a person must act; warn = look when you have time; info = life of the service; debug = a decision. */
export type Log = Logger;

/** Where lines of the log go, with their line feed. */
export type Sink = (line: string) => void;

/**
 * Makes the log. Secrets are a type that prints nothing, but a library's error text may hold one all the same, so every line is cleaned of
 * the secrets that are known when it is written.
 */
export function createLog(options: Config['log'], secrets: () => readonly Secret[], sink: Sink): Log {
  const write = options.format === 'pretty' ? prettySink(sink) : (line: string) => sink(safeJson(line));
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => write(redact(line, secrets().flatMap(spellings))) },
  );
}

/** In JSON a secret may be escaped. */
function spellings(one: Secret): readonly Secret[] {
  const plain = one.reveal();
  const escaped = JSON.stringify(plain).slice(1, -1);
  return escaped === plain ? [one] : [one, secret(escaped)];
}

function prettySink(sink: Sink): Sink {
  const pretty = prettyFactory({ colorize: false, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  // One log entry stays one line: line breaks in texts are escaped.
  return (line) => sink(`${plainLine(pretty(line) ?? line)}\n`);
}
