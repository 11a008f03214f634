import { type SearchProblem, type SearchProblemCode, searchProblem } from '../../search/search-problem.ts';

/** Ends the reading of one question; caught where its answer is made, so that it never leaves this backend. */
export class QueryRefusal extends Error {
  readonly problem: SearchProblem;

  /** `hint`: a next step that says more than that of the code. */
  constructor(code: SearchProblemCode, message: string, hint?: string) {
    super(message);
    this.problem = { ...searchProblem(code, message), ...(hint !== undefined && { hint }) };
  }
}

/** Ends the reading of a question that holds something this backend does not know. */
export function unsupported(what: string): QueryRefusal {
  return new QueryRefusal('unsupported', `the embedded backend does not support ${what}`);
}
