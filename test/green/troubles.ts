import type { Fate, Passing } from '../faults/stage/gate.ts';
import { type GreenStage, rule } from './stage.ts';

/** How a row of the table is made to happen to a running service, and how it ends. */
export interface Trouble {
  /** The words of the row. */
  readonly trouble: string;
  /** A node of its own, where the whole cluster is changed. */
  readonly cluster: 'shared' | 'own';
  begin(stage: GreenStage): Promise<void>;
  end(stage: GreenStage): Promise<void>;
  /** The subject of the health alert, where it is known beforehand. */
  readonly subject?: (stage: GreenStage) => string;
}

/** Every request that fits meets a fate. */
function fated(fits: (request: Passing) => boolean, fate: Fate): Pick<Trouble, 'cluster' | 'begin' | 'end'> {
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

/** A file that is there while the trouble lasts. */
function file(name: string, text: (stage: GreenStage) => string): Pick<Trouble, 'cluster' | 'begin' | 'end'> {
  return {
    cluster: 'shared',
    begin: (stage) => stage.write(name, text(stage)),
    end: (stage) => stage.remove(name),
  };
}

/** Every trouble of the table, in its order. */
export const TROUBLES: readonly Trouble[] = [
  { trouble: 'Elasticsearch cannot be reached', ...fated(() => true, 'lose the request') },
  {
    trouble: 'A rule file does not load',
    ...file('rules/bad.yaml', ({ index }) => rule('bad', index, { condition: 'cuont >= 1' })),
    subject: () => 'rules/bad.yaml',
  },
  {
    trouble: 'A search of a rule fails',
    ...file('rules/lost.yaml', ({ namespace }) => rule('lost', `${namespace}-missing`)),
    subject: () => 'lost',
  },
];
