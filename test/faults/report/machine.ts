import { availableParallelism, loadavg, platform, release, totalmem } from 'node:os';
import { es } from '../../support/elasticsearch/request.ts';

/** Where plays were made: what one must know to compare them with one's own. */
export interface Machine {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly elasticsearch: string;
  /** Processes that wanted a core, on average of the last quarter of an hour: more than cores means that everything was slow. */
  readonly load: number;
  readonly atOnce: number;
  readonly seconds: number;
  readonly day: string;
}

/** Describes this machine at the end of a run. */
export async function thisMachine(url: string, atOnce: number, seconds: number): Promise<Machine> {
  const { version } = await es(url).json<{ version: { number: string } }>('GET', '/');
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release().split('-')[0]}`,
    node: process.versions.node,
    elasticsearch: version.number,
    load: Math.round(loadavg()[2] ?? 0),
    atOnce,
    seconds,
    day: new Date().toISOString().slice(0, 10),
  };
}
