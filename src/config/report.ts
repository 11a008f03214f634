import type { Problem } from '../core/problems.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** Takes the problems of one file as they are found, and knows where each stands. */
export interface Report {
  readonly problems: readonly Problem[];
  error(code: string, path: Path, message: string, hint?: string, part?: 'key' | 'value'): void;
  warning(code: string, path: Path, message: string, hint?: string): void;
  /** From now on no message quotes this text: it came from the environment, and may be a secret in the wrong place. */
  conceal(text: string, shownAs: string): void;
  /** Says whether an error was found at a path or below it: what stands there must not be built. */
  broken(path: Path): boolean;
}

/** Starts a report about a file; without a file problems have no position. */
export function reportOn(source: YamlSource | undefined): Report {
  const found: { readonly problem: Problem; readonly path: Path }[] = (source?.problems ?? []).map((problem) => ({
    problem,
    path: [],
  }));
  const concealed = new Map<string, string>();
  const clean = (text: string) => [...concealed].reduce((shown, [hidden, name]) => shown.replaceAll(hidden, name), text);
  const add = (
    severity: Problem['severity'],
    code: string,
    path: Path,
    message: string,
    hint?: string,
    part?: 'key' | 'value',
  ) => {
    const at = source?.positionOf(path, part);
    const problem: Problem = {
      code,
      severity,
      message: clean(message),
      ...(hint === undefined ? {} : { hint: clean(hint) }),
      ...(path.length === 0 ? {} : { path: formatPath(path) }),
      ...(at === undefined ? {} : { at }),
    };
    found.push({ problem, path });
  };
  return {
    get problems() {
      return found.map(({ problem }) => problem).sort(byPosition);
    },
    error: (code, path, message, hint, part) => add('error', code, path, message, hint, part),
    warning: (code, path, message, hint) => add('warning', code, path, message, hint),
    conceal: (text, shownAs) => {
      if (text.length >= 4) concealed.set(text, shownAs);
    },
    broken: (path) => found.some((one) => one.problem.severity === 'error' && startsWith(one.path, path)),
  };
}

/** Writes a path as people do: `receivers[0].slack_configs[1].api_url`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}

function byPosition(a: Problem, b: Problem): number {
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
