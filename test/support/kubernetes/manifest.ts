import type { Json } from '../../../src/core/json.ts';

/** One object of Kubernetes as its YAML has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly [key: string]: unknown;
}

/** Labels and what selects by them. */
export type Labels = Readonly<Record<string, string>>;

/** A Pod's specification, as far as the tests look at it. */
export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly hostNetwork?: boolean;
  readonly securityContext?: Readonly<Record<string, Json>>;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
}

/** A container, as far as the tests look at it. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: ValueFrom }[];
  readonly envFrom?: readonly { readonly secretRef?: NameOf; readonly configMapRef?: NameOf }[];
  readonly resources?: { readonly requests?: Amounts; readonly limits?: Amounts };
  readonly securityContext?: Readonly<Record<string, Json>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
}

type Amounts = Readonly<Record<string, string | number>>;
type NameOf = { readonly name: string; readonly optional?: boolean };
type KeyOf = NameOf & { readonly key: string };
type Probe = { readonly httpGet?: { readonly path?: string; readonly port: string | number } };
type Items = readonly { readonly key: string; readonly path: string }[];
interface ValueFrom {
  readonly secretKeyRef?: KeyOf;
  readonly configMapKeyRef?: KeyOf;
}

/** A volume, as far as the tests look at it. */
interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string; readonly items?: Items; readonly optional?: boolean };
  readonly configMap?: { readonly name: string; readonly items?: Items; readonly optional?: boolean };
  readonly emptyDir?: { readonly sizeLimit?: string };
  readonly hostPath?: { readonly path: string };
}

/** A template of Pods, its labels and who makes Pods of it. */
export interface Template {
  readonly owner: Manifest;
  readonly labels: Labels;
  readonly spec: PodSpec;
}

const TEMPLATED = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'];

/** The templates of the workloads that Kubernetes itself runs; those within ECK's resources are `eckTemplates`. */
export function templates(manifests: readonly Manifest[]): readonly Template[] {
  return manifests
    .filter(({ kind }) => TEMPLATED.includes(kind))
    .map((owner) => ({ owner, ...templateOf((owner['spec'] as { readonly template: RawTemplate }).template) }));
}

interface RawTemplate {
  readonly metadata?: { readonly labels?: Labels };
  readonly spec?: Partial<PodSpec>;
}

/** What ECK's resources say of their Pods: parts that ECK completes. */
export function eckTemplates(manifests: readonly Manifest[]): readonly Template[] {
  return manifests.filter(isEck).flatMap((owner) => {
    const spec = owner['spec'] as Readonly<Record<string, unknown>>;
    const nodeSets = (spec['nodeSets'] ?? []) as readonly unknown[];
    const holders = [spec, spec['deployment'], spec['daemonSet'], ...nodeSets];
    return holders.flatMap((holder) => {
      const raw = (holder as { readonly podTemplate?: RawTemplate } | undefined)?.podTemplate;
      return raw === undefined ? [] : [{ owner, ...templateOf(raw) }];
    });
  });
}

function templateOf({ metadata, spec }: RawTemplate): Omit<Template, 'owner'> {
  return { labels: metadata?.labels ?? {}, spec: { ...spec, containers: spec?.containers ?? [] } };
}

/** Whether ECK's operator takes care of an object. */
export function isEck({ apiVersion }: Manifest): boolean {
  return apiVersion.includes('.k8s.elastic.co/');
}

/** How complaints and tests call an object: `Deployment observability/tocsin`. */
export function called({ kind, metadata: { name, namespace } }: Manifest): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
