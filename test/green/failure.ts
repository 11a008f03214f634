import type { Fate, Passing } from '../faults/stage/gate.ts';
import { type GreenStage, rule } from './stage.ts';

/** How a row of the table is made to happen to a running service, and how it ends. */
export interface Failure {
  /** The words of the row. */
  readonly failure: string;
  /** A node of its own, where the whole cluster is changed. */
  readonly cluster: 'shared' | 'own';
  begin(stage: GreenStage): Promise<void>;
  end(stage: GreenStage): Promise<void>;
  /** Options of `node` for the service, where a fault of its own code is to be met. */
  readonly node?: readonly string[];
  /** It takes more than a minute to show, so that it is walked by `npm run test:green` and every night, not by `npm test`. */
  readonly slow?: true;
  /** The subject of the health alert, where it is known beforehand, or the rule whose own alert it is. */
  readonly subject?: (stage: GreenStage) => string;
}

/** Every request that fits meets a fate. */
export function fated(fits: (request: Passing) => boolean, fate: Fate): Pick<Failure, 'cluster' | 'begin' | 'end'> {
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stage.fate = (request) => (fits(request) ? fate : 'pass');
    },
    end: async (stage) => {
      stage.fate = () => 'pass';
    },
  };
}

/** A file that is there while the problem lasts. */
export function file(name: string, text: (stage: GreenStage) => string): Pick<Failure, 'cluster' | 'begin' | 'end'> {
  return {
    cluster: 'shared',
    begin: (stage) => stage.write(name, text(stage)),
    end: (stage) => stage.remove(name),
  };
}

/** Documents that come again and again until the problem is over. */
export function flow(stage: GreenStage, documents: () => readonly object[]): () => void {
  const timer = setInterval(() => void stage.add(stage.index, documents()).catch(() => undefined), 1_000);
  return () => clearInterval(timer);
}

/** A rule over documents that keep coming. */
export function documents(
  name: string,
  keys: Readonly<Record<string, unknown>>,
  each: () => readonly object[],
): Pick<Failure, 'cluster' | 'begin' | 'end' | 'subject'> {
  const stops = new WeakMap<GreenStage, () => void>();
  return {
    cluster: 'shared',
    begin: async (stage) => {
      stops.set(stage, flow(stage, each));
      await stage.write(`rules/${name}.yaml`, rule(name, stage.index, keys));
    },
    end: async (stage) => {
      stops.get(stage)?.();
      await stage.remove(`rules/${name}.yaml`);
    },
    subject: () => name,
  };
}

/** An error as Elasticsearch words it. */
export const errorBody = (type: string, reason: string, status: number) => ({
  status,
  body: { error: { root_cause: [{ type, reason }], type, reason }, status },
});

/** Indices that refuse writes, on a node of the row's own. The block of a full disk would not last: Elasticsearch sees that there is room. */
export function blocked(indices: string): Pick<Failure, 'cluster' | 'begin' | 'end'> {
  const put = (stage: GreenStage, value: true | null) =>
    stage.cluster.json('PUT', `/${indices}/_settings`, { 'index.blocks.write': value });
  return {
    cluster: 'own',
    begin: async (stage) => void (await put(stage, true)),
    end: async (stage) => void (await put(stage, null)),
  };
}

/** A document of Tocsin's own state that is written past it while the problem lasts. */
export function stored(
  kind: 'rules' | 'alert-groups' | 'silences',
  id: string,
  fields: () => Readonly<Record<string, unknown>>,
): Pick<Failure, 'cluster' | 'begin' | 'end' | 'subject'> {
  const path = ({ namespace }: GreenStage) => `/tocsin-${kind}/_doc/${encodeURIComponent(`${namespace}:${id}`)}?refresh=true`;
  return {
    cluster: 'shared',
    begin: async (stage) => void (await stage.cluster.json('PUT', path(stage), { namespace: stage.namespace, id, ...fields() })),
    end: async (stage) => void (await stage.cluster.json('DELETE', path(stage))),
    subject: () => id,
  };
}
