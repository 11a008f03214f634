import type { Question } from './question.ts';

/** Rules that both engines evaluate side by side. None of them fires. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly questions: readonly Question[];
}

const NEVER = 1_000_000;

/** The workloads of the comparison. */
export const WORKLOADS: readonly Workload[] = [
  { name: 'selective-100', title: '100 selective counts', questions: selective(100) },
  { name: 'selective-1000', title: '1,000 selective counts', questions: selective(1_000) },
  { name: 'grouped-100', title: '100 broad counts by pod (200 groups)', questions: grouped(100) },
  { name: 'metric-100', title: '100 p95 of a service', questions: percentiles(100) },
];

/** Counts of the errors of one service each. */
export function selective(count: number): readonly Question[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'errors',
    name: `selective-${i}`,
    service: `service-${i}`,
    atLeast: NEVER,
  }));
}

function grouped(count: number): readonly Question[] {
  return Array.from({ length: count }, (_, i) => ({ kind: 'by pod', name: `grouped-${i}`, status: 100 + i, atLeast: NEVER }));
}

function percentiles(count: number): readonly Question[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'p95',
    name: `metric-${i}`,
    service: `service-${i}`,
    above: NEVER * 1_000,
  }));
}
