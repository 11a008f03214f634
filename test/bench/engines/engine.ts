import type { Requests } from '../../support/elasticsearch/request.ts';
import type { Program } from '../process/pinned.ts';
import type { Question } from './question.ts';

/** What an engine is started with. */
export interface Setting {
  readonly client: Requests;
  /** The cluster, without a trailing slash. */
  readonly url: string;
  readonly index: string;
  readonly questions: readonly Question[];
  /** How often every rule is to be evaluated, seconds. */
  readonly every: number;
  readonly hook: string;
  /** A folder of its own, and a name that no other run has. */
  readonly folder: string;
  readonly run: string;
}

/** A setting whose questions are of one kind. */
export type SettingOf<Q extends Question> = Omit<Setting, 'questions'> & { readonly questions: readonly Q[] };

/** What an engine's own records say of the time between two marks. */
interface Records {
  readonly evaluations: number;
  /** How late evaluations were, seconds. */
  readonly lateHalf: number;
  readonly lateMost: number;
}

/** An engine at work. */
export interface Running<Mark> {
  readonly programs: readonly Program[];
  /** How many of its rules were evaluated at least once since the start. */
  evaluatedOnce(): Promise<number>;
  mark(): Promise<Mark>;
  between(from: Mark, to: Mark): Promise<Records>;
  stop(): Promise<void>;
}

/** An engine that can be compared. */
export interface Engine<Mark = unknown> {
  readonly name: string;
  start(setting: Setting): Promise<Running<Mark>>;
}
