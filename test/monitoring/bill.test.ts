import { billOf } from "../../src/monitoring/bill";
import type { UsageAnswers, UsageSample } from "../../src/monitoring/bill";

const DAY = 24 * 3600;
const UNTIL = Date.parse("2026-11-28T00:00:00Z") / 1000;

function sample(team: string, tier: string, node: string, value: number): UsageSample {
  return { labels: { team, tier, node }, value };
}

function answers(usage: Partial<UsageAnswers["usage"]>, observedSeconds = DAY): UsageAnswers {
  return {
    until: UNTIL,
    periodSeconds: DAY,
    observedSeconds,
    usage: { allocatedSliceSeconds: [], busySliceSeconds: [], allocatedUsd: [], busyUsd: [], ...usage },
  };
}

test("seconds become hours, and nodes of a team and tier are added up", () => {
  const bill = billOf(
    answers({
      allocatedSliceSeconds: [sample("b", "small", "n1", 3600), sample("a", "small", "n2", 7200), sample("a", "small", "n1", 3600)],
      busySliceSeconds: [sample("b", "small", "n1", 0), sample("a", "small", "n2", 1800), sample("a", "small", "n1", 1800)],
      allocatedUsd: [sample("b", "small", "n1", 0.5), sample("a", "small", "n2", 1), sample("a", "small", "n1", 0.5)],
      busyUsd: [sample("b", "small", "n1", 0), sample("a", "small", "n2", 0.25), sample("a", "small", "n1", 0.25)],
    }),
  );
  expect(bill.teams).toEqual([
    { team: "a", tier: "small", sliceHours: 3, busySliceHours: 1, usd: 1.5, busyUsd: 0.5 },
    { team: "b", tier: "small", sliceHours: 1, busySliceHours: 0, usd: 0.5, busyUsd: 0 },
  ]);
  expect(bill.total).toEqual({ sliceHours: 4, busySliceHours: 1, usd: 2, busyUsd: 0.5 });
  expect(bill.byNode.map(({ team, node }) => `${team} ${node}`)).toEqual(["a n1", "a n2", "b n1"]);
  expect(bill).toMatchObject({ from: "2026-11-27T00:00:00.000Z", until: "2026-11-28T00:00:00.000Z", hours: 24, countedHours: 24 });
  expect(bill.notes).toEqual([expect.stringContaining("list price of") as string]);
});

test("tiers of a team are apart, and slices of no tier have their own line", () => {
  const { teams } = billOf(answers({ allocatedSliceSeconds: [sample("a", "small", "n", 3600), sample("a", "", "n", 3600)] }));
  expect(teams.map(({ team, tier }) => [team, tier])).toEqual([
    ["a", ""],
    ["a", "small"],
  ]);
});

test("a node without a list price is in the hours and not in the dollars, and is named", () => {
  const { teams, notes } = billOf(
    answers({
      allocatedSliceSeconds: [sample("a", "small", "priced", 3600), sample("a", "small", "other", 3600)],
      busySliceSeconds: [sample("a", "small", "priced", 0), sample("a", "small", "other", 0)],
      allocatedUsd: [sample("a", "small", "priced", 2)],
    }),
  );
  expect(teams).toMatchObject([{ sliceHours: 2, usd: 2 }]);
  expect(notes[0]).toBe("sums in dollars leave out slices without a list price, of: other");
});

test("what no metric says is unknown, and not zero", () => {
  const { teams, total, notes } = billOf(answers({ allocatedSliceSeconds: [sample("a", "small", "n", 3600)] }));
  expect(teams).toEqual([{ team: "a", tier: "small", sliceHours: 1, busySliceHours: null, usd: null, busyUsd: null }]);
  expect(total.usd).toBeNull();
  expect(notes).toHaveLength(3);
});

test("nobody held a slice: the sum is zero", () => {
  expect(billOf(answers({}))).toMatchObject({ teams: [], total: { sliceHours: 0, busySliceHours: 0, usd: 0, busyUsd: 0 } });
});

test.each([
  ["all of it", DAY, undefined],
  ["all but a restart", DAY - 300, undefined],
  ["half of it", DAY / 2, "a part of the period was not counted"],
  ["nothing", 0, "nothing was counted"],
])("how much was counted is said: %s", (_, observed, note) => {
  const { notes } = billOf(answers({}, observed));
  expect(notes.filter((each) => each.includes("not counted") || each.includes("nothing was counted"))).toEqual(
    note === undefined ? [] : [expect.stringContaining(note)],
  );
});
