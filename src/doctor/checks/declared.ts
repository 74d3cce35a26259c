/** Objects of the stack: each is there, and is in every field what the stack declares. And what gives rights or devices beside them. */
import type { ClusterObject, JsonObject } from "../../cluster/objects";
import { listAt, nameOf, objectAt, titleOf } from "../../cluster/objects";
import { Inventory } from "../../dra/allocator/devices/inventory";
import { Matcher } from "../../dra/allocator/devices/matching";
import { draDriverClasses, PASSTHROUGH_DEVICE_CLASS, VENDOR_DEVICE_CLASSES } from "../../dra/device-classes";
import { valueAt } from "../../json/value-at";
import { DRIVER } from "../../well-known/attributes";
import { TEAM_LABEL } from "../../well-known/labels";
import { finding } from "../check";
import type { Answer, ClusterCheck, Examined } from "../check";
import { differenceText, differencesOf, mergePatchOf } from "../drift";
import type { Finding, NotYet, Unchecked } from "../finding";
import type { FindingId } from "../findings";
import { observedKind } from "../observation/kinds";
import type { ObservedKind } from "../observation/kinds";

/** What is compared, and as what a difference is told. */
const COMPARED: Readonly<Partial<Record<ObservedKind, FindingId>>> = {
  Namespace: "namespace-differs",
  DeviceClass: "class-differs",
  ResourceClaimTemplate: "template-differs",
  ValidatingAdmissionPolicy: "policy-differs",
  ValidatingAdmissionPolicyBinding: "policy-binding-differs",
  ResourceQuota: "quota-differs",
  LimitRange: "limits-differ",
  Role: "rights-differ",
  ClusterRole: "rights-differ",
  RoleBinding: "rights-differ",
  ClusterRoleBinding: "rights-differ",
  NetworkPolicy: "network-differs",
  StorageClass: "storage-class-differs",
};

/** Where the API server refuses a change. */
const IMMUTABLE: readonly { readonly kind: ObservedKind; readonly path: RegExp }[] = [
  { kind: "ResourceClaimTemplate", path: /^spec/ },
  { kind: "RoleBinding", path: /^roleRef/ },
  { kind: "ClusterRoleBinding", path: /^roleRef/ },
  { kind: "StorageClass", path: /^(provisioner|parameters|reclaimPolicy|volumeBindingMode)/ },
];

export const checkDeclared: ClusterCheck = (examined): Answer => {
  const { cluster, declaration, rollout, command } = examined;
  if (cluster.observation.names === "numbered") {
    return {
      unchecked: [
        {
          what: "whether the objects of the stack are as declared",
          reason: "the planner's file has numbers for names. Save with npm run doctor -- --context NAME --save FILE",
        },
      ],
    };
  }
  const findings: Finding[] = [];
  const notYet: NotYet[] = [];
  const unread = new Set<ObservedKind>();
  const index = indexOf(examined);
  for (const object of [...declaration.objects, ...classesOfDriver(examined)]) {
    const kind = object.kind as ObservedKind;
    const id = COMPARED[kind];
    if (id === undefined) {
      continue;
    }
    if (!cluster.hasRead(kind)) {
      unread.add(kind);
      continue;
    }
    const found = index.get(keyOf(object));
    // What a chart brings is known by name only.
    const differences = found === undefined || object.origin.type === "manifest" ? [] : differencesOf(object, found);
    if (found !== undefined && differences.length === 0) {
      continue;
    }
    if (rollout.type === "running") {
      notYet.push({ subject: titleOf(object), waitsFor: "pulumi up makes it what the stack declares" });
      continue;
    }
    const { resource } = observedKind(kind);
    const where = object.namespace === "" ? [] : ["-n", object.namespace];
    const create = command.kubectlWith(object.body, "create");
    if (found === undefined) {
      findings.push(finding("object-missing", { subject: titleOf(object), seen: "it does not exist", commands: [create] }));
      continue;
    }
    const isImmutable = differences.some(({ path }) => IMMUTABLE.some((each) => each.kind === kind && each.path.test(path.join("."))));
    findings.push(
      finding(id, {
        subject: titleOf(object),
        seen: differences.map(differenceText).join("; "),
        commands: isImmutable
          ? [command.kubectl(...where, "delete", resource, object.name), create]
          : [
              command.kubectl(
                ...where,
                ...["patch", resource, object.name, "--type", "merge", "-p", JSON.stringify(mergePatchOf(differences))],
              ),
            ],
      }),
    );
  }
  const unchecked: Unchecked[] = [...unread].map((kind) => ({
    what: `whether objects of kind ${kind} are as the stack declares`,
    reason: cluster.observation.gaps.find((gap) => gap.kind === kind)?.reason ?? "",
  }));
  return { findings: [...findings, ...foreignRights(examined), ...foreignClasses(examined)], notYet, unchecked };
};

function keyOf({ kind, namespace, name }: Pick<ClusterObject, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace}/${name}`;
}

function indexOf({ cluster: { observation } }: Examined): ReadonlyMap<string, JsonObject> {
  return new Map(
    (Object.keys(COMPARED) as ObservedKind[]).flatMap((kind) =>
      observation.objects[kind].map((body): [string, JsonObject] => {
        const namespace = valueAt(body, "metadata", "namespace");
        return [keyOf({ kind, namespace: typeof namespace === "string" ? namespace : "", name: nameOf(body) }), body];
      }),
    ),
  );
}

/** The device classes that the driver's chart creates. */
function classesOfDriver({ declaration: { release } }: Examined): readonly ClusterObject[] {
  return draDriverClasses(release.draDriver).map(({ name, selectors }) => ({
    ...{ apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", name, namespace: "" },
    body: {
      apiVersion: "resource.k8s.io/v1",
      kind: "DeviceClass",
      metadata: { name },
      spec: { selectors: selectors.map((expression) => ({ cel: { expression } })) },
    },
    origin: { type: "manifest", file: "the DRA driver's chart", line: 1 },
  }));
}

/** Bindings in the namespaces of teams, and bindings to teams' groups and service accounts, that the stack does not declare. */
function foreignRights({ cluster: { observation }, declaration: { objects }, command }: Examined): readonly Finding[] {
  const teams = new Set(
    objects
      .filter(({ kind, body }) => kind === "Namespace" && valueAt(body, "metadata", "labels", TEAM_LABEL) !== undefined)
      .map(({ name }) => name),
  );
  const declared = new Set(objects.map(keyOf));
  const groups = new Set(
    objects
      .filter(({ kind }) => kind === "RoleBinding")
      .flatMap(({ body }) => listAt(body, "subjects"))
      .filter((subject) => valueAt(subject, "kind") === "Group")
      .map((subject) => valueAt(subject, "name")),
  );
  const isOfTeam = (subject: unknown) =>
    (valueAt(subject, "kind") === "ServiceAccount" && teams.has(String(valueAt(subject, "namespace")))) ||
    (valueAt(subject, "kind") === "Group" && groups.has(valueAt(subject, "name")));
  const describe = (kind: "RoleBinding" | "ClusterRoleBinding", body: JsonObject, namespace: string) => {
    const role = objectAt(body, "roleRef");
    const where = namespace === "" ? [] : ["-n", namespace];
    return finding("rights-foreign", {
      subject: titleOf({ kind, name: nameOf(body), namespace } as ClusterObject),
      seen: `it gives ${String(role["kind"])} ${String(role["name"])} to ${listAt(body, "subjects")
        .map((subject) => `${String(valueAt(subject, "kind"))} ${String(valueAt(subject, "name"))}`)
        .join(", ")}`,
      commands: [command.kubectl(...where, "delete", observedKind(kind).resource, nameOf(body))],
    });
  };
  return [
    ...observation.objects.RoleBinding.flatMap((body) => {
      const namespace = String(valueAt(body, "metadata", "namespace"));
      return teams.has(namespace) && !declared.has(keyOf({ kind: "RoleBinding", namespace, name: nameOf(body) }))
        ? [describe("RoleBinding", body, namespace)]
        : [];
    }),
    ...observation.objects.ClusterRoleBinding.filter(
      (body) =>
        listAt(body, "subjects").some(isOfTeam) && !declared.has(keyOf({ kind: "ClusterRoleBinding", namespace: "", name: nameOf(body) })),
    ).map((body) => describe("ClusterRoleBinding", body, "")),
  ];
}

/** Classes of nobody that match a published device of NVIDIA's driver. */
function foreignClasses({ cluster: { planned }, declaration: { objects }, command }: Examined): readonly Finding[] {
  const known = new Set([
    ...objects.filter(({ kind }) => kind === "DeviceClass").map(({ name }) => name),
    ...[...VENDOR_DEVICE_CLASSES, PASSTHROUGH_DEVICE_CLASS].map(({ name }) => name),
  ]);
  const foreign = planned.state.deviceClasses.filter(({ name }) => !known.has(name));
  if (foreign.length === 0) {
    return [];
  }
  const { kubernetes: rules } = planned.release;
  const inventory = new Inventory(planned.state.slices, rules.scheduler);
  return foreign.flatMap((deviceClass) => {
    const matcher = new Matcher(inventory, deviceClass, [], rules);
    const count = inventory.devices.filter(({ driver }, index) => driver === DRIVER && matcher.verdict(index).type === "match").length;
    return count === 0
      ? []
      : [
          finding("class-foreign", {
            subject: `DeviceClass ${deviceClass.name}`,
            seen: `it matches ${String(count)} devices, and the stack does not declare it`,
            commands: [command.kubectl("delete", "deviceclass", deviceClass.name)],
          }),
        ];
  });
}
