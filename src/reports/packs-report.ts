/** A rule of a pack, as the catalogue shows it. */
export interface ReportedPackRule {
  readonly name: string;
  readonly type: string;
  /** The file below the folder of the pack. */
  readonly file: string;
  /** Where it looks: data streams and patterns. */
  readonly index: readonly string[];
  /** What it finds, in one sentence. */
  readonly finds: string;
}

/** A pack of rules that Tocsin brings. */
export interface ReportedPack {
  readonly name: string;
  /** What its rules are about. */
  readonly about: string;
  /** What has to be collected for them. */
  readonly data: string;
  readonly rules: readonly ReportedPackRule[];
}

/** The outcome of one file of a pack: `written` is new there, `replaced` was another and is overwritten, `kept` is another and is left alone. */
export type CopyState = 'written' | 'replaced' | 'unchanged' | 'kept';

/** What a copy of packs did. */
export interface CopyReport {
  readonly packs: readonly string[];
  /** The files as a person at this folder would name them. */
  readonly files: readonly { readonly file: string; readonly state: CopyState }[];
  /** What to type next, in order. */
  readonly next: readonly string[];
}
