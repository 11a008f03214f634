import { called, eckTemplates, type Manifest, templates } from '../manifest.ts';
import { addressComplaints } from './addresses.ts';
import { type MadeByHand, referenceComplaints } from './references.ts';
import { selectorComplaints } from './selectors.ts';
import { imageComplaints, resourceComplaints, workloadComplaints } from './workload.ts';

/** All that is wrong with an overlay as a whole. */
export function overlayComplaints(manifests: readonly Manifest[], byHand: MadeByHand): readonly string[] {
  return [
    ...templates(manifests).flatMap(workloadComplaints),
    ...eckTemplates(manifests).flatMap(({ owner, spec }) =>
      spec.containers
        .flatMap((container) => [...resourceComplaints(container), ...(container.image ? imageComplaints(container) : [])])
        .map((text) => `${called(owner)}: ${text}`),
    ),
    ...selectorComplaints(manifests),
    ...referenceComplaints(manifests, byHand),
    ...addressComplaints(manifests),
  ];
}
