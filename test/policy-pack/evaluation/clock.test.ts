import { today } from "../../../policy-pack/evaluation/clock";

beforeAll(() => jest.useFakeTimers());
afterAll(() => jest.useRealTimers());

test("the pack judges as of a day that a rehearsal chooses", async () => {
  jest.setSystemTime(new Date("2026-06-05T00:00:00Z"));
  expect(today()).toEqual(new Date("2026-06-05T00:00:00Z"));
  // The choice holds for the process, so it is made in a copy of the module.
  await jest.isolateModulesAsync(async () => {
    const clock = await import("../../../policy-pack/evaluation/clock");
    clock.judgeAsOf(new Date("2027-12-02"));
    expect(clock.today()).toEqual(new Date("2027-12-02"));
  });
});
