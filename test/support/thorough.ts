/** `.ci/nightly` sets it; a change is tested with a fifth of what takes long. */
const THOROUGH = process.env['TOCSIN_TEST_THOROUGH'] === '1';
const SHARE = 5;

/** How many runs a property gets whose `all` runs take seconds. */
export function runs(all: number): number {
  return THOROUGH ? all : Math.ceil(all / SHARE);
}

/** The items of a long list that are tried: every fifth, from `first` on, so that several tests of one list try different parts of it. */
export function tried<T>(all: readonly T[], first = 0): readonly T[] {
  return THOROUGH ? all : all.filter((_, index) => index % SHARE === first % SHARE);
}
