import { SIGN_INS_ID, type SignInStore, type SignIns, signInsRead } from '../../../engine/sign-in-store.ts';
import { SIGN_INS } from '../../../state/sign-ins.ts';
import { fencedDocuments } from './fenced-documents.ts';
import type { StoreSetting } from './store-requests.ts';

/** The document of `tocsin-sign-ins`. Its index is created when it is first read: without logins it does not exist. */
export function signInStore(setting: StoreSetting): SignInStore {
  const documents = fencedDocuments<SignIns>(setting, { indexed: () => ({}), read: SIGN_INS.read });
  return {
    load: async () => signInsRead(await documents.load([SIGN_INS_ID])),
    save: async (document, version) => {
      const [saved] = await documents.save([{ id: SIGN_INS_ID, document, version }]);
      return saved ?? { kind: 'unclear', message: 'the sign-ins were not saved' };
    },
  };
}
