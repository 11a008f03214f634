import type { Problem } from '../core/problems.ts';
import type { CheckReport } from './check-report.ts';
import { plainText } from './plain-text.ts';

/** A check as GitHub's workflow commands, which it shows as annotations beside the lines of a pull request. */
export function checkGithub(report: CheckReport): string {
  return report.problems.map((problem) => `${annotation(problem)}\n`).join('');
}

function annotation({ severity, code, message, hint, path, at }: Problem): string {
  const place = at === undefined ? [] : [`file=${fileProperty(at.file)}`, `line=${at.line}`, `col=${at.column}`];
  const properties = [...place, `title=${property(code)}`].join(',');
  const text = `${path === undefined ? '' : `${path}: `}${message}${hint === undefined ? '' : ` (${hint})`}`;
  return `::${severity === 'note' ? 'notice' : severity} ${properties}::${data(text)}`;
}

/** A line of a workflow command ends where the line does, so what a rule file holds must not start another command. */
function data(text: string): string {
  return plainText(text).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

/** GitHub finds the file by its name, so that a line break in it is written as GitHub reads it back; what else is not seen is replaced. */
function fileProperty(file: string): string {
  return file
    .split(/([\r\n])/)
    .map((part) => (part === '\r' ? '%0D' : part === '\n' ? '%0A' : property(part)))
    .join('');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
