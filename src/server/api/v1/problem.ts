/** An error of the API: what is wrong, and the next step. */
export interface ApiProblem {
  readonly status: number;
  readonly detail: string;
  readonly next: string;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  503: 'Unavailable',
};

/** Thrown by what answers a request, to answer it with a problem. */
export class ApiRefusal extends Error {
  readonly problem: ApiProblem;
  constructor(status: number, detail: string, next: string) {
    super(detail);
    this.problem = { status, detail, next };
  }
}

/** The body of an error, `application/problem+json`. */
export function problemBodyOf({ status, detail, next }: ApiProblem) {
  return { type: 'about:blank', title: TITLES[status] ?? 'Internal error', status, detail, next };
}
