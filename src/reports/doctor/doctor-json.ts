import { iso } from '../../core/time.ts';
import { printJson } from '../json.ts';
import { countResults, type DoctorReport } from './doctor-report.ts';

/**
 * The doctor's check results for scripts: `{ok, version, namespace, config, now, good, notes, warnings, errors, checks: [{check, title, took_ms, skipped,
 * results: [{severity, subject, found, expected?, fix?}]}]}`.
 */
export function doctorJson(report: DoctorReport): string {
  const { version, namespace, config, now, parts } = report;
  const { good, note, warning, error } = countResults(report);
  return printJson({
    ok: warning + error === 0,
    version,
    namespace,
    config: config ?? null,
    now: iso(now),
    good,
    notes: note,
    warnings: warning,
    errors: error,
    checks: parts.map(({ name, title, took, skipped, results }) => ({
      check: name,
      title,
      took_ms: took,
      skipped: skipped ?? null,
      results,
    })),
  });
}
