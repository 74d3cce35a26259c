import type { Team } from "../../src/config/types";
import { administrators, members } from "../../src/aws/access-entries";

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
  storageGiB: 500,
  ephemeralStorageGiB: 300,
  objects: 30,
};

describe("administrators", () => {
  test("administer the whole cluster", () => {
    expect(administrators([PLATFORM], "us-east-1")).toEqual([
      {
        name: "111122223333:role/platform-admin",
        principalArn: PLATFORM,
        right: { type: "administration", policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" },
      },
    ]);
  });

  test("get the access policy of the region's partition", () => {
    expect(JSON.stringify(administrators(["arn:aws-us-gov:iam::111122223333:user/a"], "us-gov-west-1"))).toContain(
      "arn:aws-us-gov:eks::aws:cluster-access-policy/",
    );
  });
});

describe("members of teams", () => {
  const groupsOf = (teams: readonly Team[]) => members(teams).map(({ right }) => (right.type === "membership" ? right.groups : right));

  test("get the group of their team, and no access policy", () => {
    expect(members([{ ...TEAM, principalArns: [PLATFORM] }])).toEqual([
      {
        name: "111122223333:role/platform-admin",
        principalArn: PLATFORM,
        right: { type: "membership", groups: ["vision-engineers"] },
      },
    ]);
  });

  test("of several teams get one entry, since EKS takes no second one", () => {
    const teams = [
      { ...TEAM, principalArns: [PLATFORM, BREAK_GLASS] },
      { ...TEAM, name: "speech", group: "speech-engineers", principalArns: [PLATFORM] },
    ];
    expect(groupsOf(teams)).toEqual([["vision-engineers", "speech-engineers"], ["vision-engineers"]]);
  });

  test("are nobody in a team without group", () => {
    expect(members([{ ...TEAM, group: undefined, principalArns: [PLATFORM] }])).toEqual([]);
  });
});
