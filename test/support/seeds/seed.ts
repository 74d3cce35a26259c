/** The seed of everything random in the tests, the same in all tiers. */

/** Names the environment variable that sets it: an integer from 0 to 2147483647. @default 1, so that the gate asks the same every time */
export const SEED_VARIABLE = "SHARED_GPU_TEST_SEED";
/** Names the environment variable that sets how many seeds `npm run test:seeds` draws from, this one and those after it. @default 1 */
export const COUNT_VARIABLE = "SHARED_GPU_TEST_SEEDS";

export const SEED = readSeed(process.env[SEED_VARIABLE]);
export const SEEDS: readonly number[] = seedsFrom(SEED, readSeed(process.env[COUNT_VARIABLE]));

/** @throws RangeError for what is no such integer: a typo must not pass as a run with another seed. */
export function readSeed(text = ""): number {
  const seed = text === "" ? 1 : Number(text);
  if (!/^\d*$/.test(text) || seed > 0x7fffffff) {
    throw new RangeError(`${text} is not a seed; write an integer from 0 to 2147483647`);
  }
  return seed;
}

function seedsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => readSeed(String(first + index)));
}
