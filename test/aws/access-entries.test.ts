import type { Team } from "../../src/config/types";
import { adminAccessEntries, memberships } from "../../src/aws/access-entries";

const PLATFORM = "arn:aws:iam::111122223333:role/platform-admin";
const BREAK_GLASS = "arn:aws:iam::111122223333:role/org/break-glass";

const TEAM: Team = {
  name: "vision",
  slices: { small: 1, medium: 0, large: 0 },
  group: "vision-engineers",
  principalArns: [],
  pods: 30,
  cpu: 8,
  memoryGiB: 64,
};

test("gives each principal administration of the whole cluster", () => {
  expect(adminAccessEntries([PLATFORM], "us-east-1")).toEqual({
    "111122223333:role/platform-admin": {
      principalArn: PLATFORM,
      accessPolicies: {
        admin: { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", accessScope: { type: "cluster" } },
      },
    },
  });
});

test("names entries by principal, so that another order of the list changes nothing", () => {
  expect(adminAccessEntries([PLATFORM, BREAK_GLASS], "us-east-1")).toEqual(adminAccessEntries([BREAK_GLASS, PLATFORM], "us-east-1"));
});

test("uses the access policy of the region's partition", () => {
  expect(JSON.stringify(adminAccessEntries(["arn:aws-us-gov:iam::111122223333:user/a"], "us-gov-west-1"))).toContain(
    "arn:aws-us-gov:eks::aws:cluster-access-policy/",
  );
});

describe("members of teams", () => {
  test("get the group of their team, and no access policy", () => {
    expect(memberships([{ ...TEAM, principalArns: [PLATFORM] }])).toEqual([
      { name: "111122223333:role/platform-admin", principalArn: PLATFORM, groups: ["vision-engineers"] },
    ]);
  });

  test("of several teams get one entry, since EKS takes no second one", () => {
    const teams = [
      { ...TEAM, principalArns: [PLATFORM, BREAK_GLASS] },
      { ...TEAM, name: "speech", group: "speech-engineers", principalArns: [PLATFORM] },
    ];
    expect(memberships(teams).map(({ groups }) => groups)).toEqual([["vision-engineers", "speech-engineers"], ["vision-engineers"]]);
  });

  test("are nobody in a team without group", () => {
    expect(memberships([{ ...TEAM, group: undefined, principalArns: [PLATFORM] }])).toEqual([]);
  });
});
