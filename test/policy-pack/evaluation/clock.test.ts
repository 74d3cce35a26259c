import { judgeAsOf, today } from "../../../policy-pack/evaluation/clock";

beforeAll(() => jest.useFakeTimers());
afterAll(() => jest.useRealTimers());

test("the pack judges as of a day that a rehearsal chooses", () => {
  jest.setSystemTime(new Date("2026-06-05T00:00:00Z"));
  expect(today()).toEqual(new Date("2026-06-05T00:00:00Z"));
  judgeAsOf(new Date("2027-12-02"));
  expect(today()).toEqual(new Date("2027-12-02"));
  judgeAsOf(undefined);
  expect(today()).toEqual(new Date("2026-06-05T00:00:00Z"));
});
