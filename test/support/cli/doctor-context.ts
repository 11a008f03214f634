import type { DoctorBackend, DoctorContext } from '../../../src/cli/doctor/check.ts';
import type { Config } from '../../../src/config/config.ts';
import { defaultConfig } from '../../../src/config/load.ts';
import { systemClock } from '../../../src/core/time.ts';
import type { Rule } from '../../../src/rules/rule.ts';

/** The configuration that holds without a file. */
export async function plainConfig(): Promise<Config> {
  const config = await defaultConfig({});
  if (!config.ok) throw new Error('the default configuration is good');
  return config.value;
}

/** What a doctor of a test looks at: a configuration, a backend, and rules that came from no file. */
export function doctorContext(
  config: Config,
  backend: DoctorBackend,
  rules: readonly Rule[],
  given: Partial<DoctorContext> = {},
): DoctorContext {
  return {
    config,
    configFile: undefined,
    configProblems: [],
    rules: { rules, files: [], problems: [], digest: '' } as unknown as DoctorContext['rules'],
    enabled: rules,
    backend,
    now: systemClock.now(),
    clock: systemClock,
    fetch: globalThis.fetch,
    sendTest: false,
    ...given,
  };
}
