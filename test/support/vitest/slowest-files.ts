import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 10;

/** Says at the end of a run which files took longest, so that nobody has to look for what made it slow. */
export const slowestFiles: Reporter = {
  onTestRunEnd: (modules) => {
    if (modules.length <= SHOWN) return;
    process.stdout.write(`\n Slowest files\n${slowest(modules).join('\n')}\n`);
  },
};

/** The files that took longest, a line each: seconds, project, path. */
export function slowest(modules: readonly Pick<TestModule, 'diagnostic' | 'project' | 'relativeModuleId'>[]): readonly string[] {
  return modules
    .map((module) => ({ module, seconds: secondsOf(module) }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SHOWN)
    .map(({ module, seconds }) => `${seconds.toFixed(1).padStart(8)}s  ${module.project.name}  ${module.relativeModuleId}`);
}

function secondsOf(module: Pick<TestModule, 'diagnostic'>): number {
  const { prepareDuration, environmentSetupDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  return (prepareDuration + environmentSetupDuration + setupDuration + collectDuration + duration) / 1_000;
}
