/** What the corpus cannot say of rights: patches, lists, settings, what is unknown, and which roles a program registers beside its bindings. */
import { boundRolesJudged } from "../../../policy-pack/platform/bound-roles-judged";
import { reserveClusterRights } from "../../../policy-pack/platform/reserve-cluster-rights";
import { TEAM_RIGHTS } from "../../../src/well-known/team-rights";
import { teamRole, teamRoleBinding } from "../../../src/kubernetes/teams/access";
import { stackViolations } from "../stack-verdict";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN, violations } from "../verdict";

const RBAC = "rbac.authorization.k8s.io";
const typeOf = (kind: string) => `kubernetes:${RBAC}/v1:${kind}`;
const found = (kind: string, props: object, config: object = {}) =>
  violations(reserveClusterRights, { apiVersion: `${RBAC}/v1`, kind: kind.replace(/Patch$/, ""), ...props }, config, typeOf(kind));
const reads = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const roleRef = (name: string, kind = "ClusterRole") => ({ apiGroup: RBAC, kind, name });

describe("a patch hides what it does not write", () => {
  test.each<[string, object, RegExp]>([
    [
      "ClusterRoleBindingPatch",
      { metadata: { name: "cluster-admin" }, subjects: [{ kind: "Group", name: "team-a-members" }] },
      /roleRef is missing in a patch.*Write the whole ClusterRoleBinding/,
    ],
    [
      "RoleBindingPatch",
      { metadata: { name: "x", namespace: "team-b" }, subjects: [{ kind: "Group", name: "team-a-members" }] },
      /roleRef is missing in a patch/,
    ],
    [
      "RoleBindingPatch",
      {
        metadata: { name: "x", namespace: "team-b" },
        roleRef: roleRef("view"),
        subjects: [{ kind: "ServiceAccount", name: "a", namespace: "team-a" }],
      },
      /service account of namespace team-a, and the binding is in team-b/,
    ],
    ["ClusterRolePatch", { metadata: { name: "x" } }, /rules are missing in a patch.*Write the whole ClusterRole/],
    ["ClusterRolePatch", { metadata: { name: "x", labels: { [`${RBAC}/aggregate-to-view`]: "true" } } }, /aggregate-to-view/],
    ["ClusterRolePatch", { metadata: { name: "view" }, rules: reads }, /metadata\.name is view/],
    ["ClusterRolePatch", { metadata: { name: "x" }, aggregationRule: { clusterRoleSelectors: [] } }, /aggregationRule grants/],
    ["RolePatch", { metadata: { name: "x", namespace: "team-a" }, rules: null }, /rules are missing/],
    [
      "RolePatch",
      { metadata: { name: "x", namespace: "team-a" }, rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["escalate"] }] },
      /grants escalate on secrets/,
    ],
  ])("%s %j", (kind, props, message) => {
    expect(found(kind, props)).toContainEqual(expect.stringMatching(message));
  });

  test("a patch that writes what decides is judged by it", () => {
    expect(found("RolePatch", { metadata: { name: "x", namespace: "team-a" }, rules: reads })).toEqual([]);
    expect(found("RoleBindingPatch", { metadata: { name: "x", namespace: "team-a" }, roleRef: roleRef("view") })).toEqual([]);
  });
});

test("a kind that nobody has looked at, and a reference to one, are denied", () => {
  expect(found("ClusterRoleTemplate", { metadata: { name: "x" }, rules: [] })).toEqual([
    expect.stringMatching(/kind is not one that this policy knows/),
  ]);
  expect(found("RoleBinding", { metadata: { name: "x", namespace: "a" }, roleRef: roleRef("workloads", "Group") })).toEqual([
    expect.stringMatching(/roleRef is .*Name a Role or a ClusterRole/),
  ]);
});

test("an item of a list is judged like an object", () => {
  const items = [{ metadata: { name: "x" }, rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] }];
  expect(found("ClusterRoleList", { items })).toContainEqual(
    expect.stringMatching(/items\[0\]\.rules\[0\]\.apiGroups and resources has a wildcard/),
  );
});

test("the Role of a team is what the table allows, so that anybody's program may write it under another name", () => {
  const { rules } = teamRole("team-a");
  expect(found("Role", { metadata: { name: "mine", namespace: "team-a" }, rules })).toEqual([]);
});

test.each(TEAM_RIGHTS.flatMap(({ group, resources }) => resources.map((resource) => [resource, group] as const)))(
  "%s of group %j: no verb beyond the table's",
  (resource, group) => {
    for (const verb of ["escalate", "bind", "impersonate", "approve", "use", "proxy"]) {
      expect(
        found("Role", { metadata: { name: "x", namespace: "a" }, rules: [{ apiGroups: [group], resources: [resource], verbs: [verb] }] }),
      ).toHaveLength(1);
    }
  },
);

test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
  "an API group, kind or resource called %s is one that nobody knows",
  (word) => {
    const rules = [{ apiGroups: [word], resources: [word], verbs: ["get"] }];
    expect(found("Role", { metadata: { name: word, namespace: word }, rules })).toHaveLength(1);
    expect(violations(reserveClusterRights, { apiVersion: `${word}/v1`, kind: word, metadata: { name: word } })).toEqual([]);
  },
);

test("a setting admits custom resources, in the namespace everything of them, in the cluster reading", () => {
  const config = { customGroups: ["widgets.example.com"] };
  const rules = (verb: string) => [{ apiGroups: ["widgets.example.com"], resources: ["widgets"], verbs: [verb] }];
  expect(found("Role", { metadata: { name: "x", namespace: "a" }, rules: rules("create") }, config)).toEqual([]);
  expect(found("ClusterRole", { metadata: { name: "x" }, rules: rules("list") }, config)).toEqual([]);
  expect(found("ClusterRole", { metadata: { name: "x" }, rules: rules("create") }, config)).toHaveLength(1);
  expect(
    found(
      "Role",
      { metadata: { name: "x", namespace: "a" }, rules: [{ apiGroups: ["ray.io"], resources: ["rayjobs"], verbs: ["get"] }] },
      config,
    ),
  ).toHaveLength(1);
});

describe("what is unknown at preview is not allowed", () => {
  test.each<[string, object]>([
    ["Role", { metadata: { name: "x", namespace: "a" }, rules: UNKNOWN }],
    ["ClusterRole", { metadata: { name: "x" }, rules: [{ apiGroups: [""], resources: [UNKNOWN], verbs: ["get"] }] }],
    ["ClusterRole", { metadata: { name: "x", labels: UNKNOWN }, rules: reads }],
    ["ClusterRole", { metadata: { name: "x" }, rules: reads, aggregationRule: UNKNOWN }],
    ["RoleBinding", { metadata: { name: "x", namespace: "a" }, roleRef: UNKNOWN }],
    ["RoleBinding", { metadata: { name: "x", namespace: "a" }, roleRef: roleRef("view"), subjects: UNKNOWN }],
    [
      "RoleBinding",
      {
        metadata: { name: "x", namespace: UNKNOWN },
        roleRef: roleRef("view"),
        subjects: [{ kind: "ServiceAccount", name: "a", namespace: "b" }],
      },
    ],
    [
      "RoleBinding",
      {
        metadata: { name: "x", namespace: "a" },
        roleRef: roleRef("view"),
        subjects: [{ kind: "ServiceAccount", name: "a", namespace: UNKNOWN }],
      },
    ],
  ])("%s %j", (kind, props) => {
    expect(found(kind, props)).toContainEqual(expect.stringMatching(/is unknown until `pulumi up`/));
  });
});

describe("what one field decides", () => {
  const role = (kind: "Role" | "ClusterRole", more: object) => found(kind, { metadata: { name: "x", namespace: "a" }, ...more });
  const bound = (kind: string, more: object) => found(kind, { metadata: { name: "x", namespace: "a" }, roleRef: roleRef("view"), ...more });
  const urls = (kind: "Role" | "ClusterRole", nonResourceURLs: readonly unknown[], verbs: readonly string[] = ["get"]) =>
    role(kind, { rules: [{ nonResourceURLs, verbs }] });
  const denied = (count: number) =>
    role("Role", { rules: [{ apiGroups: [""], resources: ["a", "b", "c", "d", "e"].slice(0, count), verbs: ["get"] }] });
  const PATHS = "A ClusterRole may get /metrics, health, version and discovery, and a Role has none.";
  const unknown = (path: string, what: string) =>
    `"${path}" is unknown until \`pulumi up\`, so this policy cannot check ${what}. Use a value that is known at preview.`;
  const INSTEAD = "Name what the platform's Role team-member holds, reads, leases, events, or kinds of the setting customGroups.";

  test.each<[string, readonly string[]]>([
    ["no aggregation", role("ClusterRole", { rules: reads, aggregationRule: null })],
    ["a label", found("ClusterRole", { metadata: { name: "x", labels: { app: "x" } }, rules: reads })],
    ["a public path", urls("ClusterRole", ["/metrics"], ["get", "head"])],
    [
      "a group that is called a little like Kubernetes' own",
      bound("RoleBinding", { subjects: [{ kind: "Group", name: "my-system:serviceaccounts:b" }] }),
    ],
    ["a user that is called a little like EKS'", bound("RoleBinding", { subjects: [{ kind: "User", name: "my-eks:admin" }] })],
    [
      "a service account whose namespace is null",
      bound("RoleBinding", { subjects: [{ kind: "ServiceAccount", name: "a", namespace: null }] }),
    ],
  ])("%s passes", (_, messages) => {
    expect(messages).toEqual([]);
  });

  test.each<[string, readonly string[], string]>([
    [
      "the metadata",
      found("Role", { metadata: UNKNOWN, rules: reads }),
      `Role: ${unknown("metadata", "whether the role is one of Kubernetes, EKS or the platform")}`,
    ],
    [
      "the name",
      found("Role", { metadata: { name: UNKNOWN, namespace: "a" }, rules: reads }),
      `Role: ${unknown("metadata.name", "whether the role is one of Kubernetes, EKS or the platform")}`,
    ],
    ["a path of a Role", urls("Role", ["/metrics"]), `Role: rules[0].nonResourceURLs has /metrics. ${PATHS}`],
    ["a path that is no text", urls("ClusterRole", [7]), `ClusterRole: rules[0].nonResourceURLs has 7. ${PATHS}`],
    [
      "a path that is written to",
      urls("ClusterRole", ["/metrics"], ["get", "post"]),
      `ClusterRole: rules[0].nonResourceURLs has /metrics. ${PATHS}`,
    ],
    ["four rights", denied(4), `Role: rules[0] grants get on a; get on b; get on c; get on d. ${INSTEAD}`],
    ["five rights", denied(5), `Role: rules[0] grants get on a; get on b; get on c; get on d and 1 more. ${INSTEAD}`],
    [
      "a patch with a roleRef of null",
      found("RoleBindingPatch", { metadata: { name: "x", namespace: "a" }, roleRef: null }),
      "RoleBinding: roleRef is missing in a patch, which hides what the binding grants. Write the whole RoleBinding.",
    ],
    [
      "a role without a name",
      bound("RoleBinding", { roleRef: { kind: "Role", name: 7 } }),
      'RoleBinding: roleRef is {"kind":"Role","name":7}. Name a Role or a ClusterRole.',
    ],
    [
      "a Role with the name of a ClusterRole",
      bound("RoleBinding", { roleRef: roleRef("view", "Role") }),
      "RoleBinding: roleRef is view, a role of Kubernetes, EKS or the platform. Bind a Role of this program with only what is needed, or the ClusterRole view.",
    ],
    [
      "a subject that is unknown",
      bound("RoleBinding", { subjects: [UNKNOWN] }),
      `RoleBinding: ${unknown("subjects[0]", "who gets the role")}`,
    ],
    [
      "a subject whose name is unknown",
      bound("RoleBinding", { subjects: [{ kind: "Group", name: UNKNOWN }] }),
      `RoleBinding: ${unknown("subjects[0]", "who gets the role")}`,
    ],
    [
      "a subject without a name",
      bound("RoleBinding", { subjects: [{ kind: "Group" }] }),
      "RoleBinding: subjects[0] has no name. Name the subject.",
    ],
    [
      "a service account of no namespace",
      bound("ClusterRoleBinding", { subjects: [{ kind: "ServiceAccount", name: "a" }] }),
      "ClusterRoleBinding: subjects[0].namespace is not set. Name the namespace of the service account.",
    ],
  ])("%s: the message says so", (_, messages, message) => {
    expect(messages).toEqual([message]);
  });
});

describe("bound-roles-judged", () => {
  const resource = (kind: string, name: string, props: object, urn = `urn:pulumi:dev::shop::${typeOf(kind)}::${name}`): StackResource => ({
    type: typeOf(kind),
    name,
    urn,
    props: { apiVersion: `${RBAC}/v1`, kind: kind.replace(/Patch$/, ""), ...props },
  });
  const clusterRole = (name: string, rules: readonly object[] = reads) => resource("ClusterRole", name, { metadata: { name }, rules });
  const binding = (kind: string, role: ReturnType<typeof roleRef>, subjects: readonly object[] = [], namespace = "team-a") =>
    resource(kind, "binding", { metadata: { name: "binding", namespace }, roleRef: role, subjects });
  const platform = (kind: string, name: string, props: object) =>
    resource(kind, name, props, `urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:Teams$${typeOf(kind)}::${name}`);
  const messages = (...resources: readonly StackResource[]) => stackViolations(boundRolesJudged, resources).map(({ message }) => message);

  test.each(["RoleBinding", "ClusterRoleBinding"])("a %s may name the role view, a Role, and a ClusterRole of the same program", (kind) => {
    expect(messages(binding(kind, roleRef("view")))).toEqual([]);
    expect(messages(binding(kind, roleRef("workloads", "Role")))).toEqual([]);
    expect(messages(binding(kind, roleRef("reader")), clusterRole("reader"))).toEqual([]);
  });

  const team = (name: string, namespace: unknown) =>
    platform("RoleBinding", `${name}-${String(namespace)}`, {
      metadata: { name: "team-member", namespace },
      roleRef: roleRef("team-member", "Role"),
      subjects: [{ kind: "Group", name }],
    });
  const group = (name: unknown, kind = "Group") => [{ kind, name }];

  test("the messages say which binding it is", () => {
    expect(messages(binding("ClusterRoleBinding", roleRef("reader")))).toEqual([
      "ClusterRoleBinding: roleRef is the ClusterRole reader, whose rights are unknown here. Register it in this program, bind view, or use a Role in the namespace.",
    ]);
    expect(messages(team("b-members", "team-b"), binding("RoleBinding", roleRef("view"), group("b-members")))).toEqual([
      "RoleBinding: subjects[0] is the group of team team-b, and the binding is in team-a. A team has rights in its own namespace only.",
    ]);
  });

  test.each<[string, readonly StackResource[]]>([
    [
      "names a team's group in the team's own namespace",
      [team("b-members", "team-b"), binding("RoleBinding", roleRef("view"), group("b-members"), "team-b")],
    ],
    [
      "names a user who is called like a team's group",
      [team("b-members", "team-b"), binding("RoleBinding", roleRef("view"), group("b-members", "User"))],
    ],
    ["is of the whole cluster", [team("b-members", "team-b"), binding("ClusterRoleBinding", roleRef("view"), group("b-members"))]],
    [
      "is in a namespace that is unknown",
      [team("b-members", "team-b"), binding("RoleBinding", roleRef("view"), group("b-members"), UNKNOWN as never)],
    ],
    [
      "names the group of a team whose namespace is unknown",
      [team("b-members", UNKNOWN), binding("RoleBinding", roleRef("view"), group("b-members"))],
    ],
    ["names a role that is unknown", [binding("ClusterRoleBinding", { ...roleRef("x"), name: UNKNOWN as never })]],
    ["has no roleRef", [resource("RoleBinding", "binding", { metadata: { name: "binding", namespace: "team-a" }, subjects: [] })]],
    [
      "names a group to which the platform binds something else",
      [
        platform("RoleBinding", "viewers", {
          metadata: { name: "viewers", namespace: "monitoring" },
          roleRef: roleRef("view"),
          subjects: group("admins"),
        }),
        platform("Role", "team-member", { metadata: { name: "team-member", namespace: "team-b" }, rules: reads }),
        binding("RoleBinding", roleRef("view"), group("admins")),
      ],
    ],
    [
      "names a group that somebody else calls a team's",
      [
        resource("RoleBinding", "own", {
          metadata: { name: "own", namespace: "team-b" },
          roleRef: roleRef("team-member", "Role"),
          subjects: group("mine"),
        }),
        binding("RoleBinding", roleRef("view"), group("mine")),
      ],
    ],
  ])("a binding passes if it %s", (_, resources) => {
    expect(messages(...resources)).toEqual([]);
  });

  test.each([
    ["a Role that looks like a binding", `${RBAC}/v1`, "ClusterRole"],
    ["a kind of that name in another group", "example.com/v1", "ClusterRoleBinding"],
  ])("%s is no binding", (_, apiVersion, kind) => {
    const props = { apiVersion, kind, metadata: { name: "x" }, roleRef: roleRef("reader") };
    expect(messages({ type: `kubernetes:${apiVersion}:${kind}`, name: "x", urn: "urn:pulumi:dev::shop::x::x", props })).toEqual([]);
  });

  test("a ClusterRole of another group is none that a binding can name", () => {
    const props = { apiVersion: "example.com/v1", kind: "ClusterRole", metadata: { name: "reader" }, rules: reads };
    const other = { type: "kubernetes:example.com/v1:ClusterRole", name: "x", urn: "urn:pulumi:dev::shop::x::x", props };
    expect(messages(binding("ClusterRoleBinding", roleRef("reader")), other)).toHaveLength(1);
  });

  test.each<[string, readonly StackResource[]]>([
    ["of nobody known", []],
    ["of another name", [clusterRole("writer")]],
    ["that the pack denies", [clusterRole("reader", [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }])]],
    ["that is a Role", [resource("Role", "reader", { metadata: { name: "reader" }, rules: reads })]],
    ["that is patched only", [resource("ClusterRolePatch", "reader", { metadata: { name: "reader" }, rules: reads })]],
    ["whose name is unknown", [resource("ClusterRole", "reader", { metadata: { name: UNKNOWN }, rules: reads })]],
  ])("a binding may not name a ClusterRole %s", (_, roles) => {
    expect(messages(binding("ClusterRoleBinding", roleRef("reader")), ...roles)).toEqual([
      expect.stringMatching(/roleRef is the ClusterRole reader, whose rights are unknown here\. Register it in this program/),
    ]);
  });

  test("the group of one team has no rights in the namespace of another, where the platform says whose it is", () => {
    const team = platform("RoleBinding", "team-a", teamRoleBinding("team-a", "team-a-members"));
    const group = { kind: "Group", name: "team-a-members" };
    expect(messages(team, binding("RoleBinding", roleRef("view"), [group], "team-a"))).toEqual([]);
    expect(messages(team, binding("RoleBinding", roleRef("view"), [{ kind: "Group", name: "auditors" }], "team-b"))).toEqual([]);
    expect(messages(team, binding("RoleBinding", roleRef("view"), [group], "team-b"))).toEqual([
      expect.stringContaining("is the group of team team-a, and the binding is in team-b"),
    ]);
  });

  test("the platform's own bindings are its own business", () => {
    expect(messages(platform("ClusterRoleBinding", "x", { metadata: { name: "x" }, roleRef: roleRef("anything") }))).toEqual([]);
  });
});
