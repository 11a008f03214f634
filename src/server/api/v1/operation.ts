import type { TSchema } from 'typebox';
import type { WebPorts } from '../../web/ports.ts';
import type { ANSWERS } from './shapes.ts';

/** What a request gives beside its path. */
export interface Given {
  readonly id: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** Who asks, for what they change. */
  readonly by: string | undefined;
}

/** One request of the API: routes and the OpenAPI document are made of these. */
export interface Operation {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/api/v1`, as OpenAPI writes it. */
  readonly path: string;
  readonly summary: string;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly answer: keyof typeof ANSWERS;
  /** `cluster`: it searches the cluster or shows documents of it, which anonymous callers from other machines may not; `silence`: it changes silences or acknowledgements. */
  readonly needs?: 'cluster' | 'silence';
  readonly run: (ports: WebPorts, given: Given) => Promise<unknown>;
}
