import { type Container, called, type Template } from '../manifest.ts';

/** What every workload must say of itself; gives complaints. */
export function workloadComplaints(template: Template): readonly string[] {
  const { owner, spec } = template;
  const say = (text: string) => `${called(owner)}: ${text}`;
  const pod = spec.securityContext ?? {};
  const complaints: string[] = [];
  if (pod['runAsNonRoot'] !== true) complaints.push('the Pod may run as root: runAsNonRoot is not true');
  if (typeof pod['runAsUser'] !== 'number' || pod['runAsUser'] === 0) complaints.push('runAsUser is no number above 0');
  if ((pod['seccompProfile'] as { readonly type?: string } | undefined)?.type !== 'RuntimeDefault') {
    complaints.push('seccompProfile is not RuntimeDefault');
  }
  if (spec.serviceAccountName === undefined) complaints.push('it has the default service account');
  if (spec.automountServiceAccountToken === undefined) complaints.push('it does not say whether it gets a token');
  if (spec.enableServiceLinks !== false) complaints.push('every Service of the namespace becomes an environment variable');
  if (spec.hostNetwork === true) complaints.push('it is in the network of its node');
  for (const { name, emptyDir, hostPath } of spec.volumes ?? []) {
    if (hostPath !== undefined) complaints.push(`the volume ${name} is a folder of the node`);
    if (emptyDir !== undefined && emptyDir.sizeLimit === undefined)
      complaints.push(`the volume ${name} may fill the node's disk`);
  }
  if (
    owner.kind === 'Deployment' &&
    spec.containers.some(({ livenessProbe, readinessProbe }) => !livenessProbe || !readinessProbe)
  ) {
    complaints.push('a container has no livenessProbe or no readinessProbe');
  }
  return [
    ...complaints.map(say),
    ...[...spec.containers, ...(spec.initContainers ?? [])].flatMap((container) => [
      ...containerComplaints(container).map(say),
      ...resourceComplaints(container).map(say),
      ...imageComplaints(container).map(say),
      ...portComplaints(container).map(say),
    ]),
  ];
}

/** What a container may do to its machine. */
function containerComplaints({ name, securityContext = {} }: Container): readonly string[] {
  const dropped = (securityContext['capabilities'] as { readonly drop?: readonly string[] } | undefined)?.drop ?? [];
  return [
    ...(securityContext['allowPrivilegeEscalation'] === false ? [] : [`${name} may gain privileges`]),
    ...(securityContext['readOnlyRootFilesystem'] === true ? [] : [`${name} may write to its root filesystem`]),
    ...(dropped.includes('ALL') ? [] : [`${name} keeps capabilities`]),
    ...(securityContext['privileged'] === true ? [`${name} is privileged`] : []),
  ];
}

/** Requests of CPU and memory, a limit of memory, and no request above its limit. */
export function resourceComplaints({ name, resources }: Container): readonly string[] {
  const { requests = {}, limits = {} } = resources ?? {};
  const missing = [
    ...['cpu', 'memory'].filter((what) => requests[what] === undefined).map((what) => `${name} requests no ${what}`),
    ...(limits['memory'] === undefined ? [`${name} has no limit of memory`] : []),
  ];
  const above = Object.entries(limits).flatMap(([what, limit]) => {
    const request = requests[what];
    return request !== undefined && amount(request) > amount(limit)
      ? [`${name} requests ${request} of ${what}, above its limit of ${limit}`]
      : [];
  });
  return [...missing, ...above];
}

/** An image without a version, or with one that moves, is another one tomorrow. */
export function imageComplaints({ name, image = '' }: Container): readonly string[] {
  const tag = /:([^:/@]+)(?:@|$)/.exec(image)?.[1];
  if (image.includes('@sha256:') || (tag !== undefined && /^v?\d+\.\d+\.\d+/.test(tag))) return [];
  return [`${name} has the image "${image}": expected a whole version, such as :1.2.3`];
}

function portComplaints({ name, ports = [], ...container }: Container): readonly string[] {
  const probes = [container.livenessProbe, container.readinessProbe, container.startupProbe];
  return probes.flatMap((probe) => {
    const port = probe?.httpGet?.port;
    const isThere = port === undefined || ports.some((one) => one.name === port || one.containerPort === port);
    return isThere ? [] : [`${name} is probed at the port ${port}, which it does not have`];
  });
}

const UNITS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** An amount as Kubernetes writes it (`250m`, `2Gi`, `0.5`) as a number; NaN when it is none. */
export function amount(quantity: string | number): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  return number === '' ? Number.NaN : Number(number) * (UNITS[unit] ?? Number.NaN);
}
