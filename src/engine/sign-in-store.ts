import type { Saved, StoreAnswer, Version, Versioned } from '../core/stored.ts';
import type { SignIns } from '../state/sign-ins.ts';

export type { SignIns } from '../state/sign-ins.ts';

/** The ID of the document: there is one in a namespace. */
export const SIGN_INS_ID = 'all';

/** Port to `tocsin-sign-ins`. */
export interface SignInStore {
  /** As it is now; undefined: no one has signed in yet. An invalid document is a failure, and named in `replaceable`. */
  load(): Promise<StoreAnswer<Versioned<SignIns> | undefined>>;
  save(document: SignIns, version: Version | undefined): Promise<Saved>;
}

/** The document out of what a store read. */
export function signInsRead(
  read: StoreAnswer<ReadonlyMap<string, Versioned<SignIns>>>,
): StoreAnswer<Versioned<SignIns> | undefined> {
  return read.ok ? { ok: true, value: read.value.get(SIGN_INS_ID) } : read;
}
