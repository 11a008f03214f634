/**
 * What properties are tried with. The same for each change, so that a change fails for its own reasons; `.ci/nightly` tries another every night, and
 * TOCSIN_TEST_SEED any.
 */
export const SEED = Number(process.env['TOCSIN_TEST_SEED'] ?? 20_261_130);
